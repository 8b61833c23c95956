import { noUsage, type PaintOutcome, type PaintRequest, qualities } from '#src/ai/provider.ts'
import { isAvailable } from '#src/ai/select.ts'
import type { App } from '#src/app.ts'
import { createLog } from '#src/base/log.ts'
import { hmac } from '#src/base/secrets.ts'
import { appendEvent, type Generation, lockGeneration, updateGeneration } from '#src/db/generations.ts'
import { countProviderCalls, insertProviderCall } from '#src/db/provider-calls.ts'
import type { Id } from '#src/db/tables.ts'
import { RetryLater } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { failGeneration, isOver } from './end.ts'
import { type Begun, finish, type Painted } from './finish.ts'
import { createPreviews } from './previews.ts'
import { digitalSourceTypeOf } from './provenance.ts'
import { loadReferences, type Reference } from './references.ts'
import { onEnded } from './watch.ts'

const log = createLog('studio')

// One that dies with its process each time must not be paid for each time.
const mostCalls = 3
// Sooner than the job's own, which ends it without a word to the person.
const deadlineMs = 12 * 60_000

/**
 * The job that paints. It may run again after a crash and then asks the provider again; pictures, price and the
 * job's end are one transaction, so that nothing is billed or shown twice.
 */
export async function paintGeneration(
  app: App,
  { generationId }: { generationId: Id },
  job: RunningJob,
): Promise<void> {
  const begun = await begin(app, generationId)
  if (!begun) return
  const ended = new AbortController()
  const stopWatching = onEnded(app, generationId, () => ended.abort())
  try {
    const painted = await paint(app, begun, AbortSignal.any([job.signal, ended.signal]))
    // Given back or lost: whichever worker has it next begins again.
    if (job.signal.aborted) {
      throw new RetryLater('The worker stopped', { isAttempt: false, runAt: app.clock.now() })
    }
    await finish(app, begun, painted, job)
  } finally {
    stopWatching()
  }
}

/** Undefined when there is nothing to paint: it was cancelled, or cannot be painted and has failed. */
function begin(app: App, id: Id): Promise<Begun | undefined> {
  return app.db.transaction().execute(async (trx) => {
    const found = await lockGeneration(trx, id)
    if (!found || isOver(found)) return undefined
    const now = app.clock.now()
    const calls = await countProviderCalls(trx, id)
    const obstacle = obstacleTo(app.images, calls)
    if (obstacle || !isAvailable(app.images)) {
      await failGeneration(trx, found, { code: 'unavailable', message: obstacle ?? '', now })
      return undefined
    }
    const { name: provider, model, isAi } = app.images
    const generation = await updateGeneration(trx, id, {
      state: 'running',
      started_at: found.started_at ?? now,
      provider,
      model,
      is_ai: isAi,
    })
    if (found.state === 'queued') await appendEvent(trx, { id, kind: 'running' })
    const callId = await insertProviderCall(trx, {
      generation_id: id,
      account_id: generation.account_id,
      attempt: calls + 1,
      provider,
      model,
      prompt_hash: hmac(app.secretKey, 'prompt-hash', generation.prompt),
      started_at: now,
    })
    return { generation, provider: app.images, callId }
  })
}

function obstacleTo(images: App['images'], calls: number): string | undefined {
  if (!isAvailable(images)) return images.unavailable
  return calls < mostCalls ? undefined : 'The server was interrupted while painting. Try again.'
}

async function paint(app: App, { generation, provider }: Begun, stop: AbortSignal): Promise<Painted> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const signal = AbortSignal.any([stop, deadline])
  const references = await loadReferences(app, generation).catch(() => undefined)
  const request = toRequest(app, generation, references ?? [])
  const digitalSourceType = digitalSourceTypeOf(provider, references ?? [])
  const previews = createPreviews(app, generation.id, digitalSourceType)
  const painted = { request, digitalSourceType, previews }
  if (!references) return { ...painted, outcome: refuse('bad_request', 'A picture to edit is gone.') }
  const outcome = await provider
    .paint(request, { signal, onPartial: previews.show })
    .catch((error: unknown): PaintOutcome => {
      log.error('Generation {id} failed: {error}', { id: generation.id, error })
      return refuse('unavailable', 'Something went wrong on our end.')
    })
  const isLate = outcome.outcome === 'cancelled' && !stop.aborted
  return { ...painted, outcome: isLate ? refuse('timeout', 'It took too long.') : outcome }
}

function refuse(code: 'bad_request' | 'timeout' | 'unavailable', message: string): PaintOutcome {
  return { outcome: 'refused', code, message, usage: noUsage }
}

function toRequest(app: App, generation: Generation, references: readonly Reference[]): PaintRequest {
  const { width, height, prompt, count } = generation
  const quality = qualities.find((known) => known === generation.quality)
  return {
    prompt,
    size: { width, height },
    count,
    ...(quality && { quality }),
    references: references.map(({ bytes }) => bytes),
    safetyIdentifier: hmac(app.secretKey, 'safety-identifier', generation.account_id),
  }
}
