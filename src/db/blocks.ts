import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import type { BlocksTable } from './tables-relations.ts'

export type Block = Selectable<BlocksTable>

/** Undefined when the one blocks the other already. */
export function insertBlock(
  trx: Transaction<Database>,
  values: Insertable<BlocksTable>,
): Promise<Block | undefined> {
  return trx
    .insertInto('blocks')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
}

/** Undefined when there was none. */
export function deleteBlock(
  trx: Transaction<Database>,
  accountId: Id,
  targetId: Id,
): Promise<Block | undefined> {
  return trx
    .deleteFrom('blocks')
    .where('account_id', '=', accountId)
    .where('target_id', '=', targetId)
    .returningAll()
    .executeTakeFirst()
}

export function findBlockByUri(db: Kysely<Database>, uri: string): Promise<Block | undefined> {
  return db.selectFrom('blocks').selectAll().where('uri', '=', uri).executeTakeFirst()
}

/** Whether the one, and not necessarily the other, blocks the other. */
export async function isBlocking(db: Kysely<Database>, accountId: Id, targetId: Id): Promise<boolean> {
  const row = await db
    .selectFrom('blocks')
    .select('id')
    .where('account_id', '=', accountId)
    .where('target_id', '=', targetId)
    .executeTakeFirst()
  return row !== undefined
}

export async function isBlockingAnyone(db: Kysely<Database>, accountId: Id): Promise<boolean> {
  const row = await db
    .selectFrom('blocks')
    .select('id')
    .where('account_id', '=', accountId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether one of the actors of these addresses is blocked by an account. */
export async function isBlockingAnyUri(
  db: Kysely<Database>,
  accountId: Id,
  uris: string[],
): Promise<boolean> {
  if (uris.length === 0) return false
  const row = await db
    .selectFrom('accounts')
    .innerJoin('blocks', 'blocks.target_id', 'accounts.id')
    .select('blocks.id')
    .where('accounts.uri', 'in', uris)
    .where('blocks.account_id', '=', accountId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Newest first; `block_id` is the cursor. */
export function listBlocked(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
): Promise<(Account & { block_id: Id })[]> {
  const query = db
    .selectFrom('blocks')
    .innerJoin('accounts', 'accounts.id', 'blocks.target_id')
    .selectAll('accounts')
    .select('blocks.id as block_id')
    .where('blocks.account_id', '=', accountId)
    .where('accounts.deleted_at', 'is', null)
  return pageByKey(query, 'blocks.id', page)
}
