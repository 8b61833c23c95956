import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { type Account, findAccount } from '#src/db/accounts.ts'
import { deleteBookmark, deleteLike, insertBookmark, insertLike, type Like } from '#src/db/likes.ts'
import { getVisibleOriginal, type Note, newId } from '#src/db/notes.ts'
import { deleteNotification, insertNotifications } from '#src/db/notifications.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { refuseBlocked } from '#src/relationships/block.ts'
import { loadNoteView, type NoteView } from './view.ts'

/** @throws AppError notFound; forbidden for those whom the viewer blocks */
export async function likeNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await refuseBlocked(app, viewerId, note.account_id)
  await app.db.transaction().execute(async (trx) => {
    const id = await newId(trx)
    const like = await addLike(trx, note, { id, accountId: viewerId, uri: app.uris.like(viewerId, id) })
    if (like) await deliverLike(trx, like, note, false)
  })
  return loadNoteView(app.db, note.id, viewerId)
}

/** @throws AppError notFound */
export async function unlikeNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await app.db.transaction().execute(async (trx) => {
    const like = await removeLike(trx, note, viewerId)
    if (like) await deliverLike(trx, like, note, true)
  })
  return loadNoteView(app.db, note.id, viewerId)
}

/** Undefined when it was liked already. For local and remote people alike. */
export async function addLike(
  trx: Transaction<Database>,
  note: Note,
  like: { id?: Id; accountId: Id; uri: string },
): Promise<Like | undefined> {
  const stored = await insertLike(trx, {
    ...(like.id && { id: like.id }),
    account_id: like.accountId,
    note_id: note.id,
    uri: like.uri,
  })
  if (!stored) return undefined
  await insertNotifications(trx, [note.account_id], {
    kind: 'like',
    fromAccountId: like.accountId,
    noteId: note.id,
  })
  return stored
}

/** Undefined when there was nothing to take back. */
export async function removeLike(
  trx: Transaction<Database>,
  note: Note,
  accountId: Id,
): Promise<Like | undefined> {
  const like = await deleteLike(trx, accountId, note.id)
  if (!like) return undefined
  await deleteNotification(trx, {
    kind: 'like',
    recipientId: note.account_id,
    fromAccountId: accountId,
    noteId: note.id,
  })
  return like
}

async function deliverLike(
  trx: Transaction<Database>,
  like: Like,
  note: Note,
  isUndo: boolean,
): Promise<void> {
  const author = await findAccount(trx, note.account_id)
  if (!isRemote(author)) return
  const payload = { accountId: like.account_id, noteId: note.id, likeUri: like.uri, isUndo }
  await enqueue(trx, 'deliverLike', payload, { orderingKey: like.uri })
}

/** @throws AppError notFound */
export async function bookmarkNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await app.db.transaction().execute((trx) => insertBookmark(trx, { account_id: viewerId, note_id: note.id }))
  return loadNoteView(app.db, note.id, viewerId)
}

/** @throws AppError notFound */
export async function unbookmarkNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await app.db.transaction().execute((trx) => deleteBookmark(trx, viewerId, note.id))
  return loadNoteView(app.db, note.id, viewerId)
}

const isRemote = (account: Account | undefined): boolean => account?.domain != null
