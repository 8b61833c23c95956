import { shownHtmlOf } from '#src/notes/quoted.ts'
import type { NoteView } from '#src/notes/view.ts'
import { filteringOf } from '../filtering.ts'
import type { Visit } from '../session.ts'
import { Avatar } from './Avatar.tsx'
import { BlueskyMark } from './Bluesky.tsx'
import { EmojifiedHtml, EmojifiedText } from './Emojified.tsx'
import { Blurred, Filtered } from './Filtered.tsx'
import { Icon } from './Icon.tsx'
import { displayName, handleOf, notePath, profilePath } from './Names.tsx'
import { NoteActions } from './NoteActions.tsx'
import { NoteMenu } from './NoteMenu.tsx'
import { Attachments } from './Picture.tsx'
import { Poll } from './Poll.tsx'
import { PreviewCard } from './PreviewCard.tsx'
import { Provenance } from './Provenance.tsx'
import { QuoteBox } from './QuoteBox.tsx'
import { RemixLine } from './Remix.tsx'
import { Time } from './Time.tsx'

type Props = {
  view: NoteView
  visit: Visit
  /** The note its page is about: larger, with its full date and its original's address. */
  isMain?: boolean
  isFirst?: boolean
  position?: { index: number; size: number } | undefined
}

/** One note as its reader wants it; a boost is shown as what it boosts, and nothing of what they leave out. */
export const NoteCard = ({ view, visit, isMain, isFirst, position }: Props) => {
  const shown = view.boostOf ?? view
  const { note, account } = shown
  const { hide, warn, blur } = filteringOf(view, visit)
  if (hide !== undefined && !isMain) return null
  const path = notePath(account, note.id)
  return (
    <article
      class={isMain ? 'note main' : 'note'}
      id={`note-${view.note.id}`}
      tabindex={0}
      data-href={path}
      aria-labelledby={`author-${view.note.id}`}
      aria-posinset={position?.index}
      aria-setsize={position?.size}
      lang={note.language ?? undefined}
    >
      <Filtered title={hide ?? warn} visit={visit}>
        {view.boostOf && <BoostLine view={view} visit={visit} />}
        <NoteHeader view={shown} visit={visit} labelId={`author-${view.note.id}`} isMain={isMain ?? false} />
        {note.in_reply_to_uri && <ReplyLine view={shown} visit={visit} />}
        <RemixLine view={shown} visit={visit} />
        <Warned view={shown} visit={visit}>
          <Shown view={shown} visit={visit} isMain={isMain ?? false} isFirst={isFirst ?? false} blur={blur} />
        </Warned>
        <footer>
          <NoteActions view={shown} visit={visit} />
          <Provenance view={shown} visit={visit} />
          <NoteMenu view={shown} visit={visit} isMain={isMain ?? false} />
        </footer>
      </Filtered>
    </article>
  )
}

const BoostLine = ({ view, visit }: { view: NoteView; visit: Visit }) => (
  <p class="context">
    <Icon name="boost" />
    <a href={profilePath(view.account)}>
      <bdi>{visit.words.note.boosted(displayName(view.account))}</bdi>
    </a>
  </p>
)

type HeaderProps = { view: NoteView; visit: Visit; labelId: string; isMain: boolean }

const NoteHeader = ({ view, visit, labelId, isMain }: HeaderProps) => {
  const { note, account } = view
  const { words } = visit
  return (
    <header>
      <Avatar account={account} visit={visit} size={44} />
      <div class="author" id={labelId}>
        <a href={profilePath(account)}>
          <strong>
            <bdi>
              <EmojifiedText text={displayName(account)} emojis={account.emojis} visit={visit} />
            </bdi>
          </strong>{' '}
          <span class="handle">{handleOf(account)}</span>
        </a>
        <BlueskyMark account={account} visit={visit} />
      </div>
      <p class="when">
        <a href={notePath(account, note.id)}>
          <Time at={note.published_at} visit={visit} isAbsolute={isMain} />
        </a>
        {note.edited_at && <span> · {words.note.edited}</span>}
        {note.visibility !== 'public' && (
          <span class="visibility" title={words.note.visibility[note.visibility]}>
            <Icon name={note.visibility} />
            <span class="sr-only">{words.note.visibility[note.visibility]}</span>
          </span>
        )}
      </p>
    </header>
  )
}

const ReplyLine = ({ view, visit }: { view: NoteView; visit: Visit }) => {
  const { note, mentions } = view
  const { words } = visit
  const parent = mentions.find((mention) => mention.id === note.in_reply_to_account_id)
  const text = parent ? words.note.replyTo(parent.name || parent.username) : words.note.replyToUnknown
  const href = note.in_reply_to_id ? `/notes/${note.in_reply_to_id}` : undefined
  if (!parent && note.in_reply_to_account_id === note.account_id) return null
  return (
    <p class="context">
      <Icon name="reply" />
      {href ? (
        <a href={href}>
          <bdi>{text}</bdi>
        </a>
      ) : (
        <bdi>{text}</bdi>
      )}
    </p>
  )
}

/** What stands behind a warning is opened by the reader. */
const Warned = ({ view, visit, children }: { view: NoteView; visit: Visit; children: unknown }) => {
  const { summary } = view.note
  if (!summary) return <>{children}</>
  return (
    <details class="warned">
      <summary>
        <bdi>
          <EmojifiedText text={summary} emojis={view.note.emojis} visit={visit} />
        </bdi>
      </summary>
      {children}
    </details>
  )
}

type ShownProps = {
  view: NoteView
  visit: Visit
  isMain: boolean
  isFirst: boolean
  /** The title of the filter that blurs its pictures. */
  blur: string | undefined
}

const Shown = ({ view, visit, isMain, isFirst, blur }: ShownProps) => {
  const { note, account, media } = view
  const href = isMain ? undefined : notePath(account, note.id)
  const attachments = (
    <Blurred title={blur} media={media} visit={visit}>
      <Attachments media={media} visit={visit} href={href} isFirst={isFirst} />
    </Blurred>
  )
  // Those who warned of the whole have warned of the picture too.
  const isVeiled = note.is_sensitive && !note.summary && media.length > 0
  return (
    <>
      {isVeiled ? (
        <details class="warned">
          <summary>{visit.words.note.sensitive}</summary>
          {attachments}
        </details>
      ) : (
        attachments
      )}
      {/* The only HTML that is not ours: it was sanitised when it came in. */}
      {note.content_html && (
        <div class="content" dir="auto">
          <EmojifiedHtml html={shownHtmlOf(view)} emojis={note.emojis} visit={visit} />
        </div>
      )}
      <Poll view={view} visit={visit} />
      <QuoteBox view={view} visit={visit} />
      {view.card && <PreviewCard card={view.card} visit={visit} />}
    </>
  )
}
