import type { Transaction } from 'kysely'
import { sizeOfAspect } from '#src/ai/aspects.ts'
import { estimateCost } from '#src/ai/prices.ts'
import { type ImageProvider, type PictureSize, type Quality, qualities } from '#src/ai/provider.ts'
import type { App } from '#src/app.ts'
import { AppError, isAppError } from '#src/base/errors.ts'
import { appendEvent, generationTopic, insertGeneration, lockGenerationsOf } from '#src/db/generations.ts'
import { claimIdempotencyKey } from '#src/db/idempotency.ts'
import { reserve } from '#src/db/ledger.ts'
import { getOwnMedia } from '#src/db/media.ts'
import { newId } from '#src/db/notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { getRemixable } from '#src/remixes/parent.ts'
import { requireImages } from './capabilities.ts'
import { checkQuota } from './quota.ts'
import { mostReferences } from './references.ts'
import { type GenerationView, loadRequestedGeneration, type Painter } from './view.ts'

export const longestPrompt = 4_000

export type GenerationForm = {
  prompt: string
  /** `square`, `portrait`, `landscape` or `WxH`; square unless given. */
  aspect?: string | undefined
  /** One unless given. */
  count?: number | undefined
  quality?: string | undefined
  /** Own pictures to edit. */
  mediaIds?: readonly Id[] | undefined
  /** The note to paint from. */
  remixOfId?: Id | undefined
}

type Wanted = {
  prompt: string
  aspect: string
  size: PictureSize
  count: number
  quality: Quality | undefined
  mediaIds: Id[]
  remixOfId: Id | null
}

/**
 * Asks for pictures. A repeated request with the same key answers with the first one's generation.
 * @throws AppError invalid, unavailable, tooMany with the code `quota`
 */
export async function requestGeneration(
  app: App,
  painter: Painter,
  form: GenerationForm,
  idempotencyKey?: string,
): Promise<GenerationView> {
  const provider = requireImages(app)
  const wanted = await checkForm(app, painter, provider, form)
  const id = await newId(app.db)
  const storedId = await app.db.transaction().execute(async (trx) => {
    if (idempotencyKey) {
      const claim = { purpose: 'generation', key: idempotencyKey, recordId: id } as const
      const first = await claimIdempotencyKey(trx, { ...claim, accountId: painter.accountId })
      if (first !== id) return first
    }
    // Counted and taken by one request at a time, so that fifty at once stay within the quota.
    await lockGenerationsOf(trx, painter.accountId)
    await checkQuota(app, trx, { ...painter, count: wanted.count })
    await storeRequest(trx, app, { id, accountId: painter.accountId, provider, wanted })
    return id
  })
  return loadRequestedGeneration(app, storedId)
}

type Request = { id: Id; accountId: Id; provider: ImageProvider; wanted: Wanted }

async function storeRequest(
  trx: Transaction<Database>,
  app: App,
  { id, accountId, provider, wanted }: Request,
): Promise<void> {
  const now = app.clock.now()
  const { prompt, size, count, quality, mediaIds } = wanted
  await insertGeneration(trx, {
    id,
    account_id: accountId,
    prompt,
    aspect: wanted.aspect,
    ...size,
    count,
    quality: quality ?? null,
    reference_media_ids: mediaIds,
    remix_of_id: wanted.remixOfId,
    provider: provider.name,
    model: provider.model,
    is_ai: provider.isAi,
    quota_pictures: count,
    created_at: now,
  })
  const estimateMicroUsd = estimateCost(app.config.ai.prices, provider, {
    prompt,
    size,
    count,
    ...(quality && { quality }),
    references: [...mediaIds, ...(wanted.remixOfId ? [wanted.remixOfId] : [])].map(() => new Uint8Array()),
    safetyIdentifier: '',
  })
  await reserve(trx, { accountId, generationId: id, estimateMicroUsd, now })
  await enqueue(trx, 'paint', { generationId: id }, { orderingKey: generationTopic(id) })
  await appendEvent(trx, { id, kind: 'queued' })
}

async function checkForm(
  app: App,
  painter: Painter,
  provider: ImageProvider,
  form: GenerationForm,
): Promise<Wanted> {
  const prompt = form.prompt.trim()
  // Counted as people do, not as UTF-16 does.
  const length = [...prompt].length
  if (length < 1) throw invalid('prompt', 'Prompt can’t be blank')
  if (length > longestPrompt)
    throw invalid('prompt_too_long', `Prompt is longer than ${longestPrompt} characters`)
  const aspect = form.aspect ?? 'square'
  const size = sizeOfAspect(aspect)
  if (!size) throw invalid('aspect', 'Aspect is not one that can be painted')
  const count = form.count ?? 1
  const { maxCount, edit } = provider.capabilities
  if (!Number.isInteger(count) || count < 1 || count > maxCount) {
    throw invalid('count', `Count lies between 1 and ${maxCount}`)
  }
  const quality = qualities.find((known) => known === form.quality)
  if (form.quality !== undefined && !quality)
    throw invalid('quality', `Quality is one of ${qualities.join(', ')}`)
  const mediaIds = [...new Set(form.mediaIds ?? [])]
  if (mediaIds.length > 0 && !edit) throw invalid('media_ids', 'The provider cannot edit pictures')
  await checkReferences(app, painter.accountId, mediaIds)
  const remixed = form.remixOfId && (await getRemixable(app.db, painter.accountId, form.remixOfId))
  return { prompt, aspect, size, count, quality, mediaIds, remixOfId: remixed ? remixed.id : null }
}

async function checkReferences(app: App, accountId: Id, mediaIds: readonly Id[]): Promise<void> {
  if (mediaIds.length > mostReferences) throw invalid('media_ids', `At most ${mostReferences} pictures`)
  for (const id of mediaIds) {
    const media = await getOwnMedia(app.db, id, accountId).catch((error: unknown) => {
      throw isAppError(error) ? invalid('media_ids', 'A picture to edit was not found') : error
    })
    if (media.kind !== 'image' || !media.file_key) throw invalid('media_ids', 'Only pictures can be edited')
  }
}

function invalid(field: string, message: string): AppError {
  return new AppError('invalid', `Validation failed: ${message}`, { code: field })
}
