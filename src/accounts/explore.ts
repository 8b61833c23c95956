import type { Transaction } from 'kysely'
import type { Account } from '#src/db/accounts.ts'
import type { Database } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'

const exploredForMs = 7 * 24 * 60 * 60_000

/** Whether it is time to read an account's profile and last notes at its server: never done, or a week ago. */
export function isExplorationDue(account: Account, now: Date): boolean {
  if (account.domain === null || account.deleted_at || account.suspended_at) return false
  return account.explored_at === null || now.getTime() - account.explored_at.getTime() > exploredForMs
}

/**
 * Has a remote account looked at more closely. For whom a person here asks for by name, by following or by mentioning
 * them: not for everyone a boost brings by, since each costs their server some thirty requests.
 */
export async function requestExploration(
  trx: Transaction<Database>,
  account: Account,
  now: Date,
): Promise<void> {
  if (!isExplorationDue(account, now)) return
  await enqueue(trx, 'exploreAccount', { accountId: account.id }, { dedupeKey: account.id })
}
