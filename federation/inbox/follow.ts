import { findAccountByUri } from '#src/db/accounts.ts'
import { findFollow, findFollowByUri, updateFollow } from '#src/db/follows.ts'
import { refusesFollower } from '#src/db/refusals.ts'
import { welcomeBridge } from '#src/relationships/bluesky.ts'
import { addFollow, enqueueAnswer, refuseFollow } from '#src/relationships/follow.ts'
import type { Remote } from '../remote/remote.ts'
import { applyOnce } from './apply.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** Someone elsewhere follows one of us. Who asks again under a new id never heard our answer: it is given again. */
export async function onFollow({ app }: Remote, { uri, objectUri, actor }: ReceivedFrom): Promise<Outcome> {
  const followee = objectUri === undefined ? undefined : await findAccountByUri(app.db, objectUri)
  if (!uri) return 'incomplete'
  if (followee?.domain !== null || followee.kind === 'Application') return 'nothing there'
  if (followee.deleted_at || followee.suspended_at) return 'gone'
  return applyOnce(app, { uri, byUri: actor.uri }, async (trx) => {
    if (await refusesFollower(trx, followee.id, actor.id)) {
      await refuseFollow(trx, { followerId: actor.id, followeeId: followee.id, uri })
      return 'blocked'
    }
    const added = await addFollow(trx, followee, { followerId: actor.id, uri })
    if (added?.state === 'accepted') await enqueueAnswer(trx, added, 'Accept')
    if (added) await welcomeBridge(app, trx, { bot: actor, account: followee, follow: added })
    if (added) return 'done'
    const known = await findFollow(trx, actor.id, followee.id)
    if (!known || known.uri === uri || (await findFollowByUri(trx, uri))) return 'known already'
    await updateFollow(trx, known.id, { uri })
    if (known.state === 'accepted') await enqueueAnswer(trx, { ...known, uri }, 'Accept')
    return 'done'
  })
}
