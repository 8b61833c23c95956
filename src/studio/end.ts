import type { Transaction } from 'kysely'
import type { RefusalCode } from '#src/ai/provider.ts'
import { appendEvent, type Generation, updateGeneration } from '#src/db/generations.ts'
import { endReservation } from '#src/db/ledger.ts'
import { giveToGeneration, type Media } from '#src/db/media.ts'
import type { Database } from '#src/db/tables.ts'

type Trx = Transaction<Database>

export function isOver({ state }: Generation): boolean {
  return state !== 'queued' && state !== 'running'
}

type Completion = { media: readonly Media[]; costMicroUsd: number; now: Date }

/** Pictures, price and last event, in one. The generation must be locked and running. */
export async function completeGeneration(trx: Trx, { id }: Generation, done: Completion): Promise<void> {
  const { media, costMicroUsd, now } = done
  const mediaIds = media.map((each) => each.id)
  await giveToGeneration(trx, mediaIds, id)
  await updateGeneration(trx, id, {
    state: 'completed',
    cost_micro_usd: costMicroUsd,
    quota_pictures: mediaIds.length,
    finished_at: now,
  })
  await endReservation(trx, {
    generationId: id,
    kind: 'settle',
    priceMicroUsd: costMicroUsd,
    operatorCostMicroUsd: costMicroUsd,
    now,
  })
  await appendEvent(trx, { id, kind: 'completed' })
}

type Failure = {
  code: RefusalCode
  /** Public. */
  message: string
  operatorCostMicroUsd?: number
  now: Date
}

/** It costs neither money nor quota. The generation must be locked and not over. */
export async function failGeneration(trx: Trx, { id }: Generation, failure: Failure): Promise<void> {
  const { code, message, now } = failure
  await updateGeneration(trx, id, {
    state: 'failed',
    error_code: code,
    error_message: message,
    quota_pictures: 0,
    finished_at: now,
  })
  await refund(trx, id, now, failure.operatorCostMicroUsd ?? 0)
  await appendEvent(trx, { id, kind: 'failed' })
}

/**
 * Once the provider was asked, the quota stays used, or people could start pictures without end. The generation
 * must be locked and not over.
 */
export async function cancelGeneration(trx: Trx, generation: Generation, now: Date): Promise<void> {
  const { id, state, quota_pictures } = generation
  await updateGeneration(trx, id, {
    state: 'cancelled',
    quota_pictures: state === 'queued' ? 0 : quota_pictures,
    finished_at: now,
  })
  await refund(trx, id, now, 0)
  await appendEvent(trx, { id, kind: 'cancelled' })
}

function refund(trx: Trx, generationId: string, now: Date, operatorCostMicroUsd: number): Promise<void> {
  return endReservation(trx, { generationId, kind: 'refund', priceMicroUsd: 0, operatorCostMicroUsd, now })
}
