import { findAccount } from '#src/db/accounts.ts'
import { findNoteRow, type Note } from '#src/db/notes.ts'
import { lockUris } from '#src/db/remote-notes.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { deliverChange, setQuoteState } from '#src/notes/quote.ts'
import { isQuoteAuthorization } from '../convert/quote.ts'
import { isSameOrigin } from '../trust.ts'
import { loadNote } from './notes.ts'
import { findQuoted } from './quotes.ts'
import type { Remote } from './remote.ts'

/**
 * Reads a quoted note and the proof that its author allows it, and has the quoting note say what came out.
 * @throws FetchFailed when their server does not answer now
 */
export async function verifyQuote(
  remote: Remote,
  { noteId, mayFetchNote }: JobPayload<'verifyQuote'>,
): Promise<void> {
  const { app } = remote
  const note = await findNoteRow(app.db, noteId)
  const uri = note?.quote_of_uri
  if (!note || note.deleted_at || !uri || app.uris.isLocal(uri)) return
  const author = await findAccount(app.db, note.account_id)
  const quotedId = mayFetchNote ? await loadNote(remote, uri, { isNews: false, depth: 1 }) : undefined
  const quoted = author && (await findQuoted(app.db, uri, author))
  if (!quoted || (quotedId !== undefined && quotedId !== quoted.id)) return
  const verdict = await judge(remote, note, quoted)
  await app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [note.uri])
    const current = await findNoteRow(trx, note.id)
    const isAsRead =
      current?.quote_of_uri === uri && current.quote_authorization_uri === note.quote_authorization_uri
    // Otherwise an Update came meanwhile, with a job of its own.
    if (!isAsRead) return
    const state = verdict === 'gone' ? (current.quote_state === 'accepted' ? 'revoked' : 'rejected') : verdict
    const changed = await setQuoteState(trx, current, {
      id: quoted.id,
      state: state ?? current.quote_state ?? 'pending',
    })
    if (changed?.is_local && changed.quote_state === 'accepted') await deliverChange(trx, app, changed)
  })
}

/** Undefined when there is nothing to go by. */
async function judge(remote: Remote, note: Note, quoted: Note): Promise<'accepted' | 'gone' | undefined> {
  if (quoted.account_id === note.account_id) return 'accepted'
  const proof = note.quote_authorization_uri
  const quotedAuthor = await findAccount(remote.app.db, quoted.account_id)
  if (proof === null || !quotedAuthor || !isSameOrigin(proof, quotedAuthor.uri)) return undefined
  const fetched = await remote.fetch(proof, { fresh: true })
  if (fetched.outcome !== 'found') return fetched.outcome === 'gone' ? 'gone' : undefined
  const expected = { quotingUri: note.uri, quotedUri: quoted.uri, authorUri: quotedAuthor.uri }
  return fetched.uri === proof && isQuoteAuthorization(fetched.node, expected) ? 'accepted' : undefined
}
