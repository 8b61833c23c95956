import { sql, type Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'

type Trx = Transaction<Database>

/** Charges an estimate, in micro-USD, until the generation ends. */
export async function reserve(
  trx: Trx,
  entry: { accountId: Id; generationId: Id; estimateMicroUsd: number; now: Date },
): Promise<void> {
  await trx
    .insertInto('ledger_entries')
    .values({
      account_id: entry.accountId,
      generation_id: entry.generationId,
      kind: 'reserve',
      amount_micro_usd: entry.estimateMicroUsd,
      created_at: entry.now,
    })
    .execute()
}

type End = {
  generationId: Id
  kind: 'settle' | 'refund'
  /** What the person pays in all, in micro-USD. */
  priceMicroUsd: number
  /** What the provider takes from the operator, in micro-USD. */
  operatorCostMicroUsd: number
  now: Date
}

/** Turns a reservation into a price. A second end of one generation breaks the table's unique index, and `trx`. */
export async function endReservation(trx: Trx, end: End): Promise<void> {
  await sql`
    insert into ledger_entries
      (account_id, generation_id, kind, amount_micro_usd, operator_cost_micro_usd, created_at)
    select account_id, generation_id, ${end.kind}, ${end.priceMicroUsd} - amount_micro_usd,
      ${end.operatorCostMicroUsd}, ${end.now}
    from ledger_entries where generation_id = ${end.generationId} and kind = 'reserve'`.execute(trx)
}
