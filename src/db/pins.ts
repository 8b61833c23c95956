import { type Kysely, sql, type Transaction } from 'kysely'
import type { Note } from './notes.ts'
import type { Database, Id } from './tables.ts'
import { visibleTo } from './visibility.ts'

export type Pin = { id: Id; note_id: Id }

/** What someone pinned to their profile, as far as the viewer may see it; the newest pin first. */
export async function listPinnedNoteIds(
  db: Kysely<Database>,
  accountId: Id,
  viewerId: Id | null,
): Promise<Id[]> {
  const rows = await db
    .selectFrom('pins')
    .innerJoin('notes', 'notes.id', 'pins.note_id')
    .select('notes.id')
    .where('pins.account_id', '=', accountId)
    .where(visibleTo(viewerId))
    .orderBy('pins.id', 'desc')
    .execute()
  return rows.map((row) => row.id)
}

/** Pins of deleted notes do not count. */
export async function countPins(db: Kysely<Database>, accountId: Id): Promise<number> {
  const row = await db
    .selectFrom('pins')
    .innerJoin('notes', 'notes.id', 'pins.note_id')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('pins.account_id', '=', accountId)
    .where('notes.deleted_at', 'is', null)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** Undefined when it is pinned already. */
export function insertPin(
  trx: Transaction<Database>,
  { id: noteId, account_id: accountId }: Pick<Note, 'id' | 'account_id'>,
): Promise<Pin | undefined> {
  return trx
    .insertInto('pins')
    .values({ account_id: accountId, note_id: noteId })
    .onConflict((conflict) => conflict.doNothing())
    .returning(['id', 'note_id'])
    .executeTakeFirst()
}

/** Undefined when it was not pinned. */
export function deletePin(
  trx: Transaction<Database>,
  { id: noteId, account_id: accountId }: Pick<Note, 'id' | 'account_id'>,
): Promise<Pin | undefined> {
  return trx
    .deleteFrom('pins')
    .where('account_id', '=', accountId)
    .where('note_id', '=', noteId)
    .returning(['id', 'note_id'])
    .executeTakeFirst()
}

/** Makes an account's pins exactly these of its own notes. @param noteIds the first on the profile first */
export async function replacePins(trx: Transaction<Database>, accountId: Id, noteIds: Id[]): Promise<void> {
  await trx.deleteFrom('pins').where('account_id', '=', accountId).execute()
  // Row by row, since the newest pin stands first and ids grow.
  for (const noteId of noteIds.toReversed()) await insertPin(trx, { id: noteId, account_id: accountId })
}

/** Unpins the oldest beyond so many. */
export async function trimPins(trx: Transaction<Database>, accountId: Id, most: number): Promise<void> {
  await sql`
    delete from pins where account_id = ${accountId} and id in (
      select id from pins where account_id = ${accountId} order by id desc offset ${most}
    )
  `.execute(trx)
}
