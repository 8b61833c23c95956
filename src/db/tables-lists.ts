import type { Generated } from 'kysely'
import type { DefaultedTimestamp, Id } from './column-types.ts'

/** Which answers to others a list shows: to whomever its owner follows, to its members, or none. */
export type RepliesPolicy = 'followed' | 'list' | 'none'

export type ListsTable = {
  id: Generated<Id>
  /** Whose it is, and who alone sees it. */
  account_id: Id
  title: string
  replies_policy: Generated<RepliesPolicy>
  /** Whether what its members write stands in no home feed. */
  is_exclusive: Generated<boolean>
  created_at: DefaultedTimestamp
}

export type ListAccountsTable = {
  list_id: Id
  account_id: Id
  /** Without which nobody is on a list; null for the owner of it. */
  follow_id: Id | null
}

export type ListEntriesTable = {
  list_id: Id
  note_id: Id
  author_id: Id
  boost_of_id: Id | null
}

export type TagFollowsTable = {
  id: Generated<Id>
  account_id: Id
  tag_id: Id
  created_at: DefaultedTimestamp
}

/** What is not counted in `tag_days` yet: a row for each use. Days are those since 1970, in UTC. */
export type TagUsesTable = {
  tag_id: Id
  day: number
  account_id: Id
}

/** Who is counted in `tag_days` already. */
export type TagUsersTable = {
  day: number
  tag_id: Id
  account_id: Id
}

export type TagDaysTable = {
  day: number
  tag_id: Id
  uses: number
  accounts: number
}
