import { type Kysely, sql } from 'kysely'

// Payloads and values are `json`, not `jsonb`: they are opaque here, and `jsonb` refuses the `\u0000` that a
// remote document may carry.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [bodies, jobs, keyValue]) await sql.raw(statement).execute(db)
}

const bodies = `
create table activity_bodies (
  hash text primary key,
  body text not null,
  last_used_at timestamptz not null
);
`

// jobs_dedupe: unique among those waiting, so that a change which happens while a job runs is seen by one more.
// jobs_one_per_key: the last word on "one in flight per ordering key", whatever two claims saw.
const jobs = `
create table jobs (
  id bigint primary key generated always as identity,
  name text not null,
  lane text not null,
  payload json not null,
  run_at timestamptz not null default '-infinity',
  attempts integer not null default 0,
  ordering_key text,
  dedupe_key text,
  body_hash text references activity_bodies,
  lease_token text,
  lease_until timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  check ((lease_token is null) = (lease_until is null))
);
create index jobs_due on jobs (lane, run_at, id);
create index jobs_order on jobs (ordering_key, id) where ordering_key is not null;
create unique index jobs_one_per_key on jobs (ordering_key)
  where ordering_key is not null and lease_token is not null;
create unique index jobs_dedupe on jobs (name, dedupe_key) where dedupe_key is not null and lease_token is null;
create index jobs_body on jobs (body_hash) where body_hash is not null;
alter table jobs set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

create table dead_jobs (
  id bigint primary key,
  name text not null,
  lane text not null,
  payload json not null,
  attempts integer not null,
  ordering_key text,
  dedupe_key text,
  body_hash text references activity_bodies,
  error text not null,
  created_at timestamptz not null,
  died_at timestamptz not null default now()
);
create index dead_jobs_body on dead_jobs (body_hash) where body_hash is not null;

create table job_schedules (
  name text primary key,
  last_run_at timestamptz not null
);
`

// By hash, because a key may hold addresses longer than an index row can be.
const keyValue = `
create table key_value (
  key_hash text primary key,
  key text[] not null,
  value json not null,
  expires_at timestamptz
);
create index key_value_expiry on key_value (expires_at) where expires_at is not null;
`
