import type { Kysely } from 'kysely'
import type { Database } from './tables.ts'

/** How many other servers this one has met. */
export async function countKnownDomains(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('instances')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}
