import type { App } from '#src/app.ts'
import { getVisibleOriginal, type Note } from '#src/db/notes.ts'
import type { Page } from '#src/db/paging.ts'
import { listAncestors, listRemixIds } from '#src/db/remixes.ts'
import type { Id } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { loadNoteViews, type NoteView, type Parent } from '#src/notes/view.ts'
import type { Slice } from './slice.ts'

/** Where a picture comes from, from the first one down, and what was made from it, the newest first. */
export type Lineage = { note: Note; ancestors: Parent[]; remixes: Slice<NoteView>; remixCount: number }

const maxAncestors = 20

/**
 * Behind a note that the viewer may not see the line ends for them: what it was made from is its own to say.
 * @throws AppError notFound
 */
export async function readLineage(
  { db }: Pick<App, 'db'>,
  viewerId: Id | null,
  noteId: Id,
  page: Page,
): Promise<Lineage> {
  const note = await getVisibleOriginal(db, noteId, viewerId)
  const [rows, cursors] = await Promise.all([
    listAncestors(db, note.id, maxAncestors),
    listRemixIds(db, note.id, viewerId, page),
  ])
  const views = await loadNoteViews(db, [...rows.map(({ id }) => id), ...cursors], viewerId)
  const viewOf = new Map(views.map((view) => [view.note.id, view]))
  return {
    note,
    ancestors: toAncestors(note, rows, viewOf),
    remixes: { items: cursors.map((id) => viewOf.get(id)).filter((view) => view !== undefined), cursors },
    remixCount: note.remixes_count,
  }
}

function toAncestors(note: Note, rows: Note[], viewOf: Map<Id, NoteView>): Parent[] {
  const ancestors: Parent[] = []
  let child = note
  for (const row of rows) {
    const ancestor = toAncestor(row, viewOf.get(row.id))
    ancestors.unshift(ancestor)
    child = row
    if (ancestor.state === 'unavailable') return ancestors
  }
  if (child.remix_of_uri !== null && child.remix_of_id === null && rows.length < maxAncestors)
    ancestors.unshift({ uri: child.remix_of_uri, state: 'unavailable' })
  return ancestors
}

function toAncestor(row: Note, view: NoteView | undefined): Parent {
  if (view) return { uri: row.uri, state: 'available', view }
  return { uri: row.uri, state: row.deleted_at && isForEveryone(row) ? 'deleted' : 'unavailable' }
}
