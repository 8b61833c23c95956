import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { DefaultedTimestamp, Id, Json, NullableTimestamp } from './column-types.ts'
import type * as auth from './tables-auth.ts'
import type * as conversation from './tables-conversation.ts'
import type * as direct from './tables-direct.ts'
import type * as filters from './tables-filters.ts'
import type * as jobs from './tables-jobs.ts'
import type * as lists from './tables-lists.ts'
import type * as marks from './tables-marks.ts'
import type * as notifications from './tables-notifications.ts'
import type * as relations from './tables-relations.ts'
import type * as remote from './tables-remote.ts'
import type * as scheduled from './tables-scheduled.ts'
import type * as server from './tables-server.ts'
import type * as signUp from './tables-sign-up.ts'
import type * as studio from './tables-studio.ts'

// One type per table, proved against the migrated schema by tests/db/tables.test.ts. Here those of people and what
// they write; beside it those of conversation, filters, lists, relations, notifications, other servers, the server
// itself, auth, sign-up, jobs and the studio.

export type { Id } from './column-types.ts'
export type { NotificationKind, NotificationsTable } from './tables-notifications.ts'
export type AccountKind = 'Person' | 'Service' | 'Group' | 'Organization' | 'Application'
export type Visibility = 'public' | 'unlisted' | 'followers' | 'direct'
export type RemixPolicy = 'nobody' | 'followers' | 'anyone'
export type PromptVisibility = 'hidden' | 'public'
/** Who may quote a note without being asked about. */
export type QuotePolicy = 'public' | 'followers' | 'nobody'
/** Whether the quoted author lets a quote be seen. */
export type QuoteState = 'pending' | 'accepted' | 'rejected' | 'revoked'
export type ObjectType = 'Note' | 'Question' | 'Article' | 'Page' | 'Video' | 'Image' | 'Audio' | 'Event'
/** What becomes of AI pictures where someone would meet them. */
export type AiDisplay = 'show' | 'blur' | 'hide'
export type Role = 'user' | 'moderator' | 'admin' | 'owner'
export type ProfileField = { name: string; value: string; verifiedAt: string | null }
/** `updated`: of ours, when its picture was put there (ISO 8601). */
export type CustomEmoji = { shortcode: string; url: string; updated?: string }

export type AccountsTable = {
  id: Generated<Id>
  username: string
  /** Null for the accounts of this server. */
  domain: string | null
  uri: string
  url: string
  kind: Generated<AccountKind>
  name: Generated<string>
  /** What a local person typed; null for remote accounts. */
  bio_text: string | null
  bio_html: Generated<string>
  fields: Json<ProfileField[]>
  emojis: Json<CustomEmoji[]>
  avatar_key: string | null
  avatar_remote_url: string | null
  header_key: string | null
  header_remote_url: string | null
  is_locked: Generated<boolean>
  is_discoverable: Generated<boolean>
  is_indexable: Generated<boolean>
  inbox_uri: string
  shared_inbox_uri: string | null
  outbox_uri: string | null
  followers_uri: string | null
  following_uri: string | null
  featured_uri: string | null
  featured_tags_uri: string | null
  also_known_as: Generated<string[]>
  followers_count: Generated<number>
  following_count: Generated<number>
  notes_count: Generated<number>
  last_note_at: NullableTimestamp
  default_remix_policy: Generated<RemixPolicy>
  created_at: DefaultedTimestamp
  updated_at: DefaultedTimestamp
  fetched_at: NullableTimestamp
  /** When its profile and latest notes were last read at its server. */
  explored_at: NullableTimestamp
  moved_to_id: Id | null
  moved_to_uri: string | null
  moved_at: NullableTimestamp
  suspended_at: NullableTimestamp
  deleted_at: NullableTimestamp
}

export type AccountKeysTable = {
  account_id: Id
  kind: 'rsa' | 'ed25519'
  key_uri: string
  public_jwk: JSONColumnType<{ kty: string }, string, string>
  private_encrypted: string
  created_at: DefaultedTimestamp
}

export type UsersTable = {
  id: Generated<Id>
  account_id: Id
  email: string
  password_hash: string
  role: Generated<Role>
  locale: string | null
  default_visibility: Generated<Visibility>
  default_is_sensitive: Generated<boolean>
  default_language: string | null
  default_quote_policy: Generated<QuotePolicy>
  ai_display: Generated<AiDisplay>
  confirmed_at: NullableTimestamp
  approved_at: NullableTimestamp
  disabled_at: NullableTimestamp
  /** Why they would like to be here, for whoever approves. */
  sign_up_reason: string | null
  /** The app they signed up with. */
  sign_up_application_id: Id | null
  invite_id: Id | null
  last_active_at: DefaultedTimestamp
  created_at: DefaultedTimestamp
}

