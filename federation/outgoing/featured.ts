import { findAccount } from '#src/db/accounts.ts'
import { followerInboxes } from '#src/db/audiences.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { toFeaturedChange } from '../convert/featured.ts'
import { type Outgoing, ship } from './send.ts'

/** Add or Remove of a pinned note or a hashtag on a profile, to its followers. */
export async function deliverFeatured(
  outgoing: Outgoing,
  { accountId, ...change }: JobPayload<'deliverFeatured'>,
  job: RunningJob,
): Promise<void> {
  const account = await findAccount(outgoing.app.db, accountId)
  if (!account || account.domain !== null || account.deleted_at) return
  await ship(outgoing, job, {
    activity: toFeaturedChange(account, change, outgoing.server),
    senderId: account.id,
    targets: followerInboxes(account.id),
    orderingKey: outgoing.server.uris.featured(account.id),
  })
}
