import type { App } from '#src/app.ts'
import { deleteConversationMute, insertConversationMute } from '#src/db/mutes.ts'
import { getVisibleOriginal } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteView, type NoteView } from './view.ts'

/**
 * Tells its reader nothing more of the conversation a note stands in; it can still be read.
 * @throws AppError notFound
 */
export async function muteConversation(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await app.db.transaction().execute((trx) => insertConversationMute(trx, viewerId, note.conversation_uri))
  return loadNoteView(app.db, note.id, viewerId)
}

/** @throws AppError notFound */
export async function unmuteConversation(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await app.db.transaction().execute((trx) => deleteConversationMute(trx, viewerId, note.conversation_uri))
  return loadNoteView(app.db, note.id, viewerId)
}
