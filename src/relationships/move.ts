import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { checkCredentials } from '#src/auth/sign-in.ts'
import { AppError, isAppError } from '#src/base/errors.ts'
import { type Account, findAccount, getAccount, lockAccount, updateAccount } from '#src/db/accounts.ts'
import { type Follow, findFollow, listLocalFollowsOf } from '#src/db/follows.ts'
import { fillListsWith } from '#src/db/list-entries.ts'
import { carryMemberships } from '#src/db/lists.ts'
import { insertNotifications } from '#src/db/notifications.ts'
import type { Database, Id } from '#src/db/tables.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { carryRefusals } from './carry-refusals.ts'
import { followAccount, unfollowAccount } from './follow.ts'

/** Mastodon's: followers are not to be led around. */
const cooldownMs = 30 * 24 * 60 * 60_000
const batchSize = 50

export type MoveWish = {
  /** Of the new account, which must name the old one among its aliases. */
  handle: string
  password: string
  /** Where the wish comes from; empty when unknown. */
  address: string
}

/**
 * Moves a person of this server to another account: their followers are asked to follow that one instead.
 * @throws AppError invalid, with a code that says why; unauthenticated for a wrong password; tooMany
 */
export async function moveAway(app: App, accountId: Id, wish: MoveWish): Promise<void> {
  const account = await getAccount(app.db, accountId)
  const { password, address } = wish
  await checkCredentials(app, { login: account.username, password, address })
  const now = app.clock.now()
  if (nextMoveAt(account, now)) throw refusal('move_cooldown', 'Thirty days must pass between two moves')
  const targetId = await app.lookup.account(wish.handle, { fresh: true })
  const target = targetId === undefined ? undefined : await findAccount(app.db, targetId)
  if (!target || target.moved_to_uri !== null) throw refusal('move_target', 'There is no such account')
  if (target.id === account.id) throw refusal('move_self', 'An account cannot move to itself')
  if (!target.also_known_as.includes(account.uri))
    throw refusal('move_alias', 'The other account does not name this one as an alias')
  await app.db.transaction().execute(async (trx) => {
    await updateAccount(trx, accountId, {
      moved_to_id: target.id,
      moved_to_uri: target.uri,
      moved_at: now,
    })
    // In this order: a server that hears of the move looks at the profile for it.
    await enqueue(trx, 'deliverAccount', { accountId, activity: 'Update' }, { orderingKey: account.uri })
    await enqueue(trx, 'deliverMove', { accountId }, { orderingKey: account.uri })
    await enqueue(trx, 'moveFollowers', { fromId: accountId, toId: target.id })
  })
}

/** When someone may move again; undefined when now. */
export function nextMoveAt({ moved_at }: Account, now: Date): Date | undefined {
  const next = moved_at && new Date(moved_at.getTime() + cooldownMs)
  return next && next > now ? next : undefined
}

/** Opens an account again that moved away. The followers that went along do not come back by themselves. */
export async function cancelMove(app: App, accountId: Id): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const account = await lockAccount(trx, accountId)
    if (!account || account.moved_to_uri === null) return
    await updateAccount(trx, accountId, { moved_to_id: null, moved_to_uri: null })
    await enqueue(trx, 'deliverAccount', { accountId, activity: 'Update' }, { orderingKey: account.uri })
  })
}

function refusal(code: string, message: string): AppError {
  return new AppError('invalid', message, { code })
}

/** Has the local followers of one account follow another instead, a batch at a time, and mutes and blocks go along. */
export async function moveFollowers(
  app: App,
  { fromId, toId, afterFollowId }: JobPayload<'moveFollowers'>,
  job: RunningJob,
): Promise<void> {
  const target = await findAccount(app.db, toId)
  if (!target || target.deleted_at || target.suspended_at) return
  const follows = await listLocalFollowsOf(app.db, fromId, { afterId: afterFollowId, limit: batchSize })
  for (const follow of follows) await moveFollow(app, follow, toId)
  const last = follows.at(-1)
  if (follows.length < batchSize || !last) return carryRefusals(app, { fromId, toId })
  await app.db.transaction().execute(async (trx) => {
    await enqueue(trx, 'moveFollowers', { fromId, toId, afterFollowId: last.id })
    await job.complete(trx)
  })
}

async function moveFollow(app: App, follow: Follow, toId: Id): Promise<void> {
  const { follower_id: followerId, followee_id: fromId, show_boosts: showBoosts, notify } = follow
  try {
    const isFollowing = followerId === toId || (await findFollow(app.db, followerId, toId))
    if (!isFollowing) await followAccount(app, followerId, toId, { showBoosts, notify })
    await app.db.transaction().execute((trx) => carryLists(trx, { ownerId: followerId, fromId, toId }))
    await unfollowAccount(app, followerId, fromId)
    const news = { kind: 'move' as const, fromAccountId: fromId, noteId: null }
    await app.db.transaction().execute((trx) => insertNotifications(trx, [followerId], news))
  } catch (error) {
    // Whoever may not follow the new one, being blocked there for instance, stays with the old one.
    if (!isAppError(error)) throw error
  }
}

/** Whoever had the old account on a list has the new one on it. */
async function carryLists(
  trx: Transaction<Database>,
  memberships: { ownerId: Id; fromId: Id; toId: Id },
): Promise<void> {
  await carryMemberships(trx, memberships)
  await fillListsWith(trx, memberships.toId, memberships.ownerId)
}
