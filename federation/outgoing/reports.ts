import { ensureInstanceActor } from '#src/accounts/register.ts'
import { findAccount } from '#src/db/accounts.ts'
import { personalInbox } from '#src/db/audiences.ts'
import { findReport, listNoteUris } from '#src/db/reports.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { toFlag } from '../convert/activity.ts'
import { type Outgoing, ship } from './send.ts'

/** Flag, in the name of this server, to the one it is about: there is no inbox for moderators. */
export async function deliverFlag(
  outgoing: Outgoing,
  { reportId }: JobPayload<'deliverFlag'>,
  job: RunningJob,
): Promise<void> {
  const { app } = outgoing
  const report = await findReport(app.db, reportId)
  const target = report && (await findAccount(app.db, report.target_id))
  if (!report || !target || target.domain === null) return
  const [sender, noteUris] = await Promise.all([
    ensureInstanceActor(app),
    listNoteUris(app.db, report.note_ids),
  ])
  await ship(outgoing, job, {
    activity: toFlag({
      uri: report.uri,
      actor: sender.uri,
      target: target.uri,
      noteUris,
      comment: report.comment,
    }),
    senderId: sender.id,
    targets: personalInbox(target.id),
    orderingKey: report.uri,
  })
}
