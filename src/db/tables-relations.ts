import type { Generated } from 'kysely'
import type { DefaultedTimestamp, Id, NullableTimestamp } from './column-types.ts'

/** Either side may be remote: others block people here too. */
export type BlocksTable = {
  id: Generated<Id>
  account_id: Id
  target_id: Id
  uri: string
  created_at: DefaultedTimestamp
}

export type MutesTable = {
  id: Generated<Id>
  account_id: Id
  target_id: Id
  hides_notifications: Generated<boolean>
  expires_at: NullableTimestamp
  created_at: DefaultedTimestamp
}

/** What one person does not want to hear of; the server's own list is `domain_blocks`. */
export type PersonDomainBlocksTable = {
  id: Generated<Id>
  account_id: Id
  domain: string
  created_at: DefaultedTimestamp
}

export type ConversationMutesTable = {
  account_id: Id
  conversation_uri: string
  created_at: DefaultedTimestamp
}

export type ReportCategory = 'spam' | 'legal' | 'violation' | 'other'

export type ReportsTable = {
  id: Generated<Id>
  /** Whose it is; another server's own actor, where it came from there. */
  account_id: Id
  target_id: Id
  uri: string
  note_ids: Generated<Id[]>
  comment: Generated<string>
  category: Generated<ReportCategory>
  /** Which of our rules it says were broken. */
  rule_ids: Generated<Id[]>
  /** To the server of the one it is about. */
  is_forwarded: Generated<boolean>
  resolved_at: NullableTimestamp
  resolved_by_id: Id | null
  created_at: DefaultedTimestamp
}

export type PinsTable = {
  id: Generated<Id>
  account_id: Id
  note_id: Id
  created_at: DefaultedTimestamp
}

export type FeaturedTagsTable = {
  id: Generated<Id>
  account_id: Id
  tag_id: Id
  created_at: DefaultedTimestamp
}
