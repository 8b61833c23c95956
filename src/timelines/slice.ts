import type { Kysely } from 'kysely'
import type { ListedNote } from '#src/db/listed-notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { type NoteView, viewsOf } from '#src/notes/view.ts'

/** Part of a list, newest first. Cursors are those of the rows read, so that paging goes on past hidden ones. */
export type Slice<Item> = { items: Item[]; cursors: Id[] }

/**
 * What is shown of a list.
 * @param cursorOf by what it is ordered where that is not the note itself, such as the moment of a bookmark
 */
export async function sliceOf<Row extends ListedNote>(
  db: Kysely<Database>,
  rows: Row[],
  viewerId: Id | null,
  cursorOf: (row: Row) => Id = ({ id }) => id,
): Promise<Slice<NoteView>> {
  return { items: await viewsOf(db, rows, viewerId), cursors: rows.map(cursorOf) }
}
