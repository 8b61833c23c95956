import type { Follow } from '#src/db/follows.ts'
import type { PersonalMarks } from '#src/db/personal-marks.ts'
import type { Refusals } from '#src/db/refusals.ts'
import type { Id } from '#src/db/tables.ts'

/**
 * How the viewer stands to another account: https://docs.joinmastodon.org/entities/Relationship/
 * @param follows between the two and others, in both directions
 */
export function toRelationship(
  viewerId: Id,
  between: Refusals,
  { follows, marks }: { follows: readonly Follow[]; marks: PersonalMarks | undefined },
) {
  const { account_id: accountId } = between
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
    blocking: between.blocking,
    blocked_by: between.blocked_by,
    muting: between.muting,
    muting_notifications: between.muting_notifications,
    muting_expires_at: between.muting_expires_at?.toISOString() ?? null,
    domain_blocking: between.domain_blocking,
    endorsed: marks?.endorsed ?? false,
    note: marks?.comment ?? '',
  }
}
