import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { Database, Id } from './tables.ts'

type Db = Kysely<Database>

export type JobRow = {
  name: string
  lane: string
  payload: unknown
  /** Undefined: at once. */
  runAt?: Date | undefined
  orderingKey?: string | undefined
  dedupeKey?: string | undefined
  bodyHash?: string | undefined
}

export type ClaimedJob = {
  id: Id
  name: string
  lane: string
  payload: unknown
  attempt: number
  orderingKey: string | null
  bodyHash: string | null
  leaseToken: string
}

/** What proves that a job is still ours. */
export type Lease = { id: Id; leaseToken: string }

/** Where jobs that came are announced, by their lanes. */
export const jobsChannel = 'jobs'

/**
 * Inserts rows and wakes idle workers at commit, in one statement. Of rows that share a name and a dedupe key, and of
 * one that already waits, the first stays. Answers how many were new. A row waits no less than the one ahead of it
 * under its ordering key, in the same lane, so that claims need not look at what cannot go yet.
 */
export async function insertJobs(trx: Transaction<Database>, rows: readonly JobRow[]): Promise<number> {
  if (rows.length === 0) return 0
  const column = <T>(pick: (row: JobRow) => T) => sql.val(rows.map(pick))
  const source = sql`select * from unnest(
    ${column((row) => row.name)}::text[], ${column((row) => row.lane)}::text[],
    ${column((row) => JSON.stringify(row.payload))}::text[], ${column((row) => row.runAt ?? null)}::timestamptz[],
    ${column((row) => row.orderingKey ?? null)}::text[], ${column((row) => row.dedupeKey ?? null)}::text[],
    ${column((row) => row.bodyHash ?? null)}::text[]
  ) with ordinality as t (name, lane, payload, run_at, ordering_key, dedupe_key, body_hash, position)
  order by position`
  return insertJobsFrom(trx, source)
}

/** As `insertJobs`, from a query with the columns name, lane, payload, run_at, ordering_key, dedupe_key, body_hash. */
export async function insertJobsFrom(
  trx: Transaction<Database>,
  source: RawBuilder<unknown>,
): Promise<number> {
  // `id + 0`: a queue is mostly empty when it is analysed, and the planner would walk down its primary key for every row.
  const { rows } = await sql<{ inserted: string }>`
    with source as (${source}), inserted as (
      insert into jobs (name, lane, payload, run_at, ordering_key, dedupe_key, body_hash)
      select source.name, coalesce(ahead.lane, source.lane), payload::json,
        greatest(source.run_at, ahead.run_at, '-infinity'), key.ordering, key.dedupe, body_hash
      from source
      cross join lateral (select ${boundedKey(sql`ordering_key`)}, ${boundedKey(sql`dedupe_key`)}) as key (ordering, dedupe)
      left join lateral (
        select lane, run_at from jobs where jobs.ordering_key = key.ordering and jobs.name = source.name
          and lease_token is null order by id + 0 desc limit 1
      ) as ahead on key.ordering is not null
      on conflict (name, dedupe_key) where dedupe_key is not null and lease_token is null do nothing
      returning lane
    )
    select count(*) as inserted,
      (select count(pg_notify(${jobsChannel}, lane)) from (select distinct lane from inserted) as lanes) as lanes
    from inserted
  `.execute(trx)
  return Number(rows[0]?.inserted ?? 0)
}

// Keys hold foreign addresses, and an index row has room for 2,700 bytes.
function boundedKey(key: RawBuilder<unknown>): RawBuilder<string | null> {
  return sql`case when octet_length(${key}) > 500
    then encode(sha256(convert_to(${key}, 'UTF8')), 'hex') else ${key} end`
}

export type Claim = {
  /** How many of each lane at most. */
  limits: ReadonlyMap<string, number>
  now: Date
  leaseToken: string
  leaseMs: number
  /** Names that this worker leaves to others. */
  exceptNames: readonly string[]
}

