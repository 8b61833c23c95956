import type { App } from '#src/app.ts'
import { getVisibleOriginal, type Note } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { listAncestorIds, listDescendantIds } from '#src/db/timelines.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'

export type Thread = { note: Note; ancestors: NoteView[]; descendants: NoteView[] }

/**
 * What a note answers, from the root down, and what answers it, depth first.
 * @throws AppError notFound
 */
export async function readThread(app: Pick<App, 'db'>, viewerId: Id | null, noteId: Id): Promise<Thread> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  const [above, below] = await Promise.all([
    note.in_reply_to_id === null ? [] : listAncestorIds(app.db, note.id, viewerId),
    listDescendantIds(app.db, note.id, viewerId),
  ])
  const views = await loadNoteViews(app.db, [...above, ...below], viewerId)
  const isAbove = new Set(above)
  return {
    note,
    ancestors: views.filter((view) => isAbove.has(view.note.id)),
    descendants: views.filter((view) => !isAbove.has(view.note.id)),
  }
}
