import { quotedViewOf } from '#src/notes/quoted.ts'
import type { NoteView } from '#src/notes/view.ts'
import { filteringOf } from '../filtering.ts'
import type { Visit } from '../session.ts'
import { Avatar } from './Avatar.tsx'
import { EmojifiedHtml } from './Emojified.tsx'
import { Filtered } from './Filtered.tsx'
import { Hidden } from './Hidden.tsx'
import { Icon } from './Icon.tsx'
import { displayName, handleOf, notePath } from './Names.tsx'
import { Attachments } from './Picture.tsx'
import { Time } from './Time.tsx'

type Props = { view: NoteView; visit: Visit }

/** The note that one quotes, as a card in its card, or in words why it is not shown. */
export const QuoteBox = ({ view, visit }: Props) => {
  const { note, quote } = view
  const quoted = quotedViewOf(view)
  if (quoted) {
    return (
      <>
        <QuotedNote view={quoted} visit={visit} />
        <Withdrawal view={view} quoted={quoted} visit={visit} />
      </>
    )
  }
  // Older software asked nobody: its quote is the link in its text.
  if (!quote || note.quote_is_legacy) return null
  const { quotes } = visit.words
  const { consent, state } = quote
  const why =
    consent === 'accepted' ? (state === 'deleted' ? quotes.deleted : quotes.unavailable) : quotes[consent]
  return (
    <div class="quote-box absent">
      <p>
        <Icon name="quote" />
        <span>{why}</span>
      </p>
      {consent === 'pending' && (
        <a href={pageOf(view)} rel="nofollow noopener noreferrer">
          {quotes.open}
        </a>
      )}
    </div>
  )
}

/** Here where we have it, else where it is. */
function pageOf({ note, quote }: NoteView): string {
  return quote?.state === 'available' ? `/notes/${quote.view.note.id}` : (note.quote_of_uri ?? '')
}

export const QuotedNote = ({ view, visit }: Props) => {
  const { note, account, media } = view
  const path = notePath(account, note.id)
  const { hide, warn, blur } = filteringOf(view, visit)
  const filter = hide ?? warn ?? blur
  const isVeiled = note.summary !== '' || note.is_sensitive
  const said = (
    <>
      {note.content_html && (
        <div class="content" dir="auto" lang={note.language ?? undefined}>
          <EmojifiedHtml html={note.content_html} emojis={note.emojis} visit={visit} />
        </div>
      )}
      <Attachments media={media} visit={visit} href={path} isFirst={false} />
    </>
  )
  return (
    <section class="quote-box" aria-label={visit.words.quotes.quoted(displayName(account))}>
      <header>
        <Avatar account={account} visit={visit} size={28} />
        <a href={path}>
          <strong>
            <bdi>{displayName(account)}</bdi>
          </strong>{' '}
          <span class="handle">{handleOf(account)}</span> <Time at={note.published_at} visit={visit} />
        </a>
      </header>
      <Filtered title={filter} visit={visit}>
        {isVeiled ? (
          <details class="warned">
            <summary>
              <bdi>{note.summary || visit.words.note.sensitive}</bdi>
            </summary>
            {said}
          </details>
        ) : (
          said
        )}
      </Filtered>
    </section>
  )
}

/** For the author of the quoted note alone. */
const Withdrawal = ({ view, quoted, visit }: Props & { quoted: NoteView }) => {
  const viewerId = visit.viewer?.account.id
  if (quoted.account.id !== viewerId || view.account.id === viewerId) return null
  return (
    <form class="withdraw" method="post" action={`/notes/${quoted.note.id}/quotes/${view.note.id}/revoke`}>
      <Hidden visit={visit} />
      <button type="submit" class="button quiet small">
        {visit.words.quotes.withdraw}
      </button>
    </form>
  )
}
