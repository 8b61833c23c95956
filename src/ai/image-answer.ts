import { z } from 'zod'
import { readEvents } from './event-stream.ts'
import { type FetchBytes, maxPictureBytes } from './fetch-bytes.ts'
import { checkPicture, decodeBase64 } from './picture-bytes.ts'
import type { PaintUsage } from './provider.ts'
import { ProviderFault } from './provider-fault.ts'
import { isRasterFormat } from './raster-format.ts'

const maxPreviewCharacters = 12 * 1024 * 1024

export type AnswerReader = {
  baseUrl: string
  fetchDeadlineMs: number
  fetchBytes?: FetchBytes
  onPartial(step: number, bytes: Uint8Array): Promise<void>
  /** Called as soon as an answer streams or does not, whatever was asked. */
  onStreams(streams: boolean): void
}

export type Answer = { bytes: Uint8Array; revisedPrompt?: string; usage: PaintUsage }

const count = z.number().int().nonnegative().catch(0)
const usageSchema = z
  .object({
    input_tokens: count,
    output_tokens: count,
    input_tokens_details: z.object({ image_tokens: count }).catch({ image_tokens: 0 }),
  })
  .catch({ input_tokens: 0, output_tokens: 0, input_tokens_details: { image_tokens: 0 } })

const resultSchema = z.object({
  b64_json: z.string().nullish(),
  url: z.string().nullish(),
  revised_prompt: z.string().nullish(),
})
const answerSchema = z.object({ data: z.array(resultSchema).min(1), usage: usageSchema })
const errorSchema = z.object({ error: z.union([z.string(), z.looseObject({})]) })
const eventSchema = z.object({
  type: z.string(),
  b64_json: z.string(),
  partial_image_index: count,
  usage: usageSchema,
})

/** Reads one picture from either form of answer, by what was sent and not by what was asked for. */
export async function readAnswer(response: Response, reader: AnswerReader): Promise<Answer> {
  const streams = response.headers.get('content-type')?.includes('text/event-stream') ?? false
  reader.onStreams(streams)
  const answer = streams ? await readStream(response, reader) : await readJson(response, reader)
  await checkPicture(answer.bytes)
  return answer
}

async function readStream(response: Response, reader: AnswerReader): Promise<Answer> {
  for await (const item of readEvents(response)) {
    const event = eventSchema.safeParse(item)
    if (!event.success) continue
    const { type, b64_json, partial_image_index, usage } = event.data
    if (type.endsWith('.completed')) return { bytes: decodeBase64(b64_json), usage: paintUsage(usage) }
    // A broken or vast preview costs nobody anything: the picture itself is still to come.
    if (!type.endsWith('.partial_image') || b64_json.length > maxPreviewCharacters) continue
    const bytes = decodeBase64(b64_json)
    if (isRasterFormat(bytes)) await reader.onPartial(partial_image_index, bytes)
  }
  throw new ProviderFault('unavailable', 'The provider’s answer broke off.')
}

async function readJson(response: Response, reader: AnswerReader): Promise<Answer> {
  const text = await response.text()
  const body = parseJson(text)
  const answer = answerSchema.safeParse(body)
  if (!answer.success) throw unreadable(body, text)
  const [result] = answer.data.data
  if (!result) throw unreadable(body, text)
  const bytes = await resultBytes(result, reader)
  const revisedPrompt = result.revised_prompt
  return { bytes, ...(revisedPrompt ? { revisedPrompt } : {}), usage: paintUsage(answer.data.usage) }
}

async function resultBytes(result: z.infer<typeof resultSchema>, reader: AnswerReader): Promise<Uint8Array> {
  if (result.b64_json) return decodeBase64(result.b64_json)
  if (result.url?.startsWith('data:')) return decodeBase64(result.url)
  if (!result.url || !reader.fetchBytes || !URL.canParse(result.url, reader.baseUrl)) {
    throw new ProviderFault('unavailable', 'The provider’s answer holds no picture.')
  }
  return reader.fetchBytes(new URL(result.url, reader.baseUrl).href, {
    maxBytes: maxPictureBytes,
    deadlineMs: reader.fetchDeadlineMs,
    allowOrigin: new URL(reader.baseUrl).origin,
  })
}

/** Some compatible servers answer 200 with `{"error":"text"}`. */
function unreadable(body: unknown, text: string): ProviderFault {
  const error = errorSchema.safeParse(body)
  const detail = error.success ? JSON.stringify(error.data.error) : text.slice(0, 500)
  return new ProviderFault('unavailable', 'The provider’s answer cannot be read.', detail)
}

function paintUsage(usage: z.infer<typeof usageSchema>): PaintUsage {
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    inputImageTokens: usage.input_tokens_details.image_tokens,
    images: 1,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
