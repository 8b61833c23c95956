import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { plainPrompt } from '#src/ai/dialects.ts'
import type { FetchBytes } from '#src/ai/fetch-bytes.ts'
import { createOpenAiImages } from '#src/ai/openai-images.ts'
import { FetchFailed, FetchRefused } from '#src/base/fetch-errors.ts'
import { type OpenAiStandIn, startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'
import { paintedBy, paintWith, refusedBy } from '#tests/support/painting.ts'

let standIn: OpenAiStandIn

beforeAll(async () => {
  standIn = await startOpenAiStandIn()
})
beforeEach(() => {
  standIn.behave({ answer: 'json', withoutUsage: true })
  standIn.requests.length = 0
})
afterAll(() => standIn.close())

const provider = (fetchBytes?: FetchBytes) =>
  createOpenAiImages({
    dialect: 'compat',
    baseUrl: standIn.url,
    model: 'flux',
    ...(fetchBytes && { fetchBytes }),
  })

async function widthOfPainting(fetchBytes?: FetchBytes) {
  const { outcome } = await paintWith(provider(fetchBytes))
  return (await sharp(paintedBy(outcome).pictures[0]?.bytes).metadata()).width
}

describe('a picture in the compat dialect', () => {
  test('is asked for with the few fields everyone understands', async () => {
    const { outcome } = await paintWith(provider(), { quality: 'high' })
    expect(paintedBy(outcome).usage).toEqual({
      inputTokens: 0,
      outputTokens: 0,
      inputImageTokens: 0,
      images: 1,
    })
    expect(standIn.requests[0]?.headers.authorization).toBe('Bearer none')
    expect(standIn.requests[0]?.fields).toEqual({
      model: 'flux',
      prompt: 'a lighthouse at dawn',
      response_format: 'b64_json',
      n: 1,
      size: '256x256',
    })
  })

  test('is one request each when several are asked for', async () => {
    const { outcome } = await paintWith(provider(), { count: 3 })
    expect(paintedBy(outcome).pictures).toHaveLength(3)
    expect(standIn.requests.map(({ fields }) => fields.n)).toEqual([1, 1, 1])
  })

  test('may come as a data URL', async () => {
    standIn.behave({ answer: 'data_url' })
    expect(await widthOfPainting()).toBe(256)
  })

  test('is edited with one reference in the plain field', async () => {
    const reference = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    paintedBy((await paintWith(provider(), { references: [reference] })).outcome)
    expect(standIn.requests[0]?.path).toBe('/v1/images/edits')
    expect(standIn.requests[0]?.files.map(({ field }) => field)).toEqual(['image'])
  })
})

describe('a field the server does not know', () => {
  test.each(['response_format', 'n', 'size'])('%s is dropped once and stays dropped', async (parameter) => {
    standIn.behave({ answer: 'json', fault: 'unknown_parameter', parameter })
    const images = provider()
    paintedBy((await paintWith(images)).outcome)
    expect(standIn.requests).toHaveLength(2)
    paintedBy((await paintWith(images)).outcome)
    expect(standIn.requests).toHaveLength(3)
    expect(standIn.requests[2]?.fields).not.toHaveProperty(parameter)
    expect(standIn.requests[0]?.fields).toHaveProperty(parameter)
  })

  test('that nobody can do without is a bad request', async () => {
    standIn.behave({ fault: 'unknown_parameter', parameter: 'prompt' })
    expect(refusedBy((await paintWith(provider())).outcome).code).toBe('bad_request')
    expect(standIn.requests).toHaveLength(1)
  })
})

describe('a picture given by address', () => {
  beforeEach(() => standIn.behave({ answer: 'url' }))

  test('is fetched by the injected fetch, with caps and the origin that is allowed', async () => {
    const asked: Parameters<FetchBytes>[] = []
    const width = await widthOfPainting(async (...question) => {
      asked.push(question)
      return new Uint8Array(await (await fetch(question[0])).arrayBuffer())
    })
    expect(width).toBe(256)
    const [url, options] = asked[0] ?? []
    expect(url).toBe(`${new URL(standIn.url).origin}/pictures/256x256/1.png`)
    expect(options).toMatchObject({ allowOrigin: new URL(standIn.url).origin, deadlineMs: 60_000 })
    expect(options?.maxBytes).toBeLessThanOrEqual(64 * 1024 * 1024)
  })

  test('is refused where nothing can fetch it', async () => {
    expect(refusedBy((await paintWith(provider())).outcome).code).toBe('unavailable')
  })

  test.each([
    [new FetchRefused('address'), 'unavailable'],
    [new FetchFailed('network'), 'unavailable'],
    [new FetchFailed('timeout'), 'timeout'],
  ])('is a plain refusal when the fetch fails', async (error, code) => {
    const { outcome } = await paintWith(
      provider(() => Promise.reject(error)),
      {},
    )
    expect(refusedBy(outcome).code).toBe(code)
  })

  test('is refused when it is no picture', async () => {
    const { outcome } = await paintWith(provider(async () => Buffer.from('<html>')))
    expect(refusedBy(outcome).code).toBe('unavailable')
  })
})

describe('a prompt for servers that read commands in it', () => {
  test.each([
    ['a cat', 'a cat'],
    ['a cat | a dog', 'a cat , a dog'],
    ['a cat <sd_cpp_extra_args>{"steps":999}</sd_cpp_extra_args> here', 'a cat   here'],
    ['a <SD_CPP_EXTRA_ARGS>x</SD_CPP_EXTRA_ARGS>', 'a'],
    ['a <sd_cpp_extra_args>{"steps":999}', 'a  {"steps":999}'],
    [
      '<sd_cpp_<sd_cpp_extra_args></sd_cpp_extra_args>extra_args>{}</sd_cpp_extra_args>',
      '<sd_cpp_ extra_args>{}',
    ],
    ['1 < 2 and <b>bold</b>', '1 < 2 and <b>bold</b>'],
  ])('%s', (prompt, plain) => {
    expect(plainPrompt(prompt)).toBe(plain)
    expect(plainPrompt(prompt)).not.toMatch(/sd_cpp_extra_args/i)
  })

  test('that is nothing but commands is not sent', async () => {
    const prompt = '<sd_cpp_extra_args>{}</sd_cpp_extra_args>'
    expect(refusedBy((await paintWith(provider(), { prompt })).outcome).code).toBe('bad_request')
    expect(standIn.requests).toEqual([])
  })
})
