import type { Generated, JSONColumnType } from 'kysely'
import type { DefaultedTimestamp, GivenTimestamp, Id } from './column-types.ts'

/** A note that is posted at its time. */
export type ScheduledNotesTable = {
  id: Generated<Id>
  account_id: Id
  application_id: Id | null
  scheduled_at: GivenTimestamp
  /** As its author filled it in; read by what posts it. */
  form: JSONColumnType<object, string, string>
  created_at: DefaultedTimestamp
}
