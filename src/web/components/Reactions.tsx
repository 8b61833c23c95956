import type { ReactionCount } from '#src/db/reactions.ts'
import type { CustomEmoji } from '#src/db/tables.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { Visit } from '../session.ts'
import { urlOfEmoji } from './Emojified.tsx'
import { Hidden } from './Hidden.tsx'
import { Icon } from './Icon.tsx'

const common = ['👍', '❤️', '😂', '😮', '😢', '🔥', '🎉', '👏', '🙏', '🤔', '👀', '🎨']

type Props = {
  view: NoteView
  visit: Visit
  /** This server's own, to choose from. */
  emojis: CustomEmoji[]
  /** The page it stands on, where that is not the one asked for. */
  back?: string
}

/** What people gave a note, each a button that gives or takes back one's own, and more to choose from. */
export const Reactions = ({ view, visit, emojis, back }: Props) => {
  const { reactions, note } = view
  const words = visit.words.reactions
  if (reactions.length === 0 && !visit.viewer) return null
  const place = { noteId: note.id, visit, back: back ?? `${visit.here}#reactions-${note.id}` }
  return (
    <section class="reactions" aria-label={words.label} id={`reactions-${note.id}`} tabindex={-1}>
      {reactions.map((reaction) => (
        <Given reaction={reaction} {...place} />
      ))}
      {visit.viewer && <Picker emojis={emojis} {...place} />}
    </section>
  )
}

type Place = { noteId: string; visit: Visit; back: string }

const Given = ({ reaction, noteId, visit, back }: Place & { reaction: ReactionCount }) => {
  const { name, count, is_own, emoji_url } = reaction
  const label = visit.words.reactions.given(emoji_url === null ? name : `:${name}:`, count)
  return (
    <form method="post" action={`/notes/${noteId}/reactions`} data-piece>
      <Hidden visit={visit} back={back} />
      <input type="hidden" name="name" value={name} />
      <button
        type="submit"
        name="intent"
        value={is_own ? 'take' : 'give'}
        class="reaction"
        aria-pressed={is_own ? 'true' : 'false'}
        aria-label={label}
        title={label}
        data-key={name}
        disabled={!visit.viewer}
      >
        <Drawn name={name} url={emoji_url} visit={visit} />
        <span aria-hidden="true">
          {new Intl.NumberFormat(visit.language, { notation: 'compact' }).format(count)}
        </span>
      </button>
    </form>
  )
}

const Picker = ({ noteId, visit, back, emojis }: Place & { emojis: CustomEmoji[] }) => {
  const words = visit.words.reactions
  const choices = [
    ...common.map((name) => ({ name, url: null })),
    ...emojis.map(({ shortcode, url }) => ({ name: shortcode, url })),
  ]
  return (
    <details class="picker">
      <summary class="reaction" aria-label={words.add} title={words.add}>
        <Icon name="smile" />
      </summary>
      <form method="post" action={`/notes/${noteId}/reactions`} aria-label={words.choose} data-piece>
        <Hidden visit={visit} back={back} />
        <input type="hidden" name="intent" value="give" />
        {choices.map(({ name, url }) => (
          <button
            type="submit"
            name="name"
            value={name}
            class="reaction"
            aria-label={words.give(name)}
            data-key={name}
          >
            <Drawn name={name} url={url} visit={visit} />
          </button>
        ))}
      </form>
    </details>
  )
}

const Drawn = ({ name, url, visit }: { name: string; url: string | null; visit: Visit }) =>
  url === null ? (
    <span aria-hidden="true">{name}</span>
  ) : (
    <img class="emoji" src={urlOfEmoji(visit)(url)} alt="" loading="lazy" />
  )
