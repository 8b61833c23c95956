import type { Insertable } from 'kysely'
import type { MediaChanges } from '#src/db/media.ts'
import type {
  CustomEmoji,
  Id,
  MediaTable,
  ObjectType,
  PromptVisibility,
  QuotePolicy,
  QuoteState,
  RemixPolicy,
  Visibility,
} from '#src/db/tables.ts'

/** A picture, film or sound on another server, as an incoming note shows it. */
export type RemoteAttachment = Omit<
  Insertable<MediaTable>,
  'account_id' | 'note_id' | 'position' | 'file_key' | 'small_key' | 'original_key'
> & { remote_url: string }

export type PollDraft = {
  titles: string[]
  isMultiple: boolean
  /** Null for one without an end. */
  endsAt: Date | null
  /** What its server says of a remote one; undefined for one of ours, whose votes are counted here. */
  counts?: { votes: number[]; voters: number; closedAt: Date | null } | undefined
}

/** Which note is quoted, and whether its author allows it. */
export type QuoteDraft = {
  uri: string
  id: Id | null
  state: QuoteState
  authorizationUri: string | null
  /** Named only by properties older than FEP-044f. */
  isLegacy: boolean
}

/**
 * What every written thing becomes on its way in, from a form or from an ActivityStreams object.
 * `storeNote` is the one function that stores it.
 */
export type NoteDraft = {
  /** Taken beforehand by `newId`, so that addresses can be made from it. */
  id: Id
  uri: string
  url: string
  accountId: Id
  isLocal: boolean
  visibility: Visibility
  /** What was typed; null for remote notes. */
  text: string | null
  /** Sanitised. */
  contentHtml: string
  summary: string
  isSensitive: boolean
  language: string | null
  emojis: CustomEmoji[]
  inReplyTo: { uri: string; id: Id | null; accountId: Id | null } | null
  conversationUri: string
  mentionedIds: Id[]
  /** Normalised, see `normalizeTag`. */
  tagNames: string[]
  media:
    | {
        kind: 'uploads'
        ids: Id[]
        /** What an edit says anew of them. */
        changes?: { id: Id; changes: MediaChanges }[] | undefined
      }
    | { kind: 'remote'; attachments: RemoteAttachment[] }
  promptVisibility: PromptVisibility
  remixPolicy: RemixPolicy
  remixOf: { uri: string; id: Id | null } | null
  objectType: ObjectType
  repliesUri: string | null
  contextUri: string | null
  poll: PollDraft | null
  quoteOf: QuoteDraft | null
  quotePolicy: QuotePolicy
  applicationId: Id | null
  publishedAt: Date
  editedAt: Date | null
}
