import type { Generated } from 'kysely'
import type { DefaultedTimestamp, Id } from './column-types.ts'

export type NotificationKind =
  | 'mention'
  | 'boost'
  | 'like'
  | 'follow'
  | 'follow_request'
  | 'status'
  | 'update'
  | 'remix'
  | 'poll'
  | 'reaction'
  | 'quote'
  | 'quoted_update'
  | 'report'
  | 'move'

export type NotificationsTable = {
  id: Generated<Id>
  account_id: Id
  kind: NotificationKind
  from_account_id: Id
  note_id: Id | null
  report_id: Id | null
  /** Held back by the recipient's policy, until they let it through. */
  is_filtered: Generated<boolean>
  /** What it shares with others of its kind about the same; null for what stands alone. */
  group_key: string | null
  created_at: DefaultedTimestamp
}

/** What becomes of a notification: it is let through, held back, or never written. */
export type Verdict = 'accept' | 'filter' | 'drop'

export type NotificationPoliciesTable = {
  account_id: Id
  for_not_following: Generated<Verdict>
  for_not_followers: Generated<Verdict>
  for_new_accounts: Generated<Verdict>
  for_private_mentions: Generated<Verdict>
  for_limited_accounts: Generated<Verdict>
}

export type NotificationPermissionsTable = {
  account_id: Id
  from_account_id: Id
  created_at: DefaultedTimestamp
}

/** Someone whose words to a person are held back. */
export type NotificationRequestsTable = {
  id: Generated<Id>
  account_id: Id
  from_account_id: Id
  created_at: DefaultedTimestamp
  updated_at: DefaultedTimestamp
}
