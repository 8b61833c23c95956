import { findAccountByUri } from '#src/db/accounts.ts'
import { findNoteRow, findNoteRowByUri, findVisibleNote, type Note } from '#src/db/notes.ts'
import { decideQuote, findQuotableNote } from '#src/db/quotes.ts'
import { lockUris } from '#src/db/remote-notes.ts'
import type { Id } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { setQuoteState } from '#src/notes/quote.ts'
import { quoteFrom, quoteRequestFrom } from '../convert/quote.ts'
import { as, type Node, nodesOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { storeRemoteNote } from '../remote/store-notes.ts'
import { isSameOrigin } from '../trust.ts'
import { isBy } from './create.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/**
 * Someone elsewhere asks whether a note of theirs may quote one of ours (FEP-044f). The author's policy answers, at
 * once; to who cannot even see the note nothing is answered.
 */
export async function onQuoteRequest(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { app } = remote
  const { uri, node, actor } = received
  const asked = quoteRequestFrom(node)
  if (!uri || !asked) return 'incomplete'
  if (!isSameOrigin(asked.quotingUri, actor.uri)) return 'not theirs'
  const quoted = await findAsked(remote, received, asked.quotedUri)
  if (!quoted) return 'nothing there'
  const quotingId = await storeQuoting(remote, received, asked)
  if (quotingId === undefined) return 'not theirs'
  return app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [asked.quotingUri])
    const quoting = await findNoteRow(trx, quotingId)
    if (!quoting || quoting.deleted_at) return 'gone'
    const mayQuote = await findQuotableNote(trx, quoted.id, actor.id)
    const authorization = await decideQuote(trx, {
      quotedNoteId: quoted.id,
      quotingUri: asked.quotingUri,
      quotingAccountId: actor.id,
      requestUri: uri,
      state: mayQuote ? 'accepted' : 'rejected',
    })
    const { id, state } = authorization
    const authorizationUri = state === 'accepted' ? app.uris.quoteAuthorization(id) : null
    await setQuoteState(trx, quoting, { id: quoted.id, state, authorizationUri, isLegacy: false })
    const answer = state === 'accepted' ? 'Accept' : 'Reject'
    await enqueue(trx, 'answerQuote', { authorizationId: id, answer }, { orderingKey: asked.quotingUri })
    return 'done'
  })
}

/** The local note that is asked about, where the actor may see it; what is not for everyone is nobody's to quote. */
async function findAsked({ app }: Remote, { actor }: ReceivedFrom, uri: string): Promise<Note | undefined> {
  const row = await findNoteRowByUri(app.db, uri)
  const note = row?.is_local ? await findVisibleNote(app.db, row.id, actor.id) : undefined
  return note && isForEveryone(note) && note.boost_of_id === null ? note : undefined
}

/** The note that quotes: it has to be the actor's, and to quote what is asked about. */
async function storeQuoting(
  remote: Remote,
  received: ReceivedFrom,
  { quotedUri, quotingUri }: { quotedUri: string; quotingUri: string },
): Promise<Id | undefined> {
  const { db } = remote.app
  const known = await findNoteRowByUri(db, quotingUri)
  if (known)
    return known.account_id === received.actor.id && known.quote_of_uri === quotedUri ? known.id : undefined
  const node = await readQuoting(remote, received, quotingUri)
  const isTheirs = node && isBy(node, received.actor.uri) && quoteFrom(node)?.uri === quotedUri
  if (!isTheirs) return undefined
  const author = await findAccountByUri(db, received.actor.uri)
  return author && storeRemoteNote(remote.app, node, author, { isAsked: true })
}

async function readQuoting(
  remote: Remote,
  { node, actor }: ReceivedFrom,
  uri: string,
): Promise<Node | undefined> {
  const [embedded] = nodesOf(node, as('instrument'))
  // Others embed the id and the author alone.
  if (embedded?.[as('content')] && isBy(embedded, actor.uri)) return embedded
  const fetched = await remote.fetch(uri, { fresh: true })
  return fetched.outcome === 'found' && fetched.uri === uri ? fetched.node : undefined
}
