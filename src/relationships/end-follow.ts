import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { type Account, findAccount, getAccount } from '#src/db/accounts.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { enqueueAnswer, removeFollow } from './follow.ts'

type Ending = {
  follower: Account
  followee: Account
  /** Who ends it. What another server's people do, their server says itself. */
  by: Account
}

/**
 * Ends a follow, or a wish to, from either side, and tells the other's server: Undo of one's own, Reject of the
 * other's. Answers whether there was one.
 */
export async function endFollow(
  trx: Transaction<Database>,
  { follower, followee, by }: Ending,
): Promise<boolean> {
  const follow = await removeFollow(trx, follower.id, followee.id)
  if (!follow) return false
  const other = by.id === follower.id ? followee : follower
  if (by.domain !== null || other.domain === null) return true
  if (by.id === followee.id) await enqueueAnswer(trx, follow, 'Reject')
  else {
    const payload = {
      followerId: follower.id,
      followeeId: followee.id,
      followUri: follow.uri,
      isUndo: true,
    }
    await enqueue(trx, 'deliverFollow', payload, { orderingKey: follow.uri })
  }
  return true
}

/**
 * Has someone follow no longer, without a word to them. Removing who does not follow changes nothing.
 * @throws AppError notFound
 */
export async function removeFollower(app: App, accountId: Id, followerId: Id): Promise<void> {
  const [account, follower] = await Promise.all([
    getAccount(app.db, accountId),
    getAccount(app.db, followerId),
  ])
  await app.db
    .transaction()
    .execute((trx) => endFollow(trx, { follower, followee: account, by: account }).then(() => undefined))
}

/** Ends whatever two follow of each other, in the name of the first. */
export async function endFollowsBetween(
  trx: Transaction<Database>,
  accountId: Id,
  otherId: Id,
): Promise<void> {
  const [account, other] = await Promise.all([findAccount(trx, accountId), findAccount(trx, otherId)])
  if (!account || !other) return
  await endFollow(trx, { follower: account, followee: other, by: account })
  await endFollow(trx, { follower: other, followee: account, by: account })
}
