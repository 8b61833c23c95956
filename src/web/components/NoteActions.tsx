import { isForEveryone } from '#src/db/visibility.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Visit } from '../session.ts'
import { Hidden } from './Hidden.tsx'
import { Icon, type IconName } from './Icon.tsx'
import { notePath } from './Names.tsx'

type Props = { view: NoteView; visit: Visit; back?: string }

/** Reply, boost, like, bookmark: forms that work by themselves, and that a script sends without leaving the page. */
export const NoteActions = ({ view, visit, back }: Props) => {
  const { note, viewer } = view
  const { words } = visit
  const here = back ?? visit.here
  const mayBoost = isForEveryone(note)
  const replyHref = viewer ? `/compose?reply=${note.id}` : notePath(view.account, note.id)
  return (
    <fieldset class="actions" id={`actions-${note.id}`}>
      <legend class="sr-only">{words.note.actions}</legend>
      <a
        class="action reply"
        href={replyHref}
        data-key="r"
        aria-label={label(words.note.reply, words.note.replies(note.replies_count))}
      >
        <Icon name="reply" />
        <Count n={note.replies_count} visit={visit} />
      </a>
      <Toggle
        visit={visit}
        back={here}
        icon="boost"
        dataKey="B"
        action={`/notes/${note.id}/${viewer?.boosted ? 'unboost' : 'boost'}`}
        isOn={viewer?.boosted ?? false}
        label={label(
          viewer?.boosted ? words.note.boosted_ : words.note.boost,
          words.note.boosts(note.boosts_count),
        )}
        count={note.boosts_count}
        isDisabled={!viewer || !mayBoost}
      />
      {viewer?.may_quote && (
        <a
          class="action quote"
          href={`/compose?quote=${note.id}`}
          data-key="q"
          aria-label={label(words.quotes.quote, words.quotes.quotes(note.quotes_count))}
        >
          <Icon name="quote" />
          <Count n={note.quotes_count} visit={visit} />
        </a>
      )}
      <Toggle
        visit={visit}
        back={here}
        icon="like"
        dataKey="l"
        action={`/notes/${note.id}/${viewer?.liked ? 'unlike' : 'like'}`}
        isOn={viewer?.liked ?? false}
        label={label(viewer?.liked ? words.note.liked : words.note.like, words.note.likes(note.likes_count))}
        count={note.likes_count}
        isDisabled={!viewer}
      />
      {viewer && (
        <Toggle
          visit={visit}
          back={here}
          icon="bookmark"
          dataKey="d"
          action={`/notes/${note.id}/${viewer.bookmarked ? 'unbookmark' : 'bookmark'}`}
          isOn={viewer.bookmarked}
          label={viewer.bookmarked ? words.note.bookmarked : words.note.bookmark}
        />
      )}
      {viewer?.may_remix && (
        <a
          class="action remix"
          href={`/compose?remix=${note.id}`}
          data-key="m"
          aria-label={label(words.remixes.remix, words.remixes.remixes(note.remixes_count))}
        >
          <Icon name="brush" />
          <Count n={note.remixes_count} visit={visit} />
        </a>
      )}
    </fieldset>
  )
}

function label(verb: string, count: string): string {
  return `${verb}, ${count}`
}

type ToggleProps = {
  visit: Visit
  back: string
  icon: IconName
  dataKey: string
  action: string
  isOn: boolean
  label: string
  count?: number
  isDisabled?: boolean
}

const Toggle = ({ visit, back, icon, dataKey, action, isOn, label, count, isDisabled }: ToggleProps) => (
  <form method="post" action={action} data-piece>
    <Hidden visit={visit} back={back} />
    <button
      type="submit"
      class={`action ${icon}`}
      aria-pressed={isOn ? 'true' : 'false'}
      aria-label={label}
      data-key={dataKey}
      disabled={isDisabled}
    >
      <Icon name={icon} />
      {count !== undefined && <Count n={count} visit={visit} />}
    </button>
  </form>
)

const Count = ({ n, visit }: { n: number; visit: Visit }) => (
  <span class="action-count" aria-hidden="true">
    {n > 0 ? new Intl.NumberFormat(visit.language, { notation: 'compact' }).format(n) : ''}
  </span>
)
