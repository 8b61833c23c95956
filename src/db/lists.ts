import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import type { Account } from './accounts.ts'
import { anyOf } from './ids.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import type { ListsTable, RepliesPolicy } from './tables-lists.ts'

export type List = Selectable<ListsTable>

/** In the order in which they were made. */
export function listLists(db: Kysely<Database>, ownerId: Id): Promise<List[]> {
  return db.selectFrom('lists').selectAll().where('account_id', '=', ownerId).orderBy('id').execute()
}

/** Those of one person's lists that someone is on. */
export function listListsWith(db: Kysely<Database>, ownerId: Id, memberId: Id): Promise<List[]> {
  return db
    .selectFrom('lists')
    .selectAll()
    .where('account_id', '=', ownerId)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('list_accounts')
          .select('list_accounts.list_id')
          .whereRef('list_accounts.list_id', '=', 'lists.id')
          .where('list_accounts.account_id', '=', memberId),
      ),
    )
    .orderBy('id')
    .execute()
}

export async function ownsList(db: Kysely<Database>, ownerId: Id, listId: Id): Promise<boolean> {
  const row = await db
    .selectFrom('lists')
    .select('id')
    .where('id', '=', listId)
    .where('account_id', '=', ownerId)
    .executeTakeFirst()
  return row !== undefined
}

/** @throws AppError notFound, for somebody else's too */
export async function getList(db: Kysely<Database>, ownerId: Id, listId: Id): Promise<List> {
  const list = await selectList(db, ownerId, listId).executeTakeFirst()
  if (!list) throw notFound()
  return list
}

/** As `getList`, and nobody else changes it or who is on it before `trx` ends. @throws AppError notFound */
export async function lockList(trx: Transaction<Database>, ownerId: Id, listId: Id): Promise<List> {
  const list = await selectList(trx, ownerId, listId).forNoKeyUpdate().executeTakeFirst()
  if (!list) throw notFound()
  return list
}

const selectList = (db: Kysely<Database>, ownerId: Id, listId: Id) =>
  db.selectFrom('lists').selectAll().where('id', '=', listId).where('account_id', '=', ownerId)

export async function countLists(db: Kysely<Database>, ownerId: Id): Promise<number> {
  const row = await db
    .selectFrom('lists')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('account_id', '=', ownerId)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

export type ListWishes = { title: string; replies_policy: RepliesPolicy; is_exclusive: boolean }

export function insertList(trx: Transaction<Database>, ownerId: Id, wishes: ListWishes): Promise<List> {
  return trx
    .insertInto('lists')
    .values({ account_id: ownerId, ...wishes })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function updateList(
  trx: Transaction<Database>,
  listId: Id,
  wishes: Partial<ListWishes>,
): Promise<List> {
  return trx
    .updateTable('lists')
    .set(wishes)
    .where('id', '=', listId)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** With its members and its feed. */
export async function deleteList(trx: Transaction<Database>, listId: Id): Promise<void> {
  await trx.deleteFrom('lists').where('id', '=', listId).execute()
}

/** By their ids, which are the cursors. Without `page` all there are. */
export function listMembers(db: Kysely<Database>, listId: Id, page: Page | undefined): Promise<Account[]> {
  const query = db
    .selectFrom('list_accounts')
    .innerJoin('accounts', 'accounts.id', 'list_accounts.account_id')
    .selectAll('accounts')
    .where('list_accounts.list_id', '=', listId)
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
  return page
    ? pageByKey(query, 'list_accounts.account_id', page)
    : query.orderBy('list_accounts.account_id', 'desc').execute()
}

/** Which of these people can be on a list of someone: whom they follow, or asked to, and themselves. */
export async function listListable(db: Kysely<Database>, ownerId: Id, ids: Id[]): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`
    select accounts.id from accounts
    where accounts.id = any(${ids}::bigint[])
      and (accounts.id = ${ownerId} or exists (
        select from follows where follows.follower_id = ${ownerId} and follows.followee_id = accounts.id))
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** Answers who was not on it before. Leaves out who is not followed. */
export async function insertMembers(trx: Transaction<Database>, list: List, ids: Id[]): Promise<Id[]> {
  const { rows } = await sql<{ account_id: Id }>`
    insert into list_accounts (list_id, account_id, follow_id)
    select ${list.id}::bigint, accounts.id, follows.id
    from accounts
    left join follows on follows.follower_id = ${list.account_id} and follows.followee_id = accounts.id
    where accounts.id = any(${ids}::bigint[])
      and (follows.id is not null or accounts.id = ${list.account_id})
    on conflict do nothing
    returning account_id
  `.execute(trx)
  return rows.map(({ account_id }) => account_id)
}

export async function deleteMembers(trx: Transaction<Database>, listId: Id, ids: Id[]): Promise<void> {
  await trx
    .deleteFrom('list_accounts')
    .where('list_id', '=', listId)
    .where('account_id', '=', anyOf(ids))
    .execute()
}

/** When someone moved: on whichever list of a follower the old account is, the new one, which they follow too, is. */
export async function carryMemberships(
  trx: Transaction<Database>,
  { ownerId, fromId, toId }: { ownerId: Id; fromId: Id; toId: Id },
): Promise<void> {
  await sql`
    insert into list_accounts (list_id, account_id, follow_id)
    select lists.id, follows.followee_id, follows.id
    from lists
    join list_accounts as old on old.list_id = lists.id and old.account_id = ${fromId}
    join follows on follows.follower_id = lists.account_id and follows.followee_id = ${toId}
    where lists.account_id = ${ownerId}
    on conflict do nothing
  `.execute(trx)
}
