import { findNoteRow, type Note } from '#src/db/notes.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { setQuoteState } from '#src/notes/quote.ts'
import { confirmFollow } from '#src/relationships/follow.ts'
import { as, onlyIdOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { isSameOrigin } from '../trust.ts'
import { findAnsweredFollow } from './answered-follow.ts'
import { findAnsweredQuote } from './answered-quote.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** One of us may follow the actor now, or quote them. */
export async function onAccept(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { app } = remote
  const quoting = await findAnsweredQuote(app, received)
  if (quoting) return acceptQuote(remote, received, quoting)
  const follow = await findAnsweredFollow(app, received)
  if (!follow) return 'nothing there'
  await app.db.transaction().execute((trx) => confirmFollow(trx, follow.follower_id, follow.followee_id))
  return 'done'
}

/** The proof it names is kept, and read by a job before anything is shown. */
async function acceptQuote({ app }: Remote, { node, actor }: ReceivedFrom, { id }: Note): Promise<Outcome> {
  const proof = onlyIdOf(node, as('result'))
  if (proof === undefined) return 'incomplete'
  if (!isSameOrigin(proof, actor.uri)) return 'not theirs'
  return app.db.transaction().execute(async (trx) => {
    const note = await findNoteRow(trx, id)
    if (!note || note.deleted_at) return 'gone'
    if (note.quote_state === 'accepted') return 'known already'
    await setQuoteState(trx, note, { state: 'pending', authorizationUri: proof })
    await enqueue(trx, 'verifyQuote', { noteId: id, mayFetchNote: false }, { dedupeKey: `${id} ${proof}` })
    return 'done'
  })
}
