import type { Generated } from 'kysely'
import type { Id } from './column-types.ts'

/** What someone here wrote directly with some others, in one conversation. */
export type ConversationsTable = {
  id: Generated<Id>
  account_id: Id
  conversation_uri: string
  /** The others, in the order of their ids. */
  participant_ids: Id[]
  last_note_id: Id
  is_unread: boolean
}

/** A direct note that someone here wrote or was sent; without its conversation, where they took that away. */
export type ConversationEntriesTable = {
  account_id: Id
  note_id: Id
  conversation_id: Id | null
}
