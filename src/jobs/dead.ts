import type { Kysely } from 'kysely'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { type DeadSelection, dropDeadJobs, replayDeadJobs } from '#src/db/dead-jobs.ts'
import type { Database, Id } from '#src/db/tables.ts'

/** What an administrator does about work that failed for good. Answers how many it concerned. */
export async function settleDeadJobs(
  db: Kysely<Database>,
  adminId: Id,
  verb: 'replay' | 'drop',
  selection: DeadSelection,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const count = await (verb === 'replay' ? replayDeadJobs : dropDeadJobs)(trx, selection)
    const subject = 'ids' in selection ? selection.ids.join(' ') : 'all'
    if (count > 0)
      await insertAuditEntry(trx, { actorId: adminId, action: `jobs.${verb}`, subject, detail: { count } })
    return count
  })
}