export type InstancesTable = {
  domain: string
  software: string | null
  software_version: string | null
  first_seen_at: DefaultedTimestamp
  last_seen_at: DefaultedTimestamp
}

export type DomainBlocksTable = { domain: string; reason: Generated<string>; created_at: DefaultedTimestamp }

export type NotesTable = {
  id: Generated<Id>
  uri: string
  url: string
  account_id: Id
  is_local: boolean
  boost_of_id: Id | null
  in_reply_to_id: Id | null
  in_reply_to_account_id: Id | null
  /** Kept beside the id: the parent may be unknown here, now or for ever. */
  in_reply_to_uri: string | null
  conversation_uri: string
  visibility: Visibility
  /** What a local person typed; null for remote notes and boosts. */
  text: string | null
  content_html: Generated<string>
  summary: Generated<string>
  is_sensitive: Generated<boolean>
  language: string | null
  emojis: Json<CustomEmoji[]>
  application_id: Id | null
  replies_count: Generated<number>
  boosts_count: Generated<number>
  likes_count: Generated<number>
  remixes_count: Generated<number>
  prompt_visibility: Generated<PromptVisibility>
  remix_policy: Generated<RemixPolicy>
  remix_of_id: Id | null
  remix_of_uri: string | null
  object_type: Generated<ObjectType>
  /** Where a remote note's server lists its answers. */
  replies_uri: string | null
  /** Where the server of the one who began lists the conversation (FEP-7888), when that is a collection. */
  context_uri: string | null
  replies_fetched_at: NullableTimestamp
  quote_of_id: Id | null
  quote_of_uri: string | null
  quote_state: QuoteState | null
  /** The proof that the quoted author allowed it (FEP-044f). */
  quote_authorization_uri: string | null
  /** Named only by properties older than FEP-044f, which know of no consent. */
  quote_is_legacy: Generated<boolean>
  quote_policy: Generated<QuotePolicy>
  quotes_count: Generated<number>
  preview_card_id: Id | null
  published_at: DefaultedTimestamp
  /** When it came here. */
  stored_at: DefaultedTimestamp
  edited_at: NullableTimestamp
  deleted_at: NullableTimestamp
}

export type MentionsTable = { note_id: Id; account_id: Id }
export type TagsTable = { id: Generated<Id>; name: string; created_at: DefaultedTimestamp }
export type NoteTagsTable = { note_id: Id; tag_id: Id }

export type MediaTable = {
  id: Generated<Id>
  account_id: Id
  note_id: Id | null
  position: Generated<number>
  kind: Generated<'image' | 'video' | 'audio' | 'unknown'>
  media_type: string
  /** The provider's untouched bytes, for paintings. */
  original_key: string | null
  /** What federates: at most 2 MB and 4,000 px. */
  file_key: string | null
  small_key: string | null
  remote_url: string | null
  width: number | null
  height: number | null
  small_width: number | null
  small_height: number | null
  blurhash: string | null
  focus_x: number | null
  focus_y: number | null
  description: Generated<string>
  byte_size: Id | null
  sha256: string | null
  /** Of a remote film or sound: the picture that stands for it until it plays. */
  preview_remote_url: string | null
  /** An IPTC digital source type URI; null for a picture nobody declared anything about. */
  digital_source_type: string | null
  generator_name: string | null
  generator_url: string | null
  prompt: string | null
  generation_id: Id | null
  /** Which waiting note keeps it. */
  scheduled_note_id: Id | null
  created_at: DefaultedTimestamp
}

export type FollowsTable = {
  id: Generated<Id>
  follower_id: Id
  followee_id: Id
  uri: string
  state: 'pending' | 'accepted'
  show_boosts: Generated<boolean>
  notify: Generated<boolean>
  created_at: DefaultedTimestamp
}

export type LikesTable = {
  id: Generated<Id>
  account_id: Id
  note_id: Id
  uri: string
  created_at: DefaultedTimestamp
}
export type BookmarksTable = {
  id: Generated<Id>
  account_id: Id
  note_id: Id
  created_at: DefaultedTimestamp
}

export type HomeEntriesTable = { account_id: Id; note_id: Id; author_id: Id; boost_of_id: Id | null }

