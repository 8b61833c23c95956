import type { Generated } from 'kysely'
import type { DefaultedTimestamp, GivenTimestamp, Id, Json, NullableTimestamp } from './column-types.ts'
import type { CustomEmoji, QuoteState } from './tables.ts'

/** Of a remote poll the counts are its server's. */
export type PollsTable = {
  note_id: Id
  is_multiple: boolean
  /** Null for one without an end. */
  ends_at: NullableTimestamp
  closed_at: NullableTimestamp
  voters_count: Generated<number>
}

export type PollOptionsTable = {
  note_id: Id
  position: number
  title: string
  votes_count: Generated<number>
}

export type PollVotesTable = {
  id: Generated<Id>
  note_id: Id
  position: number
  account_id: Id
  uri: string | null
  created_at: DefaultedTimestamp
}

export type ReactionsTable = {
  id: Generated<Id>
  account_id: Id
  note_id: Id
  /** An emoji character, or a custom one's shortcode without colons: `blobcat`, `blobcat@example.com`. */
  name: string
  /** Of a custom one. */
  emoji_url: string | null
  uri: string
  created_at: DefaultedTimestamp
}

/** The emoji of this server. */
export type CustomEmojisTable = {
  shortcode: string
  file_key: string
  media_type: string
  category: string | null
  created_at: DefaultedTimestamp
}

/** Whether a note of ours may be quoted by a certain note (FEP-044f). */
export type QuoteAuthorizationsTable = {
  id: Generated<Id>
  quoted_note_id: Id
  quoting_uri: string
  quoting_account_id: Id
  request_uri: string | null
  state: QuoteState
  created_at: DefaultedTimestamp
}

export type VersionMedia = { mediaId: Id; description: string }

/** What a note said before it was edited. */
export type NoteVersionsTable = {
  id: Generated<Id>
  note_id: Id
  content_html: string
  summary: string
  is_sensitive: boolean
  emojis: Json<CustomEmoji[]>
  media: Json<VersionMedia[]>
  poll_options: string[] | null
  written_at: GivenTimestamp
}

export type PreviewCardsTable = {
  id: Generated<Id>
  url: string
  title: Generated<string>
  description: Generated<string>
  language: string | null
  author_name: Generated<string>
  author_url: Generated<string>
  provider_name: Generated<string>
  image_remote_url: string | null
  image_description: Generated<string>
  image_width: number | null
  image_height: number | null
  published_at: NullableTimestamp
  state: Generated<'new' | 'found' | 'empty'>
  fetched_at: NullableTimestamp
}
