import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { addToNoteCounter } from './notes.ts'
import { type Page, pageByKey } from './paging.ts'
import type { BookmarksTable, Database, Id, LikesTable } from './tables.ts'

export type Like = Selectable<LikesTable>

/** Undefined when the note is liked already: the counter moves with the row or not at all. */
export async function insertLike(
  trx: Transaction<Database>,
  values: Insertable<LikesTable>,
): Promise<Like | undefined> {
  const like = await trx
    .insertInto('likes')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (like) await addToNoteCounter(trx, like.note_id, 'likes_count', 1)
  return like
}

/** Undefined when there was nothing to take back. */
export async function deleteLike(
  trx: Transaction<Database>,
  accountId: Id,
  noteId: Id,
): Promise<Like | undefined> {
  const like = await trx
    .deleteFrom('likes')
    .where('account_id', '=', accountId)
    .where('note_id', '=', noteId)
    .returningAll()
    .executeTakeFirst()
  if (like) await addToNoteCounter(trx, noteId, 'likes_count', -1)
  return like
}

export function findLikeByUri(db: Kysely<Database>, uri: string): Promise<Like | undefined> {
  return db.selectFrom('likes').selectAll().where('uri', '=', uri).executeTakeFirst()
}

/** Newest first; `like_id` is the cursor. */
export function listLikers(
  db: Kysely<Database>,
  noteId: Id,
  page: Page,
): Promise<(Account & { like_id: Id })[]> {
  const query = db
    .selectFrom('likes')
    .innerJoin('accounts', 'accounts.id', 'likes.account_id')
    .selectAll('accounts')
    .select('likes.id as like_id')
    .where('likes.note_id', '=', noteId)
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
  return pageByKey(query, 'likes.id', page)
}

/** Newest first; `boost_id` is the cursor. */
export function listBoosters(
  db: Kysely<Database>,
  noteId: Id,
  page: Page,
): Promise<(Account & { boost_id: Id })[]> {
  const query = db
    .selectFrom('notes')
    .innerJoin('accounts', 'accounts.id', 'notes.account_id')
    .selectAll('accounts')
    .select('notes.id as boost_id')
    .where('notes.boost_of_id', '=', noteId)
    .where('notes.deleted_at', 'is', null)
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
  return pageByKey(query, 'notes.id', page)
}

export async function insertBookmark(
  trx: Transaction<Database>,
  values: Insertable<BookmarksTable>,
): Promise<void> {
  await trx
    .insertInto('bookmarks')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deleteBookmark(trx: Transaction<Database>, accountId: Id, noteId: Id): Promise<void> {
  await trx
    .deleteFrom('bookmarks')
    .where('account_id', '=', accountId)
    .where('note_id', '=', noteId)
    .execute()
}
