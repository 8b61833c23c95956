import type { Account } from '#src/db/accounts.ts'
import type { Report } from '#src/db/reports.ts'
import { type Server, toAccount } from './account.ts'

/** https://docs.joinmastodon.org/entities/Report/ */
export function toReport(server: Server, { report, target }: { report: Report; target: Account }) {
  return {
    id: report.id,
    action_taken: report.resolved_at !== null,
    action_taken_at: report.resolved_at?.toISOString() ?? null,
    category: report.category,
    comment: report.comment,
    forwarded: report.is_forwarded,
    created_at: report.created_at.toISOString(),
    status_ids: report.note_ids,
    rule_ids: report.rule_ids,
    collection_ids: [],
    target_account: toAccount(server, target),
  }
}
