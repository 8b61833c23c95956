import type { Kysely } from 'kysely'
import type { Database, Id } from '#src/db/tables.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'

/** Part of a list, newest first. Cursors are those of the rows read, so that paging goes on past hidden ones. */
export type Slice<Item> = { items: Item[]; cursors: Id[] }

/** Turns ids into notes, for lists that are ordered by the notes themselves. */
export async function sliceOfNotes(
  db: Kysely<Database>,
  ids: Id[],
  viewerId: Id | null,
): Promise<Slice<NoteView>> {
  return { items: await loadNoteViews(db, ids, viewerId), cursors: ids }
}

/** The same for lists ordered by something else, such as the moment of a bookmark. */
export async function sliceOfMarked(
  db: Kysely<Database>,
  rows: { id: Id; cursor: Id }[],
  viewerId: Id,
): Promise<Slice<NoteView>> {
  const items = await loadNoteViews(
    db,
    rows.map((row) => row.id),
    viewerId,
  )
  return { items, cursors: rows.map((row) => row.cursor) }
}
