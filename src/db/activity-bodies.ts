import { createHash } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from './tables.ts'

/** The JSON text that goes over the wire, and what the jobs that send it have in common. */
export type ActivityBody = { body: string; envelope?: unknown }

/**
 * Keeps what is to be delivered, once however many inboxes it goes to. Answers what jobs of the same transaction refer
 * to it by.
 */
export async function storeActivityBody(
  trx: Transaction<Database>,
  { body, envelope }: ActivityBody,
): Promise<string> {
  const wrapping = envelope === undefined ? null : JSON.stringify(envelope)
  const hash = createHash('sha256')
    .update(`${wrapping ?? ''}\n${body}`)
    .digest('hex')
  // The update holds off a pruning that runs now.
  await sql`
    insert into activity_bodies (hash, body, envelope, last_used_at) values (${hash}, ${body}, ${wrapping}, now())
    on conflict (hash) do update set last_used_at = now()
  `.execute(trx)
  return hash
}

export function findActivityBody(db: Kysely<Database>, hash: string): Promise<ActivityBody | undefined> {
  return db
    .selectFrom('activity_bodies')
    .select(['body', 'envelope'])
    .where('hash', '=', hash)
    .executeTakeFirst()
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
