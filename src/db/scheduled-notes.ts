import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import { anyOf } from './ids.ts'
import { type Media, mediaNotFound } from './media.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import type { ScheduledNotesTable } from './tables-scheduled.ts'

export type ScheduledNote = Selectable<ScheduledNotesTable>

export async function insertScheduledNote(
  trx: Transaction<Database>,
  values: Insertable<ScheduledNotesTable>,
): Promise<void> {
  await trx.insertInto('scheduled_notes').values(values).execute()
}

export function findScheduledNote(db: Kysely<Database>, id: Id): Promise<ScheduledNote | undefined> {
  return db.selectFrom('scheduled_notes').selectAll().where('id', '=', id).executeTakeFirst()
}

/** @throws AppError notFound, for somebody else's too */
export async function getOwnScheduledNote(
  db: Kysely<Database>,
  id: Id,
  accountId: Id,
): Promise<ScheduledNote> {
  const scheduled = await findScheduledNote(db, id)
  if (scheduled?.account_id !== accountId) throw notFound()
  return scheduled
}

/** Newest first. */
export function listScheduledNotes(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
): Promise<ScheduledNote[]> {
  const query = db.selectFrom('scheduled_notes').selectAll().where('account_id', '=', accountId)
  return pageByKey(query, 'id', page)
}

/** How many someone has, in all and on the day of a moment, but for one that is moved. */
export async function countScheduledNotes(
  db: Kysely<Database>,
  accountId: Id,
  { at, exceptId }: { at: Date; exceptId: Id | null },
): Promise<{ total: number; thatDay: number }> {
  const { rows } = await sql<{ total: number; thatDay: number }>`
    select count(*)::int as total,
      (count(*) filter (where (scheduled_at at time zone 'UTC')::date
        = (${at}::timestamptz at time zone 'UTC')::date))::int as "thatDay"
    from scheduled_notes
    where account_id = ${accountId} and id is distinct from ${exceptId}::bigint
  `.execute(db)
  return rows[0] ?? { total: 0, thatDay: 0 }
}

/** Undefined when it was not there any more. */
export function moveScheduledNote(
  trx: Transaction<Database>,
  id: Id,
  scheduledAt: Date,
): Promise<ScheduledNote | undefined> {
  return trx
    .updateTable('scheduled_notes')
    .set({ scheduled_at: scheduledAt })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}

/**
 * Takes one out, and lets its pictures go; false when it was not there any more.
 * @param dueBy only one whose time has come by then
 */
export async function deleteScheduledNote(
  trx: Transaction<Database>,
  id: Id,
  dueBy?: Date,
): Promise<boolean> {
  let query = trx.deleteFrom('scheduled_notes').where('id', '=', id)
  if (dueBy) query = query.where('scheduled_at', '<=', dueBy)
  return (await query.returning('id').execute()).length > 0
}

/**
 * Keeps uploads for a scheduled note.
 * @throws AppError invalid when one is unknown, somebody else's or in use already
 */
export async function holdMedia(
  trx: Transaction<Database>,
  scheduled: { id: Id; account_id: Id },
  mediaIds: Id[],
): Promise<void> {
  if (mediaIds.length === 0) return
  const held = await trx
    .updateTable('media')
    .set({
      scheduled_note_id: scheduled.id,
      position: sql`array_position(${mediaIds}::bigint[], media.id) - 1`,
    })
    .where('id', '=', anyOf(mediaIds))
    .where('account_id', '=', scheduled.account_id)
    .where('note_id', 'is', null)
    .where('scheduled_note_id', 'is', null)
    .returning('id')
    .execute()
  if (held.length !== new Set(mediaIds).size) throw mediaNotFound()
}

/** In their order. */
export function listHeldMedia(db: Kysely<Database>, scheduledNoteIds: Id[]): Promise<Media[]> {
  if (scheduledNoteIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('media')
    .selectAll()
    .where('scheduled_note_id', '=', anyOf(scheduledNoteIds))
    .orderBy('scheduled_note_id')
    .orderBy('position')
    .execute()
}
