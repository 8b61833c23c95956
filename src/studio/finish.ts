import type { Transaction } from 'kysely'
import { costOf } from '#src/ai/prices.ts'
import type {
  ImageProvider,
  PaintedPicture,
  PaintOutcome,
  PaintRequest,
  RefusalCode,
} from '#src/ai/provider.ts'
import type { App } from '#src/app.ts'
import { isAppError } from '#src/base/errors.ts'
import { createLog } from '#src/base/log.ts'
import { type Generation, lockGeneration } from '#src/db/generations.ts'
import type { Media } from '#src/db/media.ts'
import { newId } from '#src/db/notes.ts'
import { endProviderCall } from '#src/db/provider-calls.ts'
import type { Database, Id } from '#src/db/tables.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import type { DigitalSourceType } from '#src/media/provenance.ts'
import { dropStored, storePainting } from '#src/media/store.ts'
import { completeGeneration, failGeneration, isOver } from './end.ts'
import type { Previews } from './previews.ts'
import { generatorOf } from './provenance.ts'

const log = createLog('studio')

/** A generation in hand, and the provider's call that is noted for it. */
export type Begun = { generation: Generation; provider: ImageProvider; callId: Id }

/** What the provider made of it. */
export type Painted = {
  request: PaintRequest
  digitalSourceType: DigitalSourceType
  previews: Previews
  outcome: PaintOutcome
}

/** What is left of it: pictures, or why there are none. */
type Kept =
  | { media: Media[]; failure?: undefined }
  | { media: Media[]; failure: { code: RefusalCode; message: string } }

/** Keeps the pictures and ends generation, ledger, call and job together. What was cancelled meanwhile stays so. */
export async function finish(app: App, begun: Begun, painted: Painted, job: RunningJob): Promise<void> {
  const [kept] = await Promise.all([keepPictures(app, begun, painted), painted.previews.settled()])
  const { request, outcome } = painted
  const costMicroUsd = costOf(app.config.ai.prices, begun.provider, request, outcome.usage)
  try {
    await app.db.transaction().execute(async (trx) => {
      const generation = await lockGeneration(trx, begun.generation.id)
      const now = app.clock.now()
      if (!generation || isOver(generation)) await dropStored(trx, kept.media)
      else if (!kept.failure)
        await completeGeneration(trx, generation, { media: kept.media, costMicroUsd, now })
      else await failGeneration(trx, generation, { ...kept.failure, operatorCostMicroUsd: costMicroUsd, now })
      await noteCall(trx, begun, { outcome, kept, costMicroUsd, now })
      await job.complete(trx)
    })
  } catch (error) {
    await app.db.transaction().execute((trx) => dropStored(trx, kept.media))
    throw error
  }
}

async function keepPictures(app: App, begun: Begun, painted: Painted): Promise<Kept> {
  const { outcome } = painted
  if (outcome.outcome === 'refused') {
    return { media: [], failure: { code: outcome.code, message: outcome.message } }
  }
  // Without a word: only a generation that is over already is cancelled.
  if (outcome.outcome === 'cancelled')
    return { media: [], failure: { code: 'timeout', message: 'It was stopped.' } }
  const ids: Id[] = []
  for (const _ of outcome.pictures) ids.push(await newId(app.db))
  const stored = await Promise.all(
    outcome.pictures.map((picture, position) =>
      keep(app, begun, painted, { ...picture, id: ids[position] ?? '' }),
    ),
  )
  const media = stored.filter((each) => each !== undefined)
  if (media.length > 0) return { media }
  return { media, failure: { code: 'unavailable', message: 'The picture could not be used.' } }
}

/** Undefined for a picture that cannot be kept; the others are none the worse for it. */
async function keep(
  app: App,
  { generation, provider }: Begun,
  { digitalSourceType }: Painted,
  { id, bytes }: PaintedPicture & { id: Id },
): Promise<Media | undefined> {
  const painting = {
    id,
    accountId: generation.account_id,
    bytes,
    digitalSourceType,
    generator: generatorOf(app, provider),
    prompt: generation.prompt,
  }
  try {
    const stored = await storePainting(app, painting)
    if (stored.outcome === 'stored') return stored.media
    log.warn('A picture of generation {id} was refused: {reason}', {
      id: generation.id,
      reason: stored.reason,
    })
  } catch (error) {
    if (!isAppError(error)) throw error
    log.error('A picture of generation {id} was lost: {error}', {
      id: generation.id,
      error: error.cause ?? error,
    })
  }
  return undefined
}

type Called = { outcome: PaintOutcome; kept: Kept; costMicroUsd: number; now: Date }

async function noteCall(trx: Transaction<Database>, { callId }: Begun, called: Called): Promise<void> {
  const { outcome, kept, costMicroUsd, now } = called
  const { usage } = outcome
  const isUnusable = outcome.outcome === 'painted' && kept.failure
  await endProviderCall(trx, callId, {
    outcome: isUnusable ? 'unusable' : outcome.outcome,
    error_code: kept.failure?.code ?? null,
    error_detail: outcome.outcome === 'refused' ? (outcome.detail ?? null) : null,
    request_ids: requestIdsOf(outcome),
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    images: usage.images,
    cost_micro_usd: costMicroUsd,
    output_sha256: kept.media.map(({ sha256 }) => sha256 ?? ''),
    ended_at: now,
  })
}

function requestIdsOf(outcome: PaintOutcome): string[] {
  if (outcome.outcome === 'painted') return outcome.requestIds
  return outcome.outcome === 'refused' && outcome.requestId ? [outcome.requestId] : []
}
