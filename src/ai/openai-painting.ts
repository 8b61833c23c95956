import type OpenAI from 'openai'
import { BadRequestError, NotFoundError, UnprocessableEntityError } from 'openai'
import { type Dialect, editBody, generateBody, type Learned, refusedField } from './dialects.ts'
import type { FetchBytes } from './fetch-bytes.ts'
import { type Answer, readAnswer } from './image-answer.ts'
import { createOpenAiClient } from './openai-client.ts'
import type { OpenAiImagesOptions } from './openai-images.ts'
import {
  addUsage,
  type ImageProvider,
  noUsage,
  type PaintedPicture,
  type PaintHooks,
  type PaintOutcome,
  type PaintRequest,
  type Refusal,
} from './provider.ts'
import { ProviderFault, refuse } from './provider-fault.ts'
import { failureOf } from './refusals.ts'
import { defaultRetryPolicy, type RetryClock, type RetryPolicy, type Tried, withRetries } from './retries.ts'

type Settings = {
  dialect: Dialect
  client: OpenAI
  learned: Learned
  baseUrl: string
  secret: string
  model: string
  fetchBytes?: FetchBytes
  attemptDeadlineMs: number
  retries: RetryPolicy
  concurrency: number
}

type Picture = Answer & { requestId?: string }

/** Paints by the `openai` package in a dialect; notes down what it learns of the provider. */
export function createPainting(
  options: OpenAiImagesOptions,
  dialect: Dialect,
  learned: Learned,
): ImageProvider['paint'] {
  const baseUrl = options.baseUrl || 'https://api.openai.com/v1'
  const settings: Settings = {
    dialect,
    client: createOpenAiClient({ ...options, apiKey: options.apiKey, baseUrl }),
    learned,
    baseUrl,
    secret: options.apiKey ?? '',
    model: options.model,
    ...(options.fetchBytes ? { fetchBytes: options.fetchBytes } : {}),
    attemptDeadlineMs: options.attemptDeadlineMs ?? 180_000,
    retries: options.retries ?? defaultRetryPolicy,
    concurrency: options.concurrency ?? 2,
  }
  return (request, hooks) => paint(settings, request, hooks)
}

/** Several pictures are several requests, since a stream carries one; the first final refusal ends the asking. */
async function paint(settings: Settings, request: PaintRequest, hooks: PaintHooks): Promise<PaintOutcome> {
  const pictures: PaintedPicture[] = []
  const requestIds: string[] = []
  const clock: RetryClock = {}
  const hooked = stopOnThrow(hooks)
  let usage = noUsage
  let refusal: Refusal | undefined
  let next = 0
  const paintInTurn = async () => {
    while (next < request.count && !refusal && !hooked.signal.aborted) {
      const index = next++
      const attempt = () => tryPicture(settings, request, index, hooked)
      const tried = await withRetries(attempt, settings.retries, clock, hooked.signal)
      if (!tried.done) {
        refusal ??= tried.failure.refusal
        continue
      }
      const { bytes, revisedPrompt, requestId } = tried.value
      pictures.push({ index, bytes, ...(revisedPrompt ? { revisedPrompt } : {}) })
      usage = addUsage(usage, tried.value.usage)
      if (requestId) requestIds.push(requestId)
    }
  }
  await Promise.all(Array.from({ length: settings.concurrency }, paintInTurn))
  hooked.rethrow()
  if (hooks.signal.aborted) return { outcome: 'cancelled', usage }
  if (pictures.length === 0) return { outcome: 'refused', usage, ...(refusal ?? refuse('unavailable')) }
  return { outcome: 'painted', pictures: pictures.sort((a, b) => a.index - b.index), usage, requestIds }
}

/** Hooks whose own error stops every request and is told apart from the provider's. */
function stopOnThrow(hooks: PaintHooks): PaintHooks & { rethrow(): void } {
  const failed = new AbortController()
  let thrown: { error: unknown } | undefined
  return {
    signal: AbortSignal.any([hooks.signal, failed.signal]),
    onPartial: async (partial) => {
      try {
        await hooks.onPartial(partial)
      } catch (error) {
        thrown ??= { error }
        failed.abort()
        throw error
      }
    },
    rethrow: () => {
      if (thrown) throw thrown.error
    },
  }
}

async function tryPicture(
  settings: Settings,
  request: PaintRequest,
  index: number,
  hooks: PaintHooks,
): Promise<Tried<Picture>> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    abort()
  }, settings.attemptDeadlineMs)
  hooks.signal.addEventListener('abort', abort, { once: true })
  try {
    if (hooks.signal.aborted) abort()
    return {
      done: true,
      value: await requestPicture(settings, request, index, { ...hooks, signal: controller.signal }),
    }
  } catch (error) {
    if (isLate) return { done: false, failure: { refusal: refuse('timeout'), isRetryable: false } }
    return { done: false, failure: failureOf(error, settings.secret) }
  } finally {
    clearTimeout(timer)
    hooks.signal.removeEventListener('abort', abort)
    // Whatever is left unread of the answer is not wanted any more.
    abort()
  }
}

async function requestPicture(
  settings: Settings,
  request: PaintRequest,
  index: number,
  hooks: PaintHooks,
): Promise<Picture> {
  const response = await send(settings, request, hooks.signal)
  const answer = await readAnswer(response, {
    baseUrl: settings.baseUrl,
    fetchDeadlineMs: Math.min(settings.attemptDeadlineMs, 60_000),
    ...(settings.fetchBytes ? { fetchBytes: settings.fetchBytes } : {}),
    onPartial: async (step, bytes) => hooks.onPartial({ index, step, bytes }),
    onStreams: (streams) => {
      settings.learned.streams = streams
    },
  })
  const requestId = response.headers.get('x-request-id')
  return { ...answer, ...(requestId ? { requestId } : {}) }
}

/** Sends until no field is refused by name any more; each such field is left out from then on. */
async function send(settings: Settings, request: PaintRequest, signal: AbortSignal): Promise<Response> {
  const { dialect, learned, model } = settings
  const images = settings.client.images
  const options = { signal, timeout: settings.attemptDeadlineMs }
  const isEdit = (request.references?.length ?? 0) > 0
  if (!dialect.prompt(request.prompt)) throw new ProviderFault('bad_request', 'The prompt is empty.')
  for (;;) {
    const body = isEdit ? undefined : generateBody(dialect, model, request, learned)
    const edit = isEdit ? editBody(dialect, model, request, learned) : undefined
    try {
      if (edit) return await images.edit(edit, options).asResponse()
      if (body) return await images.generate(body, options).asResponse()
    } catch (error) {
      if (edit && dialect.name === 'compat' && error instanceof NotFoundError) {
        learned.edits = false
        throw new ProviderFault('bad_request', 'The provider cannot edit pictures.')
      }
      learnFromRefusal(dialect, learned, body ?? edit ?? {}, error)
    }
  }
}

/** Takes note of a field refused by name, or throws the error on. */
function learnFromRefusal(dialect: Dialect, learned: Learned, sent: object, error: unknown): void {
  const isComplaint = error instanceof BadRequestError || error instanceof UnprocessableEntityError
  const isOurs = isComplaint && failureOf(error, '').refusal.code === 'bad_request'
  const field = isOurs ? refusedField(dialect, sent, error) : undefined
  if (!field) throw error
  learned.dropped.add(field)
  if (field === 'stream' || field === 'partial_images') learned.streams = false
}
