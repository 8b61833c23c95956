import { type Kysely, sql } from 'kysely'

// What all deliveries of one activity share lies once beside its body; rows that wait already keep their own copy of
// it, which nobody reads any more. Bodies are no longer foreign keys: to check
// them row by row cost more than to write the rows, and only `pruneActivityBodies` removes any.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [unbind, envelopes]) await sql.raw(statement).execute(db)
}

const unbind = `
alter table jobs drop constraint jobs_body_hash_fkey;
alter table dead_jobs drop constraint dead_jobs_body_hash_fkey;
drop index jobs_body;
drop index dead_jobs_body;
`

const envelopes = `
alter table activity_bodies add column envelope json;
update activity_bodies set envelope = (select (payload::jsonb
    - array['inbox', 'sharedInbox', 'actorIds', 'attempt', 'heldSince'])::json
  from (select name, payload, body_hash from jobs union all select name, payload, body_hash from dead_jobs) as queued
  where queued.name = 'deliver' and queued.body_hash = hash limit 1);
`
