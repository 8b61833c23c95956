import { type ExpressionWrapper, expressionBuilder, type Kysely, type SqlBool, sql } from 'kysely'
import { distinctIds } from './ids.ts'
import type { Note } from './notes.ts'
import { type Page, pageByKey } from './paging.ts'
import { isBlockedWith } from './quotes.ts'
import type { Database, Id } from './tables.ts'
import { followsAuthor, isOpen, rowByRow, visibleTo } from './visibility.ts'

/**
 * Which notes an account may paint from: those with a picture that says how it was made, their own and what its
 * author's policy gives them, and nothing between people one of whom blocks the other. docs/fep-provenance.md
 */
export function remixableBy(accountId: Id): ExpressionWrapper<Database, 'notes', SqlBool> {
  const eb = expressionBuilder<Database, 'notes'>()
  return eb.and([
    eb('notes.boost_of_id', 'is', null),
    eb.exists(
      eb
        .selectFrom('media')
        .select('media.id')
        .whereRef('media.note_id', '=', 'notes.id')
        .where('media.digital_source_type', 'is not', null)
        .offset(rowByRow),
    ),
    eb.or([
      eb('notes.account_id', '=', accountId),
      eb.and([
        // What is for few is not made into what everyone may see.
        isOpen(eb),
        eb.not(isBlockedWith(accountId)),
        eb.or([
          eb('notes.remix_policy', '=', sql.lit('anyone')),
          eb.and([eb('notes.remix_policy', '=', sql.lit('followers')), followsAuthor(accountId)]),
        ]),
      ]),
    ]),
  ])
}

/** Undefined alike for what is not there, hidden, and not to be painted from by this account. */
export function findRemixableNote(db: Kysely<Database>, id: Id, accountId: Id): Promise<Note | undefined> {
  return db
    .selectFrom('notes')
    .selectAll('notes')
    .where('notes.id', '=', id)
    .where(visibleTo(accountId))
    .where(remixableBy(accountId))
    .executeTakeFirst()
}

/** What a note was made from, and what that was made from, the nearest first, tombstones included. */
export async function listAncestors(db: Kysely<Database>, noteId: Id, most: number): Promise<Note[]> {
  // Servers can claim a circle: it is walked once.
  const { rows } = await sql<{ id: Id }>`
    with recursive line (id, parent_id, depth) as (
      select id, remix_of_id, 0 from notes where id = ${noteId}
      union all
      select parent.id, parent.remix_of_id, line.depth + 1
      from line join notes as parent on parent.id = line.parent_id where line.depth < ${most}
    ) cycle id set is_circle using path
    select id from line where depth > 0 and not is_circle order by depth`.execute(db)
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return []
  const notes = await db.selectFrom('notes').selectAll().where('id', 'in', ids).execute()
  return notes.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
}

/** What was made from a note, newest first, as far as the viewer may see it; their ids are the cursors. */
export async function listRemixIds(
  db: Kysely<Database>,
  noteId: Id,
  viewerId: Id | null,
  page: Page,
): Promise<Id[]> {
  const remixes = db
    .selectFrom('notes')
    .select('notes.id')
    .where('notes.remix_of_id', '=', noteId)
    .where(visibleTo(viewerId))
  const rows = await pageByKey(remixes, 'notes.id', page)
  return rows.map(({ id }) => id)
}

/** What these own pictures were painted from, each note once; none for most. */
export async function listRemixedByMedia(db: Kysely<Database>, mediaIds: Id[], accountId: Id): Promise<Id[]> {
  if (mediaIds.length === 0) return []
  const rows = await db
    .selectFrom('media')
    .innerJoin('generations', 'generations.id', 'media.generation_id')
    .select('generations.remix_of_id')
    .where('media.id', 'in', mediaIds)
    .where('media.account_id', '=', accountId)
    .where('generations.remix_of_id', 'is not', null)
    .orderBy('media.id')
    .execute()
  return distinctIds(rows.map((row) => row.remix_of_id))
}

/** Whether one of these says of itself how it was made. */
export async function hasMadePicture(db: Kysely<Database>, mediaIds: Id[]): Promise<boolean> {
  if (mediaIds.length === 0) return false
  const row = await db
    .selectFrom('media')
    .select('id')
    .where('id', 'in', mediaIds)
    .where('digital_source_type', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
