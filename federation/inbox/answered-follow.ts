import type { App } from '#src/app.ts'
import { findAccountByUri } from '#src/db/accounts.ts'
import { type Follow, findFollow, findFollowByUri } from '#src/db/follows.ts'
import { as, hasType, onlyIdOf } from '../remote/linked-data.ts'
import type { ReceivedFrom } from './received.ts'

/**
 * The follow that an Accept or Reject is about: by its id, or by who follows where a peer embeds it without. Only
 * whoever is followed may answer.
 */
export async function findAnsweredFollow(
  app: App,
  { actor, objectUri, object }: ReceivedFrom,
): Promise<Follow | undefined> {
  const byUri = objectUri === undefined ? undefined : await findFollowByUri(app.db, objectUri)
  const follow = byUri ?? (object && hasType(object, as('Follow')) ? await byPair() : undefined)
  return follow?.followee_id === actor.id ? follow : undefined

  async function byPair(): Promise<Follow | undefined> {
    const followerUri = object && onlyIdOf(object, as('actor'))
    if (!followerUri || onlyIdOf(object, as('object')) !== actor.uri) return undefined
    const follower = await findAccountByUri(app.db, followerUri)
    return follower?.domain === null ? findFollow(app.db, follower.id, actor.id) : undefined
  }
}
