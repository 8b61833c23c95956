import type { Transaction } from 'kysely'
import { refuseMoved } from '#src/accounts/moved.ts'
import type { App } from '#src/app.ts'
import { notAllowed, notFound } from '#src/base/errors.ts'
import { getAccount } from '#src/db/accounts.ts'
import { hasBoostInbox } from '#src/db/audiences.ts'
import { writeHomeEntries } from '#src/db/home-entries.ts'
import { deleteRemoteAttachments } from '#src/db/media.ts'
import {
  findBoost,
  findNoteRow,
  getVisibleOriginal,
  insertNote,
  lockLivingNote,
  lockNote,
  type Note,
  newId,
} from '#src/db/notes.ts'
import { deleteNotification, insertNotifications } from '#src/db/notifications.ts'
import type { Database, Id, Visibility } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { refuseBlocked } from '#src/relationships/block.ts'
import { countWritten, removeNote } from './store.ts'
import { loadNoteView, type NoteView } from './view.ts'

/**
 * @param visibility never wider than public; a boost is for whom the booster says
 * @throws AppError notFound; forbidden for notes that are not for everyone, or of those whom the viewer blocks
 */
export async function boostNote(
  app: App,
  viewerId: Id,
  noteId: Id,
  visibility: Visibility,
): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  if (!isBoostable(note)) throw notAllowed()
  await refuseBlocked(app, viewerId, note.account_id)
  const booster = await getAccount(app.db, viewerId)
  refuseMoved(booster)
  const boostId = await app.db.transaction().execute(async (trx) => {
    const id = await newId(trx)
    const boost = await addBoost(trx, note, {
      id,
      accountId: viewerId,
      isLocal: true,
      uri: app.uris.note(id),
      url: app.uris.notePage(booster.username, id),
      visibility: visibility === 'direct' ? 'followers' : visibility,
      publishedAt: app.clock.now(),
    })
    if (boost && (await hasBoostInbox(trx, boost, note.account_id)))
      await enqueue(trx, 'deliverNote', { noteId: boost.id, activity: 'Create' }, { orderingKey: boost.uri })
    const boosted = boost ?? (await findBoost(trx, viewerId, note.id))
    if (!boosted) throw notFound()
    return boosted.id
  })
  return loadNoteView(app.db, boostId, viewerId)
}

/** @throws AppError notFound */
export async function unboostNote(app: App, viewerId: Id, noteId: Id): Promise<NoteView> {
  const note = await getVisibleOriginal(app.db, noteId, viewerId)
  await app.db.transaction().execute(async (trx) => {
    const boost = await findBoost(trx, viewerId, note.id)
    if (!boost || !(await removeBoost(trx, boost, note))) return
    await enqueue(trx, 'deliverNote', { noteId: boost.id, activity: 'Delete' }, { orderingKey: boost.uri })
  })
  return loadNoteView(app.db, note.id, viewerId)
}

type Boost = {
  id: Id
  accountId: Id
  isLocal: boolean
  uri: string
  url: string
  visibility: Visibility
  publishedAt: Date
}

/** Undefined when this account boosts the note already, or it is gone. For local and remote people alike. */
export async function addBoost(
  trx: Transaction<Database>,
  note: Note,
  boost: Boost,
): Promise<Note | undefined> {
  // It may have been deleted meanwhile, with the boosts there were.
  if (!(await lockLivingNote(trx, note.id))) return undefined
  const stored = await insertNote(trx, {
    id: boost.id,
    uri: boost.uri,
    url: boost.url,
    account_id: boost.accountId,
    is_local: boost.isLocal,
    boost_of_id: note.id,
    conversation_uri: note.conversation_uri,
    visibility: boost.visibility,
    published_at: boost.publishedAt,
  })
  if (!stored) return undefined
  await countWritten(trx, [stored])
  await writeHomeEntries(trx, [stored.id])
  await insertNotifications(trx, [note.account_id], {
    kind: 'boost',
    fromAccountId: boost.accountId,
    noteId: note.id,
  })
  return stored
}

/** False when it was gone already. */
export async function removeBoost(trx: Transaction<Database>, boost: Note, note: Note): Promise<boolean> {
  await lockNote(trx, note.id)
  if (!(await removeNote(trx, boost))) return false
  await deleteNotification(trx, {
    kind: 'boost',
    recipientId: note.account_id,
    fromAccountId: boost.account_id,
    noteId: note.id,
  })
  return true
}

/** Removes a note, or a boost with what it told the author. False when it was gone already. */
export async function removeNoteOrBoost(trx: Transaction<Database>, note: Note): Promise<boolean> {
  const boosted = note.boost_of_id === null ? undefined : await findNoteRow(trx, note.boost_of_id)
  return boosted ? removeBoost(trx, note, boosted) : removeNote(trx, note)
}

/** Removes a note of another server, or a boost, with the addresses of its pictures. False when it was gone already. */
export async function removeRemoteNote(trx: Transaction<Database>, note: Note): Promise<boolean> {
  if (!(await removeNoteOrBoost(trx, note))) return false
  if (note.boost_of_id === null) await deleteRemoteAttachments(trx, note.id)
  return true
}

/** Only what everyone may see may be carried further. */
export function isBoostable(note: Note): boolean {
  return note.boost_of_id === null && isForEveryone(note)
}
