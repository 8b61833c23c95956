import type { Kysely, Transaction } from 'kysely'
import type { Database, Id, IdempotencyKeysTable } from './tables.ts'

type Claim = { accountId: Id; purpose: IdempotencyKeysTable['purpose']; key: string; recordId: Id }

/**
 * Says which record a repeated request stands for: the given one the first time, the first one afterwards.
 * Simultaneous repeats wait here for the transaction that came first.
 */
export async function claimIdempotencyKey(trx: Transaction<Database>, claim: Claim): Promise<Id> {
  const claimed = await trx
    .insertInto('idempotency_keys')
    .values({
      account_id: claim.accountId,
      purpose: claim.purpose,
      key: claim.key,
      record_id: claim.recordId,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('record_id')
    .executeTakeFirst()
  if (claimed) return claimed.record_id
  const first = await trx
    .selectFrom('idempotency_keys')
    .select('record_id')
    .where('account_id', '=', claim.accountId)
    .where('purpose', '=', claim.purpose)
    .where('key', '=', claim.key)
    .executeTakeFirstOrThrow()
  return first.record_id
}

export async function pruneIdempotencyKeys(db: Kysely<Database>, before: Date): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('created_at', '<', before).execute()
}
