import { type Kysely, sql } from 'kysely'
import { jobsChannel } from './jobs.ts'
import { hashOf, type RowVersion } from './key-value.ts'
import type { Database, Id } from './tables.ts'

/** An activity that came in, and under what conditions it is kept. */
export type Arrival = {
  /** Of the job that is to work on it. */
  payload: object
  /** What a repetition of the same request is known by. */
  request: RequestMark
  /** None of which may be blocked. */
  domains: readonly string[]
  /** Whose inbox it came to; null for the shared one. */
  ownerId: Id | null
  /** The key that was held for the sender's, which must still be in store; null where it was just read. */
  key: RowVersion | null
}

export type RequestMark = { path: string; bodyHash: string; moment: string }

/** What became of an arrival. Only what is kept leaves a trace. */
export type Fate = 'kept' | 'repeated' | 'blocked' | 'nobody' | 'another key'

export const keyOfRequest = ({ path, bodyHash, moment }: RequestMark) => ['accepted', path, bodyHash, moment]

// No JSON text holds it as it is, so that nothing has to be escaped, as in an array it would.
const separator = '\u001e'

type Keeping = {
  /** Each with a mark of its own. */
  arrivals: readonly Arrival[]
  job: { name: string; lane: string }
  now: Date
  /** Until when repetitions are known. */
  until: Date
}

/**
 * Looks whether arrivals may be kept, remembers their requests and enqueues their jobs, in one statement: it is all
 * that an ordinary activity costs the database until its job runs. Answers the fate of each, in their order.
 */
export async function insertArrivals(
  db: Kysely<Database>,
  { arrivals, job, now, until }: Keeping,
): Promise<Fate[]> {
  const column = (pick: (arrival: Arrival) => string | null) => sql.val(arrivals.map(pick))
  const payloads = arrivals.map(({ payload }) => JSON.stringify(payload)).join(separator)
  const { rows } = await sql<{ fate: Fate }>`
    with arrived as (
      select * from unnest(
        string_to_array(${payloads}, ${separator}), ${column(({ request }) => request.path)}::text[],
        ${column(({ request }) => request.bodyHash)}::text[], ${column(({ request }) => request.moment)}::text[],
        ${column(({ request }) => hashOf(keyOfRequest(request)))}::text[],
        ${column(({ domains }) => domains.join(' '))}::text[], ${column(({ ownerId }) => ownerId)}::bigint[],
        ${column(({ key }) => key?.keyHash ?? null)}::text[], ${column(({ key }) => key?.row ?? null)}::text[]
      ) with ordinality
        as t (payload, path, body_hash, moment, request_hash, domains, owner_id, signer_hash, signer_row, position)
    ), judged as materialized (
      select arrived.*, case
        when exists (select from domain_blocks where domain = any(string_to_array(domains, ' '))) then 'blocked'
        when owner_id is not null and not exists (select from accounts where id = owner_id
          and domain is null and deleted_at is null and suspended_at is null) then 'nobody'
        when signer_row is distinct from (select xmin::text from key_value where key_hash = signer_hash
          and (expires_at is null or expires_at > ${now})) then 'another key'
      end as fault from arrived
    ), remembered as (
      insert into key_value (key_hash, key, value, expires_at)
      select request_hash, array['accepted', path, body_hash, moment], 'true', ${until}::timestamptz
      from judged where fault is null order by request_hash
      on conflict (key_hash) do update set expires_at = excluded.expires_at where key_value.expires_at <= ${now}
      returning key_hash
    ), kept as (
      insert into jobs (name, lane, payload, run_at)
      select ${job.name}, ${job.lane}, payload::json, '-infinity'::timestamptz
      from judged join remembered on key_hash = request_hash order by position
      returning 1
    )
    select coalesce(fault, case when key_hash is null then 'repeated' else 'kept' end) as fate,
      (select pg_notify(${jobsChannel}, ${job.lane}) where exists (select from kept)) as woken
    from judged left join remembered on key_hash = request_hash order by position
  `.execute(db)
  return rows.map(({ fate }) => fate)
}
