import { findAccount } from '#src/db/accounts.ts'
import { everyInbox, followerInboxes } from '#src/db/audiences.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { toActorDelete, toActorUpdate, toMove } from '../convert/activity.ts'
import { buildActor } from '../serving/actors.ts'
import { type Outgoing, ship } from './send.ts'

/** Move of an account to another, to its followers. */
export async function deliverMove(
  outgoing: Outgoing,
  { accountId }: JobPayload<'deliverMove'>,
  job: RunningJob,
): Promise<void> {
  const account = await findAccount(outgoing.app.db, accountId)
  if (!account?.moved_to_uri || account.domain !== null || account.deleted_at) return
  await ship(outgoing, job, {
    activity: toMove(account, account.moved_to_uri, outgoing.server),
    senderId: account.id,
    targets: followerInboxes(account.id),
    orderingKey: account.uri,
  })
}

/** Update of a profile, to its followers; Delete of an account, to every server we know. */
export async function deliverAccount(
  outgoing: Outgoing,
  { accountId, activity }: JobPayload<'deliverAccount'>,
  job: RunningJob,
): Promise<void> {
  const account = await findAccount(outgoing.app.db, accountId)
  if (!account || account.domain !== null || (activity === 'Update' && account.deleted_at)) return
  const common = { senderId: account.id, orderingKey: account.uri }
  await ship(
    outgoing,
    job,
    activity === 'Update'
      ? {
          ...common,
          activity: toActorUpdate(account, await buildActor(outgoing, account)),
          targets: followerInboxes(account.id),
        }
      : { ...common, activity: toActorDelete(account), targets: everyInbox() },
  )
}
