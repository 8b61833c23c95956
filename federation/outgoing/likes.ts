import { personalInbox } from '#src/db/audiences.ts'
import { findNoteRow } from '#src/db/notes.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { toLike, toUndoLike } from '../convert/activity.ts'
import { type Outgoing, ship } from './send.ts'

/** Like or Undo, to the author of the note alone. */
export async function deliverLike(
  outgoing: Outgoing,
  { accountId, noteId, likeUri, isUndo }: JobPayload<'deliverLike'>,
  job: RunningJob,
): Promise<void> {
  const note = await findNoteRow(outgoing.app.db, noteId)
  if (!note) return
  const liking = { uri: likeUri, actor: outgoing.server.uris.actor(accountId), noteUri: note.uri }
  await ship(outgoing, job, {
    activity: isUndo ? toUndoLike(liking) : toLike(liking),
    senderId: accountId,
    targets: personalInbox(note.account_id),
    orderingKey: likeUri,
  })
}
