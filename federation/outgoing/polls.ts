import { changedNoteInboxes, personalInbox } from '#src/db/audiences.ts'
import { findNoteRow } from '#src/db/notes.ts'
import { findCastVote } from '#src/db/polls.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { toPollUpdate, toVoteCreate } from '../convert/activity.ts'
import { toVote } from '../convert/poll.ts'
import { buildNote } from '../serving/objects.ts'
import { type Outgoing, ship } from './send.ts'

/** A vote of one of us, to the poll's author alone. */
export async function deliverVote(
  outgoing: Outgoing,
  { voteId }: JobPayload<'deliverVote'>,
  job: RunningJob,
): Promise<void> {
  const vote = await findCastVote(outgoing.app.db, voteId)
  if (!vote) return
  const { accountId, uri, title, noteUri, authorId, authorUri } = vote
  const actor = outgoing.server.uris.actor(accountId)
  await ship(outgoing, job, {
    activity: toVoteCreate(toVote({ uri, actor, pollUri: noteUri, authorUri, title })),
    senderId: accountId,
    targets: personalInbox(authorId),
    orderingKey: uri,
  })
}

/** The counts of a poll of ours, to its readers and to those who voted. */
export async function deliverPollCounts(
  outgoing: Outgoing,
  { noteId }: JobPayload<'deliverPollCounts'>,
  job: RunningJob,
): Promise<void> {
  const { db } = outgoing.app
  const note = await findNoteRow(db, noteId)
  if (!note?.is_local || note.deleted_at) return
  const [view] = await loadNoteViews(db, [noteId], note.account_id)
  if (!view?.poll) return
  await ship(outgoing, job, {
    activity: toPollUpdate(view.poll, await buildNote(outgoing, view)),
    senderId: note.account_id,
    targets: changedNoteInboxes(note),
    orderingKey: note.uri,
  })
}
