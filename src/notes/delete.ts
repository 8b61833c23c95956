import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { deleteMediaOfNote, detachMedia } from '#src/db/media.ts'
import { getVisibleNote } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { removeNoteOrBoost } from './boost.ts'
import { loadNoteView, type NoteView } from './view.ts'

/**
 * Deletes an own note, or takes back an own boost. Answers with what it was, so that an app can offer to write it anew.
 * Its pictures stay as unattached uploads for that, until they are pruned, unless they are to go with it.
 * @throws AppError notFound, for somebody else's too
 */
export async function deleteNote(
  app: App,
  viewerId: Id,
  noteId: Id,
  { deletesMedia = false } = {},
): Promise<NoteView> {
  const note = await getVisibleNote(app.db, noteId, viewerId)
  if (note.account_id !== viewerId) throw notFound()
  const view = await loadNoteView(app.db, note.id, viewerId)
  await app.db.transaction().execute(async (trx) => {
    if (!(await removeNoteOrBoost(trx, note))) return
    const fileKeys = deletesMedia ? await deleteMediaOfNote(trx, note.id) : []
    await detachMedia(trx, note.id, [])
    if (fileKeys.length > 0) await enqueue(trx, 'deleteFiles', { keys: fileKeys })
    await enqueue(trx, 'deliverNote', { noteId: note.id, activity: 'Delete' }, { orderingKey: note.uri })
  })
  return view
}
