import type { Kysely } from 'kysely'
import type { Database } from './tables.ts'

/** Keeps what is there already, and answers with it. */
export async function keepSetting(db: Kysely<Database>, name: string, value: string): Promise<string> {
  await db
    .insertInto('settings')
    .values({ name, value: JSON.stringify(value) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return String(row.value)
}

export async function replaceSetting(
  db: Kysely<Database>,
  name: string,
  value: string | boolean | object,
): Promise<void> {
  await db
    .insertInto('settings')
    .values({ name, value: JSON.stringify(value) })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: JSON.stringify(value) }))
    .execute()
}

/** Undefined where nobody decided. */
export async function findSetting(db: Kysely<Database>, name: string): Promise<unknown> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}
