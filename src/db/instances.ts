import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

/** How many other servers this one has met. */
export async function countKnownDomains(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('instances')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** All other servers that this one has met. */
export async function listKnownDomains(db: Kysely<Database>): Promise<string[]> {
  const rows = await db.selectFrom('instances').select('domain').orderBy('domain').execute()
  return rows.map(({ domain }) => domain)
}

/** Notes that a server exists, and that it was heard from now. @param domain in lower case */
export async function noteInstance(db: Kysely<Database>, domain: string): Promise<void> {
  await db
    .insertInto('instances')
    .values({ domain })
    .onConflict((conflict) => conflict.column('domain').doUpdateSet({ last_seen_at: sql`now()` }))
    .execute()
}
