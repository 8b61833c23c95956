import { findAccount } from '#src/db/accounts.ts'
import { personalInbox, quoteWitnesses } from '#src/db/audiences.ts'
import { findNoteRow, findNoteRowByUri } from '#src/db/notes.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { type QuoteAsked, toQuoteAnswer, toQuoteRequest, toQuoteRevocation } from '../convert/quote.ts'
import { publicAudience } from '../convert/vocabulary.ts'
import { buildNote } from '../serving/objects.ts'
import { findQuoteEnds } from '../serving/quote-authorizations.ts'
import { type Outgoing, ship } from './send.ts'

/** QuoteRequest, with the whole note, to the author of what it quotes. */
export async function requestQuote(
  outgoing: Outgoing,
  { noteId }: JobPayload<'requestQuote'>,
  job: RunningJob,
): Promise<void> {
  const { db } = outgoing.app
  const note = await findNoteRow(db, noteId)
  if (!note || note.deleted_at || note.quote_of_id === null || note.quote_state !== 'pending') return
  const quoted = await findNoteRow(db, note.quote_of_id)
  const quotedAuthor = quoted && (await findAccount(db, quoted.account_id))
  const [view] = await loadNoteViews(db, [note.id], note.account_id)
  if (!quotedAuthor || !view) return
  const asked = {
    uri: outgoing.server.uris.quoteRequest(note.account_id, note.id),
    quotingUri: note.uri,
    quotedUri: quoted.uri,
    actor: view.account.uri,
  }
  const instrument = await buildNote(outgoing, view)
  await ship(outgoing, job, {
    activity: toQuoteRequest(asked, { instrument, to: quotedAuthor.uri }),
    senderId: note.account_id,
    targets: personalInbox(quotedAuthor.id),
    orderingKey: note.uri,
  })
}

/** Accept, with the address of the proof, or Reject, to who asked. */
export async function answerQuote(
  outgoing: Outgoing,
  { authorizationId, answer }: JobPayload<'answerQuote'>,
  job: RunningJob,
): Promise<void> {
  const ends = await findQuoteEnds(outgoing, authorizationId)
  if (!ends) return
  const { authorization, quoted, author, quoter } = ends
  const asked: QuoteAsked = {
    uri: authorization.request_uri ?? authorization.quoting_uri,
    quotingUri: authorization.quoting_uri,
    quotedUri: quoted.uri,
    actor: quoter.uri,
  }
  const { uris } = outgoing.server
  const id = (answer === 'Accept' ? uris.accept : uris.reject)(author.id, `quote-${authorization.id}`)
  const result = answer === 'Accept' ? uris.quoteAuthorization(authorization.id) : undefined
  await ship(outgoing, job, {
    activity: toQuoteAnswer({ id, actor: author.uri, result }, asked),
    senderId: author.id,
    targets: personalInbox(quoter.id),
    orderingKey: authorization.quoting_uri,
  })
}

/** Delete of a proof, to who quoted with it, and to all who may have seen either note. */
export async function deliverQuoteRevocation(
  outgoing: Outgoing,
  { authorizationId }: JobPayload<'deliverQuoteRevocation'>,
  job: RunningJob,
): Promise<void> {
  const ends = await findQuoteEnds(outgoing, authorizationId)
  if (!ends) return
  const { authorization, quoted, author, quoter } = ends
  const uri = outgoing.server.uris.quoteAuthorization(authorization.id)
  const quoting = await findNoteRowByUri(outgoing.app.db, authorization.quoting_uri)
  await ship(outgoing, job, {
    activity: toQuoteRevocation(uri, { actor: author.uri, to: [publicAudience, quoter.uri] }),
    senderId: author.id,
    targets: quoteWitnesses({ quoted, quoterId: quoter.id, quotingId: quoting?.id ?? null }),
    orderingKey: authorization.quoting_uri,
  })
}
