import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { getAccount } from '#src/db/accounts.ts'
import { fileReport, mostReportedNotes, reportCategories } from '#src/moderation/report.ts'
import { wordLimits } from '#src/policies/server-words.ts'
import { type Env, requireScope } from '../bearer.ts'
import { flag, form, idField, idList, textField } from '../bodies.ts'
import { toReport } from './entities/report.ts'

const reportForm = z.object({
  account_id: idField,
  status_ids: idList(mostReportedNotes),
  rule_ids: idList(wordLimits.rules),
  comment: textField,
  forward: flag,
  // Newer ones than we know still are a report.
  category: z.enum(reportCategories).catch('other'),
})

/** https://docs.joinmastodon.org/methods/reports/, mounted at `/api/v1/reports`. */
export function reportRoutes(app: App) {
  return new Hono<Env>().post('/', requireScope('write:reports'), form(reportForm), async (c) => {
    const { account_id, status_ids, rule_ids, comment, forward, category } = c.req.valid('form')
    const target = await getAccount(app.db, account_id)
    const report = await fileReport(app, c.var.viewer.accountId, {
      targetId: target.id,
      noteIds: status_ids,
      comment: comment ?? '',
      category,
      ruleIds: rule_ids,
      isForwarded: forward,
    })
    return c.json(toReport(app, { report, target }))
  })
}
