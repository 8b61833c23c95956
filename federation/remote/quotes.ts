import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import { findNoteRowByUri, findVisibleNote, type Note } from '#src/db/notes.ts'
import { findAuthorizationOf, listAwaitingQuoted } from '#src/db/quotes.ts'
import type { Database } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { QuoteDraft } from '#src/notes/draft.ts'
import { quoteOf, setQuote } from '#src/notes/quote.ts'
import type { IncomingQuote } from '../convert/quote.ts'
import { isSameOrigin } from '../trust.ts'

/** How many of the notes that quote one are looked at again when it comes. */
const maxAdopted = 20

/**
 * What a remote note quotes, as far as it is known here. Of a note of ours our own records say whether it may, of
 * another's a proof that is yet to be read; oneself may always be quoted. Whom an author cannot see, they cannot quote.
 */
export async function resolveQuote(
  trx: Transaction<Database>,
  app: App,
  incoming: { uri: string; quote: IncomingQuote | null },
  author: Account,
): Promise<QuoteDraft | null> {
  const { quote } = incoming
  if (!quote) return null
  const { uri, isLegacy } = quote
  const quoted = await findQuoted(trx, uri, author)
  const pending = { uri, id: quoted?.id ?? null, state: 'pending' as const, authorizationUri: null, isLegacy }
  if (app.uris.isLocal(uri)) {
    const pair = quoted && { quotedNoteId: quoted.id, quotingUri: incoming.uri }
    const authorization = pair && (await findAuthorizationOf(trx, pair))
    if (!authorization || authorization.quoting_account_id !== author.id) return pending
    const { id, state } = authorization
    return {
      ...pending,
      state,
      authorizationUri: state === 'accepted' ? app.uris.quoteAuthorization(id) : null,
    }
  }
  if (quoted?.account_id === author.id) return { ...pending, state: 'accepted' }
  const proof = quote.authorizationUri
  return { ...pending, authorizationUri: proof !== null && isSameOrigin(proof, uri) ? proof : null }
}

/** The quoted note, where the author of the quote may see it. */
export async function findQuoted(
  db: Kysely<Database>,
  uri: string,
  author: Account,
): Promise<Note | undefined> {
  const row = await findNoteRowByUri(db, uri)
  const quoted = row && (await findVisibleNote(db, row.id, author.id))
  return quoted?.boost_of_id === null ? quoted : undefined
}

/**
 * Has a job read what a note quotes, and the proof that it may.
 * @param mayFetchNote whether the quoted note is read too when it is unknown: not for what was itself read for another
 */
export async function followQuote(
  trx: Transaction<Database>,
  app: App,
  note: Note,
  { mayFetchNote }: { mayFetchNote: boolean },
): Promise<void> {
  const { quote_of_uri: uri, quote_of_id: id, quote_state: state, quote_authorization_uri: proof } = note
  if (uri === null || state !== 'pending' || app.uris.isLocal(uri)) return
  if (proof === null && id !== null) return
  // With the proof in it: one that comes while another is being read has a job of its own.
  const dedupeKey = `${note.id} ${uri} ${proof ?? ''}`
  await enqueue(trx, 'verifyQuote', { noteId: note.id, mayFetchNote }, { dedupeKey })
}

/** Has the quotes of notes that came before them looked at again. */
export async function adoptQuotes(trx: Transaction<Database>, notes: readonly Note[]): Promise<void> {
  if (notes.length === 0) return
  const uris = notes.map(({ uri }) => uri)
  for (const noteId of await listAwaitingQuoted(trx, uris, maxAdopted))
    await enqueue(trx, 'verifyQuote', { noteId, mayFetchNote: false }, { dedupeKey: `quote ${noteId}` })
}

/** What an Update says of a note's quote: most often that the proof is there now. True when something changed. */
export async function reviseQuote(
  trx: Transaction<Database>,
  app: App,
  note: Note,
  next: QuoteDraft | null,
): Promise<boolean> {
  const changed = await setQuote(trx, note.id, revisedQuote(quoteOf(note), next))
  if (changed) await followQuote(trx, app, changed, { mayFetchNote: true })
  return changed !== undefined
}

function revisedQuote(known: QuoteDraft | null, next: QuoteDraft | null): QuoteDraft | null {
  if (next?.state !== 'pending' || known?.uri !== next.uri) return next
  if (known.state === 'accepted' && next.authorizationUri === null) return { ...next, state: 'revoked' }
  if (next.authorizationUri === known.authorizationUri || next.authorizationUri === null) return known
  return next
}
