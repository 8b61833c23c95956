import type { Generated } from 'kysely'
import type { DefaultedTimestamp, Id } from './column-types.ts'

/** What someone wrote down of another for themselves. */
export type AccountCommentsTable = {
  account_id: Id
  target_id: Id
  comment: string
  created_at: DefaultedTimestamp
}

/** Whom someone recommends on their profile; ends with the follow. */
export type EndorsementsTable = {
  id: Generated<Id>
  account_id: Id
  target_id: Id
  created_at: DefaultedTimestamp
}

export type DismissedSuggestionsTable = {
  account_id: Id
  target_id: Id
  created_at: DefaultedTimestamp
}
