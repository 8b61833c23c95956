import { findAccount } from '#src/db/accounts.ts'
import { personalInbox } from '#src/db/audiences.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { toBlock, toUndoBlock } from '../convert/activity.ts'
import { type Outgoing, ship } from './send.ts'

/** Block or Undo, to the one who is blocked. */
export async function deliverBlock(
  outgoing: Outgoing,
  { accountId, targetId, blockUri, isUndo }: JobPayload<'deliverBlock'>,
  job: RunningJob,
): Promise<void> {
  const target = await findAccount(outgoing.app.db, targetId)
  if (!target) return
  const blocking = { uri: blockUri, actor: outgoing.server.uris.actor(accountId), target: target.uri }
  await ship(outgoing, job, {
    activity: isUndo ? toUndoBlock(blocking) : toBlock(blocking),
    senderId: accountId,
    targets: personalInbox(targetId),
    orderingKey: blockUri,
  })
}
