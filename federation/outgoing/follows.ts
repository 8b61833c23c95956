import { findAccount } from '#src/db/accounts.ts'
import { personalInbox } from '#src/db/audiences.ts'
import type { Id } from '#src/db/tables.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { type Following, toAnswer, toFollow, toUndoFollow } from '../convert/activity.ts'
import { type Outgoing, ship } from './send.ts'

/** Follow or Undo, to the one who is followed. */
export async function deliverFollow(
  outgoing: Outgoing,
  payload: JobPayload<'deliverFollow'>,
  job: RunningJob,
): Promise<void> {
  const following = await loadFollowing(outgoing, payload)
  if (!following) return
  await ship(outgoing, job, {
    activity: payload.isUndo ? toUndoFollow(following) : toFollow(following),
    senderId: payload.followerId,
    targets: personalInbox(payload.followeeId),
    orderingKey: payload.followUri,
  })
}

/** Accept or Reject, to the one who follows. */
export async function answerFollow(
  outgoing: Outgoing,
  payload: JobPayload<'answerFollow'>,
  job: RunningJob,
): Promise<void> {
  const following = await loadFollowing(outgoing, payload)
  if (!following) return
  const { answer, followeeId, followId, followUri } = payload
  const { uris } = outgoing.server
  const id = (answer === 'Accept' ? uris.accept : uris.reject)(followeeId, followId)
  await ship(outgoing, job, {
    activity: toAnswer(answer, id, following),
    senderId: followeeId,
    targets: personalInbox(payload.followerId),
    orderingKey: followUri,
  })
}

type Ends = { followerId: Id; followeeId: Id; followUri: string }

async function loadFollowing({ app }: Outgoing, ends: Ends): Promise<Following | undefined> {
  const [follower, followee] = await Promise.all([
    findAccount(app.db, ends.followerId),
    findAccount(app.db, ends.followeeId),
  ])
  return follower && followee && { uri: ends.followUri, follower: follower.uri, followee: followee.uri }
}
