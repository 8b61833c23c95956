import type { Generated, GeneratedAlways } from 'kysely'
import type { DefaultedTimestamp, Id, JsonText, NullableTimestamp } from './column-types.ts'

/** Work waiting or in flight. `run_at` goes by the application's clock, leases by the database's. */
export type JobsTable = {
  id: GeneratedAlways<Id>
  name: string
  lane: string
  payload: JsonText
  /** `-infinity`: at once. */
  run_at: DefaultedTimestamp
  attempts: Generated<number>
  ordering_key: string | null
  dedupe_key: string | null
  body_hash: string | null
  lease_token: string | null
  lease_until: NullableTimestamp
  last_error: string | null
  created_at: DefaultedTimestamp
}

export type DeadJobsTable = {
  id: Id
  name: string
  lane: string
  payload: JsonText
  attempts: number
  ordering_key: string | null
  dedupe_key: string | null
  body_hash: string | null
  error: string
  created_at: Date
  died_at: DefaultedTimestamp
}

export type JobSchedulesTable = { name: string; last_run_at: Date }

/** What is delivered, once per fan-out, as the JSON text that goes over the wire, and what all its deliveries share. */
export type ActivityBodiesTable = {
  hash: string
  body: string
  envelope: JsonText | null
  last_used_at: Date
}

export type KeyValueTable = {
  key_hash: string
  key: string[]
  value: JsonText
  expires_at: NullableTimestamp
}
