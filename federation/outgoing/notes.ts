import { findAccount } from '#src/db/accounts.ts'
import { boostInboxes, changedNoteInboxes, deletedNoteInboxes, noteInboxes } from '#src/db/audiences.ts'
import { findNoteRow, type Note } from '#src/db/notes.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { toAnnounce, toCreate, toDelete, toUndoAnnounce, toUpdate } from '../convert/activity.ts'
import { buildNote } from '../serving/objects.ts'
import { type Outgoing, type Shipment, ship } from './send.ts'

/** Create, Update or Delete of a local note; Announce or Undo of a boost. */
export async function deliverNote(
  outgoing: Outgoing,
  { noteId, activity, version }: JobPayload<'deliverNote'>,
  job: RunningJob,
): Promise<void> {
  const note = await findNoteRow(outgoing.app.db, noteId)
  // What was deleted before it left needs no announcing; its Delete is a job of its own.
  if (!note?.is_local || (activity !== 'Delete' && note.deleted_at)) return
  const shipment =
    note.boost_of_id === null
      ? noteShipment(outgoing, note, { activity, version })
      : await boostShipment(outgoing, note, note.boost_of_id, activity === 'Delete')
  if (shipment) await ship(outgoing, job, shipment)
}

function noteShipment(
  outgoing: Outgoing,
  note: Note,
  { activity, version }: Omit<JobPayload<'deliverNote'>, 'noteId'>,
): Shipment {
  const syncsFollowers = note.visibility === 'followers'
  const common = { senderId: note.account_id, orderingKey: note.uri, syncsFollowers }
  if (activity === 'Delete') {
    const deletion = toDelete(note, outgoing.server.uris.actor(note.account_id))
    return { ...common, activity: deletion, targets: deletedNoteInboxes(note) }
  }
  const make = async () => {
    const [view] = await loadNoteViews(outgoing.app.db, [note.id], note.account_id)
    const object = view && (await buildNote(outgoing, view))
    if (!object) return undefined
    return activity === 'Create' ? toCreate(note, object) : toUpdate(note, object, version)
  }
  const targets = activity === 'Create' ? noteInboxes(note) : changedNoteInboxes(note)
  return { ...common, activity: make, targets }
}

async function boostShipment(
  { app, server }: Outgoing,
  boost: Note,
  boostedId: string,
  isUndo: boolean,
): Promise<Shipment | undefined> {
  const [booster, note] = await Promise.all([
    findAccount(app.db, boost.account_id),
    findNoteRow(app.db, boostedId),
  ])
  const author = note && (await findAccount(app.db, note.account_id))
  if (!booster || !author) return undefined
  const boosted = { uri: note.uri, authorUri: author.uri }
  return {
    activity: (isUndo ? toUndoAnnounce : toAnnounce)(boost, booster, boosted, server),
    senderId: booster.id,
    targets: boostInboxes(boost, author.id),
    orderingKey: boost.uri,
  }
}
