import { type Kysely, sql } from 'kysely'
import type { Database, Id } from './tables.ts'
import { visibleTo } from './visibility.ts'

// What the collections of ActivityPub list: keyset pages of addresses and ids.

/** What everyone may see, in plain SQL, for what counts notes. */
export const openNote = sql<boolean>`notes.visibility in ('public', 'unlisted') and notes.deleted_at is null`

/** Notes and boosts of an account that everyone may see, newest first. */
export async function listPublishedIds(
  db: Kysely<Database>,
  accountId: Id,
  page: { limit: number; beforeId?: Id | undefined },
): Promise<Id[]> {
  const rows = await db
    .selectFrom('notes')
    .select('notes.id')
    .where('notes.account_id', '=', accountId)
    .where(visibleTo(null))
    .$if(page.beforeId !== undefined, (query) => query.where('notes.id', '<', page.beforeId ?? ''))
    .orderBy('notes.id', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map((row) => row.id)
}

export type FollowSide = 'followers' | 'following'
export type ListedActor = { follow_id: Id; uri: string }

/** Newest first. */
export function listFollowUris(
  db: Kysely<Database>,
  accountId: Id,
  side: FollowSide,
  page: { limit: number; beforeId?: Id | undefined },
): Promise<ListedActor[]> {
  const own = side === 'followers' ? ('follows.followee_id' as const) : ('follows.follower_id' as const)
  const other = side === 'followers' ? ('follows.follower_id' as const) : ('follows.followee_id' as const)
  return db
    .selectFrom('follows')
    .innerJoin('accounts', 'accounts.id', other)
    .select(['follows.id as follow_id', 'accounts.uri'])
    .where(own, '=', accountId)
    .where('follows.state', '=', 'accepted')
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
    .$if(page.beforeId !== undefined, (query) => query.where('follows.id', '<', page.beforeId ?? ''))
    .orderBy('follows.id', 'desc')
    .limit(page.limit)
    .execute()
}

export type ReplyPage = {
  noteId: Id
  authorId: Id
  /** The author's own answers, or everyone else's. */
  by: 'author' | 'others'
  limit: number
  afterId?: Id | undefined
}

/** Answers that everyone may see, oldest first. */
export function listReplyUris(db: Kysely<Database>, page: ReplyPage): Promise<{ id: Id; uri: string }[]> {
  return db
    .selectFrom('notes')
    .select(['notes.id', 'notes.uri'])
    .where('notes.in_reply_to_id', '=', page.noteId)
    .where('notes.account_id', page.by === 'author' ? '=' : '<>', page.authorId)
    .where(visibleTo(null))
    .$if(page.afterId !== undefined, (query) => query.where('notes.id', '>', page.afterId ?? ''))
    .orderBy('notes.id')
    .limit(page.limit)
    .execute()
}

/** Of a conversation, what everyone may see, oldest first. */
export function listConversationUris(
  db: Kysely<Database>,
  conversationUri: string,
  page: { limit: number; afterId?: Id | undefined },
): Promise<{ id: Id; uri: string }[]> {
  return db
    .selectFrom('notes')
    .select(['notes.id', 'notes.uri'])
    .where('notes.conversation_uri', '=', conversationUri)
    .where('notes.boost_of_id', 'is', null)
    .where(visibleTo(null))
    .$if(page.afterId !== undefined, (query) => query.where('notes.id', '>', page.afterId ?? ''))
    .orderBy('notes.id')
    .limit(page.limit)
    .execute()
}

/** How much of a conversation everyone may see. */
export async function countConversation(db: Kysely<Database>, conversationUri: string): Promise<number> {
  const row = await db
    .selectFrom('notes')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('notes.conversation_uri', '=', conversationUri)
    .where('notes.boost_of_id', 'is', null)
    .where(visibleTo(null))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}
