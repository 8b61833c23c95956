import { createHash } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from './tables.ts'

/**
 * Keeps what is to be delivered, once however many inboxes it goes to, as the JSON text that goes over the wire.
 * Answers its hash, for jobs to refer to in the same transaction.
 */
export async function storeActivityBody(trx: Transaction<Database>, body: string): Promise<string> {
  const hash = createHash('sha256').update(body).digest('hex')
  // The update holds off a pruning that runs now.
  await sql`
    insert into activity_bodies (hash, body, last_used_at) values (${hash}, ${body}, now())
    on conflict (hash) do update set last_used_at = now()
  `.execute(trx)
  return hash
}

export async function findActivityBody(db: Kysely<Database>, hash: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('activity_bodies')
    .select('body')
    .where('hash', '=', hash)
    .executeTakeFirst()
  return row?.body
}

/** Removes the bodies that no job, dead or alive, refers to, nor did for an hour; answers how many. */
export async function pruneActivityBodies(db: Kysely<Database>): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from activity_bodies where last_used_at < now() - interval '1 hour'
      and not exists (select from jobs where body_hash = hash)
      and not exists (select from dead_jobs where body_hash = hash)
  `.execute(db)
  return Number(numAffectedRows ?? 0)
}
