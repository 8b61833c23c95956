import type { Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'

type AuditEntry = {
  /** Null for whoever stands at the command line. */
  actorId: Id | null
  /** Such as `domain.block`. */
  action: string
  subject: string
  detail?: Record<string, unknown>
}

export async function insertAuditEntry(
  trx: Transaction<Database>,
  { actorId, action, subject, detail = {} }: AuditEntry,
): Promise<void> {
  await trx
    .insertInto('audit_log')
    .values({ actor_account_id: actorId, action, subject, detail: JSON.stringify(detail) })
    .execute()
}
