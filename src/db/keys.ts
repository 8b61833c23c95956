import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { AccountKeysTable, Database, Id } from './tables.ts'

export type AccountKey = Selectable<AccountKeysTable>

/** RSA first: it is what every peer can verify. */
export function listAccountKeys(db: Kysely<Database>, accountId: Id): Promise<AccountKey[]> {
  return db
    .selectFrom('account_keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('kind', 'desc')
    .execute()
}

export async function insertAccountKeys(
  db: Kysely<Database>,
  keys: Insertable<AccountKeysTable>[],
): Promise<void> {
  await db.insertInto('account_keys').values(keys).execute()
}

/** In place of those that the account had. */
export async function replaceAccountKeys(
  trx: Transaction<Database>,
  accountId: Id,
  keys: Insertable<AccountKeysTable>[],
): Promise<void> {
  await trx.deleteFrom('account_keys').where('account_id', '=', accountId).execute()
  await insertAccountKeys(trx, keys)
}

/** One of all that are kept here; to see whether they can be opened. */
export function findAnyKey(db: Kysely<Database>): Promise<AccountKey | undefined> {
  return db.selectFrom('account_keys').selectAll().limit(1).executeTakeFirst()
}
