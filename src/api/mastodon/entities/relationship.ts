import type { Follow } from '#src/db/follows.ts'
import type { Id } from '#src/db/tables.ts'

/**
 * How the viewer stands to another account: https://docs.joinmastodon.org/entities/Relationship/
 * @param follows between the two and others, in both directions
 */
export function toRelationship(viewerId: Id, accountId: Id, follows: readonly Follow[]) {
  const own = follows.find((one) => one.follower_id === viewerId && one.followee_id === accountId)
  const theirs = follows.find((one) => one.follower_id === accountId && one.followee_id === viewerId)
  return {
    id: accountId,
    following: own?.state === 'accepted',
    showing_reblogs: own?.state === 'accepted' && own.show_boosts,
    notifying: own?.state === 'accepted' && own.notify,
    languages: null,
    followed_by: theirs?.state === 'accepted',
    requested: own?.state === 'pending',
    requested_by: theirs?.state === 'pending',
    blocking: false,
    blocked_by: false,
    muting: false,
    muting_notifications: false,
    domain_blocking: false,
    endorsed: false,
    note: '',
  }
}