export type MarkersTable = {
  account_id: Id
  timeline: 'home' | 'notifications'
  last_read_id: Id
  version: Generated<number>
  updated_at: DefaultedTimestamp
}

export type IdempotencyKeysTable = {
  account_id: Id
  purpose: 'note' | 'generation' | 'scheduled_note'
  key: string
  record_id: Id
  created_at: DefaultedTimestamp
}

export type ConsentEventsTable = {
  id: Generated<Id>
  account_id: Id
  switch: 'assistant' | 'stream' | 'dataset' | 'training'
  granted: boolean
  created_at: DefaultedTimestamp
}

export type AuditLogTable = {
  id: Generated<Id>
  actor_account_id: Id | null
  action: string
  subject: Generated<string>
  detail: Json<Record<string, unknown>>
  created_at: DefaultedTimestamp
}

export type SettingsTable = {
  name: string
  value: ColumnType<unknown, string, string>
  updated_at: DefaultedTimestamp
}

export type Database = {
  accounts: AccountsTable
  account_keys: AccountKeysTable
  users: UsersTable
  instances: InstancesTable
  domain_blocks: DomainBlocksTable
  notes: NotesTable
  mentions: MentionsTable
  tags: TagsTable
  note_tags: NoteTagsTable
  media: MediaTable
  follows: FollowsTable
  likes: LikesTable
  bookmarks: BookmarksTable
  home_entries: HomeEntriesTable
  notifications: notifications.NotificationsTable
  notification_policies: notifications.NotificationPoliciesTable
  notification_permissions: notifications.NotificationPermissionsTable
  notification_requests: notifications.NotificationRequestsTable
  markers: MarkersTable
  idempotency_keys: IdempotencyKeysTable
  consent_events: ConsentEventsTable
  audit_log: AuditLogTable
  settings: SettingsTable
  applications: auth.ApplicationsTable
  authorization_codes: auth.AuthorizationCodesTable
  access_tokens: auth.AccessTokensTable
  sessions: auth.SessionsTable
  owner_links: auth.OwnerLinksTable
  attempts: auth.AttemptsTable
  mail_links: signUp.MailLinksTable
  invites: signUp.InvitesTable
  generations: studio.GenerationsTable
  generation_events: studio.GenerationEventsTable
  provider_calls: studio.ProviderCallsTable
  ledger_entries: studio.LedgerEntriesTable
  polls: conversation.PollsTable
  poll_options: conversation.PollOptionsTable
  poll_votes: conversation.PollVotesTable
  reactions: conversation.ReactionsTable
  custom_emojis: conversation.CustomEmojisTable
  quote_authorizations: conversation.QuoteAuthorizationsTable
  note_versions: conversation.NoteVersionsTable
  preview_cards: conversation.PreviewCardsTable
  blocks: relations.BlocksTable
  mutes: relations.MutesTable
  person_domain_blocks: relations.PersonDomainBlocksTable
  conversation_mutes: relations.ConversationMutesTable
  reports: relations.ReportsTable
  pins: relations.PinsTable
  featured_tags: relations.FeaturedTagsTable
  filters: filters.FiltersTable
  filter_keywords: filters.FilterKeywordsTable
  filter_notes: filters.FilterNotesTable
  lists: lists.ListsTable
  list_accounts: lists.ListAccountsTable
  list_entries: lists.ListEntriesTable
  tag_follows: lists.TagFollowsTable
  tag_uses: lists.TagUsesTable
  tag_users: lists.TagUsersTable
  tag_days: lists.TagDaysTable
  conversations: direct.ConversationsTable
  conversation_entries: direct.ConversationEntriesTable
  scheduled_notes: scheduled.ScheduledNotesTable
  account_comments: marks.AccountCommentsTable
  endorsements: marks.EndorsementsTable
  dismissed_suggestions: marks.DismissedSuggestionsTable
  remote_files: remote.RemoteFilesTable
  retired_inboxes: remote.RetiredInboxesTable
  bluesky_bridges: remote.BlueskyBridgesTable
  rules: server.RulesTable
  terms_of_service: server.TermsOfServiceTable
  trends: server.TrendsTable
  announcements: server.AnnouncementsTable
  announcement_dismissals: server.AnnouncementDismissalsTable
  announcement_reactions: server.AnnouncementReactionsTable
  jobs: jobs.JobsTable
  dead_jobs: jobs.DeadJobsTable
  job_schedules: jobs.JobSchedulesTable
  activity_bodies: jobs.ActivityBodiesTable
  key_value: jobs.KeyValueTable
}
