import { removeFollow } from '#src/relationships/follow.ts'
import type { Remote } from '../remote.ts'
import { findAnsweredFollow } from './answered-follow.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** The actor will not be followed, or no longer: peers send it for accepted follows too. */
export async function onReject({ app }: Remote, received: ReceivedFrom): Promise<Outcome> {
  const follow = await findAnsweredFollow(app, received)
  if (!follow) return 'nothing there'
  await app.db.transaction().execute((trx) => removeFollow(trx, follow.follower_id, follow.followee_id))
  return 'done'
}
