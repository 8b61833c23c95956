import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOpenAiImages } from '#src/ai/openai-images.ts'
import { type OpenAiStandIn, standInUsage, startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'
import { paintedBy, paintRequest, paintWith } from '#tests/support/painting.ts'

let standIn: OpenAiStandIn

beforeAll(async () => {
  standIn = await startOpenAiStandIn()
})
beforeEach(() => {
  standIn.behave({})
  standIn.requests.length = 0
})
afterAll(() => standIn.close())

const provider = () =>
  createOpenAiImages({ dialect: 'openai', apiKey: 'sk-test', baseUrl: standIn.url, model: 'painter-1' })

describe('a picture in the openai dialect', () => {
  test('is streamed with previews, real bytes, usage and a request id', async () => {
    const { outcome, partials } = await paintWith(provider(), { quality: 'high' })
    const painted = paintedBy(outcome)
    const { format, width, height } = await sharp(painted.pictures[0]?.bytes).metadata()
    expect({ format, width, height }).toEqual({ format: 'png', width: 256, height: 256 })
    expect(partials.map(({ index, step }) => [index, step])).toEqual([
      [0, 0],
      [0, 1],
    ])
    expect((await sharp(partials[0]?.bytes).metadata()).format).toBe('png')
    expect(painted.usage).toEqual({ inputTokens: 50, outputTokens: 4160, inputImageTokens: 10, images: 1 })
    expect(painted.requestIds).toEqual(['req_stand_in_1'])
  })

  test('is asked for with the fields of that dialect and no others', async () => {
    await paintWith(provider(), { quality: 'high' })
    expect(standIn.requests[0]?.path).toBe('/v1/images/generations')
    expect(standIn.requests[0]?.headers.authorization).toBe('Bearer sk-test')
    expect(standIn.requests[0]?.fields).toEqual({
      model: 'painter-1',
      prompt: paintRequest.prompt,
      n: 1,
      size: '256x256',
      quality: 'high',
      output_format: 'png',
      moderation: 'auto',
      safety_identifier: 'someone-hashed',
      stream: true,
      partial_images: 3,
    })
  })

  test('is edited from references as multipart, without the moderation field', async () => {
    const reference = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    const { outcome, partials } = await paintWith(provider(), { references: [reference, reference] })
    paintedBy(outcome)
    expect(partials).toHaveLength(2)
    const [request] = standIn.requests
    expect(request?.path).toBe('/v1/images/edits')
    expect(request?.fields).toMatchObject({ stream: 'true', model: 'painter-1', size: '256x256', n: '1' })
    expect(request?.fields).not.toHaveProperty('moderation')
    expect(request?.files.map(({ field, type }) => [field, type])).toEqual([
      ['image[]', 'image/jpeg'],
      ['image[]', 'image/jpeg'],
    ])
    expect(Buffer.from(request?.files[0]?.bytes ?? []).equals(reference)).toBe(true)
  })

  test('is one of several requests when several are asked for, two at a time, each streamed', async () => {
    const look = Promise.withResolvers<void>()
    standIn.behave({ hold: () => look.promise })
    const painting = paintWith(provider(), { count: 4 })
    await expect.poll(() => standIn.requests).toHaveLength(2)
    look.resolve()
    const { outcome, partials } = await painting
    const painted = paintedBy(outcome)
    expect(painted.pictures.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    expect(new Set(painted.pictures.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size).toBe(4)
    expect(painted.usage).toMatchObject({ images: 4, outputTokens: 4 * standInUsage.output_tokens })
    expect(partials).toHaveLength(8)
    expect(standIn.requests.every(({ inFlight }) => inFlight <= 2)).toBe(true)
  })
})

describe('a server that does not stream', () => {
  test('answers JSON to a request for a stream, gives its picture, and is not asked to stream again', async () => {
    standIn.behave({ answer: 'json' })
    const images = provider()
    expect(images.capabilities.stream).toBe(true)
    const { outcome, partials } = await paintWith(images)
    expect(paintedBy(outcome).pictures).toHaveLength(1)
    expect(partials).toEqual([])
    expect(images.capabilities.stream).toBe(false)
    paintedBy((await paintWith(images)).outcome)
    expect(standIn.requests.map(({ fields }) => fields.stream)).toEqual([true, undefined])
  })

  test('may refuse the field by name, and is asked again without it', async () => {
    standIn.behave({ fault: 'unknown_parameter', parameter: 'stream' })
    const images = provider()
    expect(paintedBy((await paintWith(images)).outcome).pictures).toHaveLength(1)
    expect(standIn.requests).toHaveLength(2)
    expect(images.capabilities.stream).toBe(false)
  })
})

test('cancelling ends the request and says so', async () => {
  standIn.behave({ fault: 'hang' })
  const cancel = new AbortController()
  const painting = paintWith(provider(), { count: 3 }, cancel.signal)
  await expect.poll(() => standIn.requests.length).toBe(2)
  cancel.abort()
  const { outcome } = await painting
  expect(outcome.outcome).toBe('cancelled')
  await Promise.all(standIn.requests.map(({ closed }) => closed))
  expect(standIn.requests).toHaveLength(2)
})

test('a painting cancelled beforehand asks nobody', async () => {
  const { outcome } = await paintWith(provider(), {}, AbortSignal.abort())
  expect(outcome.outcome).toBe('cancelled')
  expect(standIn.requests).toEqual([])
})

test('an error of our own while a preview is stored ends the painting as that error', async () => {
  const failure = new Error('disk full')
  const onPartial = async () => {
    throw failure
  }
  const painting = provider().paint(paintRequest, { signal: new AbortController().signal, onPartial })
  await expect(painting).rejects.toBe(failure)
})

test('a provider without a key is built lazily and sends the key none', async () => {
  const images = createOpenAiImages({ dialect: 'openai', baseUrl: standIn.url, model: 'painter-1' })
  paintedBy((await paintWith(images)).outcome)
  expect(standIn.requests[0]?.headers.authorization).toBe('Bearer none')
})