/**
 * Takes due jobs under a lease. A lease goes by the database's clock, so machines need not agree on the time, and
 * what a dead worker held comes back here when its lease runs out.
 */
export async function claimJobs(db: Db, claim: Claim): Promise<ClaimedJob[]> {
  try {
    const rows = await leaseDueJobs(db, claim)
    return rows.sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1))
  } catch (error) {
    // Two claims saw two jobs of one ordering key at once, one of them committed late. The next turn sees clearly.
    if (error instanceof pg.DatabaseError && error.constraint === 'jobs_one_per_key') return []
    throw error
  }
}

async function leaseDueJobs(db: Db, claim: Claim): Promise<ClaimedJob[]> {
  const { rows } = await sql<ClaimedJob>`
    with picked as materialized (
      select due.id from unnest(${[...claim.limits.keys()]}::text[], ${[...claim.limits.values()]}::int[]) as wanted (lane, size)
      cross join lateral (
        select id from jobs
        where lane = wanted.lane and ${isClaimable(claim.now, claim.exceptNames)}
        order by run_at, id limit wanted.size for update skip locked
      ) as due
    )
    update jobs set lease_token = ${claim.leaseToken}, attempts = attempts + 1,
      lease_until = clock_timestamp() + make_interval(secs => ${claim.leaseMs / 1000})
    where id = any(array(select id from picked))
    returning id, name, lane, payload, attempts as attempt, ordering_key as "orderingKey", body_hash as "bodyHash",
      lease_token as "leaseToken"
  `.execute(db)
  return rows
}

// Of one ordering key only the oldest may go, and none while another is in flight. An expired one goes again first.
function isClaimable(now: Date, exceptNames: readonly string[]): RawBuilder<boolean> {
  return sql`run_at <= ${now} and (lease_until is null or lease_until < clock_timestamp())
    and name <> all(${[...exceptNames]}::text[])
    and (ordering_key is null or lease_token is not null or not exists (
      select from jobs as other where other.ordering_key = jobs.ordering_key and other.id <> jobs.id
        and (other.id < jobs.id or other.lease_token is not null)))`
}

/** Whether anything is due or in flight, in whoever's hands. */
export async function hasDueJobs(db: Db, now: Date, exceptNames: readonly string[] = []): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`select exists (
    select from jobs where name <> all(${[...exceptNames]}::text[])
      and (lease_token is not null or ${isClaimable(now, exceptNames)})
  ) as due`.execute(db)
  return rows[0]?.due ?? false
}

/** Prolongs leases; answers the ids of those that were still ours. */
export async function renewLeases(db: Db, leases: readonly Lease[], leaseMs: number): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`
    update jobs set lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
    where ${isHeld(leases)} returning id
  `.execute(db)
  return rows.map((row) => row.id)
}

/** Removes what is done; a job whose lease was lost stays for its new owner. Answers the ids removed. */
export async function deleteJobs(db: Db, leases: readonly Lease[]): Promise<Id[]> {
  if (leases.length === 0) return []
  const { rows } = await sql<{ id: Id }>`
    delete from jobs where ${isHeld(leases)} returning id
  `.execute(db)
  return rows.map((row) => row.id)
}

/** Gives jobs back untried, for a worker that stops. */
export async function releaseJobs(db: Db, leases: readonly Lease[]): Promise<void> {
  if (leases.length === 0) return
  await sql`
    with superseded as (${deleteSuperseded(leases)})
    update jobs set lease_token = null, lease_until = null, attempts = greatest(attempts - 1, 0)
    where ${isHeld(leases)} and id not in (select id from superseded)
  `.execute(db)
}

export type Reschedule = {
  runAt: Date
  lane: string
  error: string
  /** False for a job that only waited, such as a delivery held back because its host is known to be down. */
  isAttempt: boolean
  /** In place of the payload it had. */
  payload?: unknown
}

/**
 * Puts a job back for later, and with it what waits behind it under its ordering key. Where an equal one (by dedupe
 * key) came to wait meanwhile, that one takes its place.
 */
