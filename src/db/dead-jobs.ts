import { type Kysely, sql } from 'kysely'
import { jobsChannel } from './jobs.ts'
import type { Database, Id } from './tables.ts'

export type DeadJob = {
  id: Id
  name: string
  payload: unknown
  attempts: number
  error: string
  createdAt: Date
  diedAt: Date
}

/** The dead, latest first, each with what it shared with others; `before` pages on with the last id seen. */
export async function listDeadJobs(
  db: Kysely<Database>,
  page: { name?: string | undefined; before?: Id | undefined; limit?: number } = {},
): Promise<DeadJob[]> {
  const { name, before, limit = 40 } = page
  return db
    .selectFrom('dead_jobs')
    .leftJoin('activity_bodies', 'hash', 'body_hash')
    .select(['id', 'name', 'attempts', 'error', 'created_at as createdAt', 'died_at as diedAt'])
    .select(
      sql<unknown>`case when envelope is null then payload
      else (envelope::jsonb || payload::jsonb)::json end`.as('payload'),
    )
    .$if(name !== undefined, (query) => query.where('name', '=', name ?? ''))
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function countDeadJobs(db: Kysely<Database>): Promise<number> {
  const { count } = await db
    .selectFrom('dead_jobs')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Which of the dead: some by id, or all, perhaps of one name. */
export type DeadSelection = { ids: readonly Id[] } | { name?: string | undefined }

/** Enqueues them afresh, with all their tries and time; answers how many left the dead. */
export async function replayDeadJobs(db: Kysely<Database>, selection: DeadSelection): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    with raised as (
      delete from dead_jobs where ${isSelected(selection)}
      returning id, name, lane, payload, ordering_key, dedupe_key, body_hash
    ), inserted as (
      insert into jobs (name, lane, payload, ordering_key, dedupe_key, body_hash)
      select name, lane, (payload::jsonb - 'heldSince')::json, ordering_key, dedupe_key, body_hash
      from raised order by id
      on conflict (name, dedupe_key) where dedupe_key is not null and lease_token is null do nothing
      returning lane
    )
    select count(*) as count,
      (select count(pg_notify(${jobsChannel}, lane)) from (select distinct lane from inserted) as lanes) as lanes
    from raised
  `.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/** Forgets them for good; answers how many. */
export async function dropDeadJobs(db: Kysely<Database>, selection: DeadSelection): Promise<number> {
  const { numAffectedRows } = await sql`delete from dead_jobs where ${isSelected(selection)}`.execute(db)
  return Number(numAffectedRows ?? 0)
}

function isSelected(selection: DeadSelection) {
  if ('ids' in selection) return sql<boolean>`id = any(${[...selection.ids]}::bigint[])`
  return selection.name === undefined ? sql<boolean>`true` : sql<boolean>`name = ${selection.name}`
}
