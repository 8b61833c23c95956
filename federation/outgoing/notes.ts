import { getAccount } from '#src/db/accounts.ts'
import { boostInboxes, changedNoteInboxes, deletedNoteInboxes, noteInboxes } from '#src/db/audiences.ts'
import { findNoteRow, type Note } from '#src/db/notes.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { toAnnounce, toCreate, toDelete, toUndoAnnounce, toUpdate } from '../convert/activity.ts'
import { buildNote } from '../objects.ts'
import { type Outgoing, type Shipment, ship } from './send.ts'

/** Create, Update or Delete of a local note; Announce or Undo of a boost. */
export async function deliverNote(
  outgoing: Outgoing,
  { noteId, activity }: JobPayload<'deliverNote'>,
  job: RunningJob,
): Promise<void> {
  const note = await findNoteRow(outgoing.app.db, noteId)
  // What was deleted before it left needs no announcing; its Delete is a job of its own.
  if (!note?.is_local || (activity !== 'Delete' && note.deleted_at)) return
  const shipment = await toShipment(outgoing, note, activity)
  await ship(outgoing, job, shipment)
}

async function toShipment(
  outgoing: Outgoing,
  note: Note,
  activity: JobPayload<'deliverNote'>['activity'],
): Promise<Shipment> {
  if (note.boost_of_id !== null) return boostShipment(outgoing, note, note.boost_of_id, activity === 'Delete')
  const common = { senderId: note.account_id, orderingKey: note.uri }
  if (activity === 'Delete') {
    const deletion = toDelete(note, outgoing.server.uris.actor(note.account_id))
    return { ...common, activity: deletion, targets: deletedNoteInboxes(note) }
  }
  const view = await loadNoteView(outgoing.app.db, note.id, note.account_id)
  const object = await buildNote(outgoing, view)
  return activity === 'Create'
    ? { ...common, activity: toCreate(note, object), targets: noteInboxes(note) }
    : { ...common, activity: toUpdate(note, object), targets: changedNoteInboxes(note) }
}

async function boostShipment(
  { app, server }: Outgoing,
  boost: Note,
  boostedId: string,
  isUndo: boolean,
): Promise<Shipment> {
  const booster = await getAccount(app.db, boost.account_id)
  const note = await findNoteRow(app.db, boostedId)
  if (!note) throw new Error('A boost stands on a note')
  const author = await getAccount(app.db, note.account_id)
  const boosted = { uri: note.uri, authorUri: author.uri }
  return {
    activity: (isUndo ? toUndoAnnounce : toAnnounce)(boost, booster, boosted, server),
    senderId: booster.id,
    targets: boostInboxes(boost, author.id),
    orderingKey: boost.uri,
  }
}