export async function rescheduleJob(db: Db, lease: Lease, next: Reschedule): Promise<void> {
  const payload = next.payload === undefined ? null : JSON.stringify(next.payload)
  await sql`
    with superseded as (${deleteSuperseded([lease])}), back as (
      update jobs set lease_token = null, lease_until = null, run_at = ${next.runAt}, lane = ${next.lane},
        last_error = ${next.error}, attempts = attempts - ${next.isAttempt ? 0 : 1},
        payload = coalesce(${payload}::json, payload)
      where id = ${lease.id} and lease_token = ${lease.leaseToken} and id not in (select id from superseded)
      returning id, name, ordering_key
    )
    update jobs set run_at = ${next.runAt}, lane = ${next.lane}
    where ordering_key = (select ordering_key from back) and name = (select name from back)
      and id > (select id from back) and run_at < ${next.runAt}
  `.execute(db)
}

/** Keeps beside a job's payload how far it came; false when its lease was lost. */
export async function setJobProgress(db: Db, lease: Lease, progress: string): Promise<boolean> {
  const { rows } = await sql`
    update jobs set payload = (payload::jsonb || jsonb_build_object('progress', ${progress}::text))::json
    where id = ${lease.id} and lease_token = ${lease.leaseToken} returning id
  `.execute(db)
  return rows.length > 0
}

/** Moves a job among the dead. */
export async function buryJob(db: Db, lease: Lease, error: string): Promise<void> {
  await sql`
    with gone as (
      delete from jobs where id = ${lease.id} and lease_token = ${lease.leaseToken}
      returning id, name, lane, payload, attempts, ordering_key, dedupe_key, body_hash, created_at
    )
    insert into dead_jobs (id, name, lane, payload, attempts, ordering_key, dedupe_key, body_hash, created_at, error)
    select *, ${error} from gone
  `.execute(db)
}

// Lists of ids and single values, no joins: those were planned as a walk through the whole table, since it is mostly
// empty when plans are made.
function isHeld(leases: readonly Lease[]): RawBuilder<boolean> {
  const ids = leases.map(({ id }) => id)
  return sql`id = any(${ids}::bigint[])
    and (id, lease_token) in (select * from unnest(${ids}::bigint[], ${leases.map(({ leaseToken }) => leaseToken)}::text[]))`
}

function deleteSuperseded(leases: readonly Lease[]): RawBuilder<unknown> {
  return sql`delete from jobs as mine where ${isHeld(leases)} and (
      select true from jobs as newer where newer.name = mine.name and newer.dedupe_key = mine.dedupe_key
        and newer.lease_token is null limit 1)
    returning id`
}

export type Depth = { queued: number; ready: number; delayed: number }

/** How many wait, not counting those in flight; of one name, or of all. */
export async function countWaitingJobs(db: Db, now: Date, name?: string): Promise<Depth> {
  const row = await db
    .selectFrom('jobs')
    .select((eb) => [
      eb.fn.countAll<string>().as('queued'),
      eb.fn.countAll<string>().filterWhere('run_at', '<=', now).as('ready'),
    ])
    .where('lease_token', 'is', null)
    .$if(name !== undefined, (query) => query.where('name', '=', name ?? ''))
    .executeTakeFirstOrThrow()
  const [queued, ready] = [Number(row.queued), Number(row.ready)]
  return { queued, ready, delayed: queued - ready }
}

/** Notes that a periodic job is now enqueued for its period; false when another worker was first. */
export async function takePeriod(
  trx: Transaction<Database>,
  name: string,
  periodStart: Date,
): Promise<boolean> {
  const taken = await trx
    .insertInto('job_schedules')
    .values({ name, last_run_at: periodStart })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ last_run_at: periodStart })
        .where('job_schedules.last_run_at', '<', periodStart),
    )
    .returning('name')
    .executeTakeFirst()
  return taken !== undefined
}
