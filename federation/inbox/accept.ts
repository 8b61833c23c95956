import { confirmFollow } from '#src/relationships/follow.ts'
import type { Remote } from '../remote.ts'
import { findAnsweredFollow } from './answered-follow.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** One of us may follow the actor now. */
export async function onAccept({ app }: Remote, received: ReceivedFrom): Promise<Outcome> {
  const follow = await findAnsweredFollow(app, received)
  if (!follow) return 'nothing there'
  await app.db.transaction().execute((trx) => confirmFollow(trx, follow.follower_id, follow.followee_id))
  return 'done'
}
