import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { AccountsTable, Database } from './tables.ts'

export function findInstanceActor(db: Kysely<Database>): Promise<Selectable<AccountsTable> | undefined> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('kind', '=', 'Application')
    .where('domain', 'is', null)
    .executeTakeFirst()
}

/** Undefined when there is one already: two processes that start at once make one. */
export function insertInstanceActor(
  trx: Transaction<Database>,
  values: Insertable<AccountsTable>,
): Promise<Selectable<AccountsTable> | undefined> {
  return trx
    .insertInto('accounts')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
}

export async function deleteInstanceActor(trx: Transaction<Database>): Promise<void> {
  await trx.deleteFrom('accounts').where('kind', '=', 'Application').where('domain', 'is', null).execute()
}
