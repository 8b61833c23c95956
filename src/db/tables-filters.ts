import type { Generated } from 'kysely'
import type { DefaultedTimestamp, Id, NullableTimestamp } from './column-types.ts'

export type FilterAction = 'warn' | 'hide' | 'blur'

/** What someone does not want to meet, by its words or note by note. */
export type FiltersTable = {
  id: Generated<Id>
  account_id: Id
  title: string
  /** Where notes are met: some of `filterContexts`. */
  contexts: string[]
  action: Generated<FilterAction>
  expires_at: NullableTimestamp
  created_at: DefaultedTimestamp
}

export type FilterKeywordsTable = {
  id: Generated<Id>
  filter_id: Id
  keyword: string
  is_whole_word: Generated<boolean>
}

export type FilterNotesTable = { id: Generated<Id>; filter_id: Id; note_id: Id }
