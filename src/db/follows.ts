import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import { type Account, addToAccountCounter } from './accounts.ts'
import type { Page } from './paging.ts'
import { pageByKey } from './paging.ts'
import type { Database, FollowsTable, Id } from './tables.ts'

export type Follow = Selectable<FollowsTable>

/** Undefined when the one follows the other already, or asked to. */
export async function insertFollow(
  trx: Transaction<Database>,
  values: Insertable<FollowsTable>,
): Promise<Follow | undefined> {
  const follow = await trx
    .insertInto('follows')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (follow?.state === 'accepted') await count(trx, follow, 1)
  return follow
}

/** Undefined when there is nothing to accept. */
export async function acceptFollow(
  trx: Transaction<Database>,
  followerId: Id,
  followeeId: Id,
): Promise<Follow | undefined> {
  const follow = await trx
    .updateTable('follows')
    .set({ state: 'accepted' })
    .where('follower_id', '=', followerId)
    .where('followee_id', '=', followeeId)
    .where('state', '=', 'pending')
    .returningAll()
    .executeTakeFirst()
  if (follow) await count(trx, follow, 1)
  return follow
}

/** Undefined when there was nothing to end. */
export async function deleteFollow(
  trx: Transaction<Database>,
  followerId: Id,
  followeeId: Id,
): Promise<Follow | undefined> {
  const follow = await trx
    .deleteFrom('follows')
    .where('follower_id', '=', followerId)
    .where('followee_id', '=', followeeId)
    .returningAll()
    .executeTakeFirst()
  if (follow?.state === 'accepted') await count(trx, follow, -1)
  return follow
}

// Always the lower id first: two people following each other at once must not wait in a circle.
async function count(trx: Transaction<Database>, follow: Follow, amount: 1 | -1): Promise<void> {
  const steps = [
    { id: follow.follower_id, counter: 'following_count' as const },
    { id: follow.followee_id, counter: 'followers_count' as const },
  ].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
  for (const step of steps) await addToAccountCounter(trx, step.id, step.counter, amount)
}

export async function updateFollow(
  trx: Transaction<Database>,
  id: Id,
  changes: { show_boosts?: boolean; notify?: boolean; uri?: string },
): Promise<void> {
  await trx.updateTable('follows').set(changes).where('id', '=', id).execute()
}

export function findFollow(
  db: Kysely<Database>,
  followerId: Id,
  followeeId: Id,
): Promise<Follow | undefined> {
  return db
    .selectFrom('follows')
    .selectAll()
    .where('follower_id', '=', followerId)
    .where('followee_id', '=', followeeId)
    .executeTakeFirst()
}

export function findFollowByUri(db: Kysely<Database>, uri: string): Promise<Follow | undefined> {
  return db.selectFrom('follows').selectAll().where('uri', '=', uri).executeTakeFirst()
}

/** Who here follows someone, by the age of the follow. */
export function listLocalFollowsOf(
  db: Kysely<Database>,
  followeeId: Id,
  { afterId, limit }: { afterId: Id; limit: number },
): Promise<Follow[]> {
  return db
    .selectFrom('follows')
    .innerJoin('users', 'users.account_id', 'follows.follower_id')
    .selectAll('follows')
    .where('follows.followee_id', '=', followeeId)
    .where('follows.state', '=', 'accepted')
    .where('follows.id', '>', afterId)
    .orderBy('follows.id')
    .limit(limit)
    .execute()
}

/** Both directions between one person and several others, in one query. */
export function listFollowsBetween(db: Kysely<Database>, accountId: Id, otherIds: Id[]): Promise<Follow[]> {
  if (otherIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('follows')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb.and([eb('follower_id', '=', accountId), eb('followee_id', 'in', otherIds)]),
        eb.and([eb('followee_id', '=', accountId), eb('follower_id', 'in', otherIds)]),
      ]),
    )
    .execute()
}

type FollowedAccount = Account & { follow_id: Id }

/** Newest first; `follow_id` is the cursor. */
export function listFollowers(db: Kysely<Database>, accountId: Id, page: Page): Promise<FollowedAccount[]> {
  return listAcrossFollows(db, accountId, page, { from: 'followee_id', to: 'follower_id', state: 'accepted' })
}

export function listFollowing(db: Kysely<Database>, accountId: Id, page: Page): Promise<FollowedAccount[]> {
  return listAcrossFollows(db, accountId, page, { from: 'follower_id', to: 'followee_id', state: 'accepted' })
}

export function listFollowRequests(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
): Promise<FollowedAccount[]> {
  return listAcrossFollows(db, accountId, page, { from: 'followee_id', to: 'follower_id', state: 'pending' })
}

export async function countFollowRequests(db: Kysely<Database>, accountId: Id): Promise<number> {
  const row = await db
    .selectFrom('follows')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('followee_id', '=', accountId)
    .where('state', '=', 'pending')
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

function listAcrossFollows(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
  side: { from: 'follower_id' | 'followee_id'; to: 'follower_id' | 'followee_id'; state: Follow['state'] },
): Promise<FollowedAccount[]> {
  const query = db
    .selectFrom('follows')
    .innerJoin('accounts', 'accounts.id', `follows.${side.to}`)
    .selectAll('accounts')
    .select('follows.id as follow_id')
    .where(`follows.${side.from}`, '=', accountId)
    .where('follows.state', '=', side.state)
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
  return pageByKey(query, 'follows.id', page)
}
