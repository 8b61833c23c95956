import type { ExpressionBuilder, Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { addToNoteCounter, type Note } from './notes.ts'
import { type Page, pageByKey } from './paging.ts'
import { quotableBy } from './quotes.ts'
import { remixableBy } from './remixes.ts'
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

export type NoteState = {
  note_id: Id
  liked: boolean
  boosted: boolean
  bookmarked: boolean
  pinned: boolean
  /** Whether the viewer wants to hear no more of the conversation. */
  muted: boolean
  /** Whether its author lets the viewer quote it, or ask to. */
  may_quote: boolean
  /** Whether its author lets the viewer paint from its picture. */
  may_remix: boolean
}

type Listed = Pick<Note, 'id' | 'account_id' | 'remix_policy'>

/** What one viewer did with several notes, and may do, in one query. */
export function listNoteStates(
  db: Kysely<Database>,
  viewerId: Id,
  notes: readonly Listed[],
): Promise<NoteState[]> {
  if (notes.length === 0) return Promise.resolve([])
  // Most pages show nothing to paint from, and to ask for it costs more than the rest.
  const isAnyRemixable = notes.some((note) => note.remix_policy !== 'nobody' || note.account_id === viewerId)
  const own = (table: 'likes' | 'bookmarks' | 'pins') => (eb: ExpressionBuilder<Database, 'notes'>) =>
    eb.exists(
      eb
        .selectFrom(table)
        .select(`${table}.id`)
        .whereRef(`${table}.note_id`, '=', 'notes.id')
        .where(`${table}.account_id`, '=', viewerId),
    )
  return db
    .selectFrom('notes')
    .where(
      'notes.id',
      'in',
      notes.map((note) => note.id),
    )
    .select((eb) => [
      'notes.id as note_id',
      own('likes')(eb).$castTo<boolean>().as('liked'),
      own('bookmarks')(eb).$castTo<boolean>().as('bookmarked'),
      own('pins')(eb).$castTo<boolean>().as('pinned'),
      quotableBy(viewerId).$castTo<boolean>().as('may_quote'),
      (isAnyRemixable ? remixableBy(viewerId) : eb.lit(false)).$castTo<boolean>().as('may_remix'),
      eb
        .exists(
          eb
            .selectFrom('conversation_mutes')
            .select('conversation_mutes.account_id')
            .whereRef('conversation_mutes.conversation_uri', '=', 'notes.conversation_uri')
            .where('conversation_mutes.account_id', '=', viewerId),
        )
        .$castTo<boolean>()
        .as('muted'),
      eb
        .exists(
          eb
            .selectFrom('notes as boosts')
            .select('boosts.id')
            .whereRef('boosts.boost_of_id', '=', 'notes.id')
            .where('boosts.account_id', '=', viewerId)
            .where('boosts.deleted_at', 'is', null),
        )
        .$castTo<boolean>()
        .as('boosted'),
    ])
    .execute()
}
