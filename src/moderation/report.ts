import type { Kysely, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { getAccount } from '#src/db/accounts.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import { listVisibleNotes } from '#src/db/listed-notes.ts'
import { newId } from '#src/db/notes.ts'
import { notifyModerators } from '#src/db/notifications.ts'
import {
  countReportsOfDomain,
  findReport,
  insertReport,
  markReportResolved,
  type Report,
} from '#src/db/reports.ts'
import { listRuleIds } from '#src/db/server-words.ts'
import type { Database, Id } from '#src/db/tables.ts'
import type { ReportCategory } from '#src/db/tables-relations.ts'
import { enqueue } from '#src/jobs/queue.ts'

export const longestComment = 1000
export const mostReportedNotes = 100
/** What moderators can be expected to read of one server in a day. */
const mostReportsOfServer = 50
const dayMs = 24 * 60 * 60_000
export const reportCategories: readonly [ReportCategory, ...ReportCategory[]] = [
  'other',
  'spam',
  'legal',
  'violation',
]

export type ReportForm = {
  targetId: Id
  noteIds: readonly Id[]
  comment: string
  category: ReportCategory
  /** Of this server, that were broken; what is none of them is left out. */
  ruleIds?: readonly Id[]
  /** Also to the server of the one it is about, which does not learn who reports. */
  isForwarded: boolean
}

/**
 * Tells those who look after this server of someone. Notes that are not theirs, or that the reporter cannot see, are
 * left out.
 * @throws AppError notFound; invalid for too long a comment
 */
export async function fileReport(app: App, reporterId: Id, form: ReportForm): Promise<Report> {
  const target = await getAccount(app.db, form.targetId)
  const comment = removeUnstorable(form.comment).trim()
  if (comment.length > longestComment)
    throw new AppError('invalid', `Validation failed: Comment is too long (maximum is ${longestComment})`)
  const visible = await listVisibleNotes(app.db, form.noteIds.slice(0, mostReportedNotes), reporterId)
  const ruleIds = await listRuleIds(app.db, form.ruleIds ?? [])
  const isForwarded = form.isForwarded && target.domain !== null
  return app.db.transaction().execute(async (trx) => {
    const id = await newId(trx)
    const report = await storeReport(trx, {
      id,
      uri: app.uris.report(id),
      account_id: reporterId,
      target_id: target.id,
      note_ids: visible.filter((note) => note.account_id === target.id).map((note) => note.id),
      comment,
      category: form.category,
      rule_ids: ruleIds,
      is_forwarded: isForwarded,
    })
    if (!report) throw notFound()
    if (isForwarded) await enqueue(trx, 'deliverFlag', { reportId: id })
    return report
  })
}

/** Whether another server has reported so much lately that it is not listened to. */
export async function hasReportedEnough(db: Kysely<Database>, domain: string, now: Date): Promise<boolean> {
  const since = new Date(now.getTime() - dayMs)
  return (await countReportsOfDomain(db, domain, since)) >= mostReportsOfServer
}

/** Stores a report from here or elsewhere and tells the moderators. Undefined when it is known already. */
export async function storeReport(
  trx: Transaction<Database>,
  values: Parameters<typeof insertReport>[1],
): Promise<Report | undefined> {
  const report = await insertReport(trx, values)
  if (report) await notifyModerators(trx, report.id, report.account_id)
  return report
}

/**
 * Marks a report as dealt with; again, it changes nothing. The caller has made sure that this is a moderator.
 * @throws AppError notFound
 */
export async function resolveReport(app: App, moderatorId: Id, reportId: Id): Promise<void> {
  if (!(await findReport(app.db, reportId))) throw notFound()
  await app.db.transaction().execute(async (trx) => {
    const report = await markReportResolved(trx, reportId, { byId: moderatorId, at: app.clock.now() })
    if (!report) return
    await insertAuditEntry(trx, { actorId: moderatorId, action: 'report.resolve', subject: reportId })
  })
}
