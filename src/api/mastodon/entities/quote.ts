import type { QuotePolicy } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { quotedViewOf } from '#src/notes/quoted.ts'
import type { NoteView } from '#src/notes/view.ts'
import type { StatusEntity } from './status.ts'

type QuoteEntityState = 'pending' | 'accepted' | 'rejected' | 'revoked' | 'deleted' | 'unauthorized'

/** https://docs.joinmastodon.org/entities/Quote/, or ShallowQuote where a quoted note itself quotes. */
export type QuoteEntity = {
  state: QuoteEntityState
  quoted_status?: StatusEntity | null
  quoted_status_id?: string | null
}

/**
 * What a note quotes and whether its author allows it; null too for a quote of older software, which nobody was asked
 * about, and which stays the link that it is.
 */
export function toQuote(view: NoteView, present: (quoted: NoteView) => StatusEntity): QuoteEntity | null {
  const { note, quote } = view
  if (note.quote_state === null || (note.quote_is_legacy && note.quote_state !== 'accepted')) return null
  if (!quote) {
    const isAccepted = note.quote_state === 'accepted'
    return { state: note.quote_state, quoted_status_id: isAccepted ? note.quote_of_id : null }
  }
  const quoted = quotedViewOf(view)
  if (quoted) return { state: 'accepted', quoted_status: present(quoted) }
  if (quote.consent !== 'accepted') return { state: quote.consent, quoted_status: null }
  return { state: quote.state === 'deleted' ? 'deleted' : 'unauthorized', quoted_status: null }
}

const automatic = { public: ['public'], followers: ['followers'], nobody: [] } as const satisfies Record<
  QuotePolicy,
  readonly string[]
>

/** https://docs.joinmastodon.org/entities/QuoteApproval/. A note of another server is always asked about there. */
export function toQuoteApproval({ note, viewer }: NoteView) {
  const allowed = note.is_local ? 'automatic' : 'manual'
  return {
    automatic: [...automatic[isForEveryone(note) ? note.quote_policy : 'nobody']],
    manual: [],
    current_user: viewer?.may_quote ? allowed : 'denied',
  }
}

/** Undefined for what is none of Mastodon's policies. */
export function fromQuotePolicy(name: string): QuotePolicy | undefined {
  return name === 'public' || name === 'followers' || name === 'nobody' ? name : undefined
}
