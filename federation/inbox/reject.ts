import { findNoteRow } from '#src/db/notes.ts'
import { deliverChange, setQuoteState } from '#src/notes/quote.ts'
import { removeFollow } from '#src/relationships/follow.ts'
import type { Remote } from '../remote/remote.ts'
import { findAnsweredFollow } from './answered-follow.ts'
import { findAnsweredQuote } from './answered-quote.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor will not be followed or quoted, or no longer: peers send it for what they accepted too. */
export async function onReject({ app }: Remote, received: ReceivedFrom): Promise<Outcome> {
  const quoting = await findAnsweredQuote(app, received)
  const follow = quoting ? undefined : await findAnsweredFollow(app, received)
  if (!quoting && !follow) return 'nothing there'
  return app.db.transaction().execute(async (trx): Promise<Outcome> => {
    if (follow) await removeFollow(trx, follow.follower_id, follow.followee_id)
    const note = quoting && (await findNoteRow(trx, quoting.id))
    if (!note || note.deleted_at) return 'done'
    const state = note.quote_state === 'accepted' ? 'revoked' : 'rejected'
    const changed = await setQuoteState(trx, note, { state, authorizationUri: null })
    // Who showed it, or the link that older software makes a quote of, must hear of it.
    if (changed) await deliverChange(trx, app, changed)
    return 'done'
  })
}
