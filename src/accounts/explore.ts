import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Account } from '#src/db/accounts.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'

const exploredForMs = 7 * 24 * 60 * 60_000

/** Whether it is time to read an account's profile and last notes at its server: never done, or a week ago. */
export function isExplorationDue(account: Account, now: Date): boolean {
  if (account.domain === null || account.deleted_at || account.suspended_at) return false
  return account.explored_at === null || now.getTime() - account.explored_at.getTime() > exploredForMs
}

/**
 * Has a remote account looked at more closely. For whom a person here asks for by name, by following or mentioning
 * them or opening their profile: not for everyone a boost brings by, since each costs their server some thirty requests.
 */
export async function requestExploration(
  trx: Transaction<Database>,
  account: Account,
  now: Date,
): Promise<void> {
  if (!isExplorationDue(account, now)) return
  await enqueue(trx, 'exploreAccount', { accountId: account.id }, { dedupeKey: account.id })
}

/** As `requestExploration`, for a profile that someone opens: strangers could have us ask without end. */
export async function wantExploration(
  { db, clock }: Pick<App, 'db' | 'clock'>,
  viewerId: Id | null,
  account: Account,
): Promise<void> {
  const now = clock.now()
  if (viewerId === null || !isExplorationDue(account, now)) return
  await db.transaction().execute((trx) => requestExploration(trx, account, now))
}
