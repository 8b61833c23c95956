import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOpenAiImages, type OpenAiImagesOptions } from '#src/ai/openai-images.ts'
import type { RefusalCode } from '#src/ai/provider.ts'
import { type OpenAiStandIn, type StandInFault, startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'
import {
  createRecordedTime,
  paintedBy,
  paintWith,
  type RecordedTime,
  refusedBy,
} from '#tests/support/painting.ts'

const apiKey = 'sk-secret-key-never-shown'
let standIn: OpenAiStandIn
let time: RecordedTime

beforeAll(async () => {
  standIn = await startOpenAiStandIn()
})
beforeEach(() => {
  standIn.requests.length = 0
  time = createRecordedTime()
})
// The positive control beside every fault: the next painting goes through.
afterEach(async () => {
  standIn.behave({})
  paintedBy((await paintWith(provider())).outcome)
})
afterAll(() => standIn.close())

const provider = (options: Partial<OpenAiImagesOptions> = {}) =>
  createOpenAiImages({
    dialect: 'openai',
    apiKey,
    baseUrl: standIn.url,
    model: 'painter-1',
    // Longer than any test may take, so that whatever ends, ends by itself.
    attemptDeadlineMs: 3_600_000,
    retries: { backoffMs: [1000, 2500], budgetMs: 9500, time },
    ...options,
  })

const once: [StandInFault, RefusalCode][] = [
  ['moderation_blocked', 'content_policy'],
  ['unauthorized', 'auth'],
  ['forbidden', 'auth'],
  ['insufficient_quota', 'quota'],
  ['payment_required', 'quota'],
  ['unknown_parameter', 'bad_request'],
  ['plain_error', 'bad_request'],
  ['plain_error_200', 'unavailable'],
  ['redirect', 'unavailable'],
  ['reset', 'unavailable'],
  ['reset_midway', 'unavailable'],
  ['broken_off', 'unavailable'],
  ['error_midway', 'unavailable'],
  ['moderation_midway', 'content_policy'],
  ['junk_json', 'unavailable'],
  ['no_data', 'unavailable'],
  ['junk_image', 'unavailable'],
  ['svg_image', 'unavailable'],
  ['truncated_image', 'unavailable'],
  ['huge_image', 'unavailable'],
]

describe('a fault that asking again would not mend', () => {
  test.each(once)('%s is refused as %s after one request', async (fault, code) => {
    standIn.behave({ fault, parameter: 'model' })
    const { outcome } = await paintWith(provider())
    const refused = refusedBy(outcome)
    expect(refused.code).toBe(code)
    expect(refused.message).toMatch(/^The .*\.$/)
    expect(refused.usage.images).toBe(0)
    expect(JSON.stringify(refused)).not.toMatch(/sk-(secret|wrong)/)
    expect(standIn.requests).toHaveLength(1)
  })

  test.each<StandInFault>(['junk_image', 'svg_image', 'truncated_image', 'huge_image'])(
    '%s in a JSON answer is refused as well',
    async (fault) => {
      standIn.behave({ fault, answer: 'json' })
      expect(refusedBy((await paintWith(provider())).outcome).code).toBe('unavailable')
    },
  )
})

describe('a fault that may pass', () => {
  test.each<[StandInFault, RefusalCode, number[]]>([
    ['rate_limited', 'rate_limited', [50, 50]],
    ['server_error', 'unavailable', [1000, 2500]],
    ['html', 'unavailable', [1000, 2500]],
  ])('%s is asked three times in all and ends as %s', async (fault, code, waits) => {
    standIn.behave({ fault, retryAfter: 0.05 })
    const { outcome } = await paintWith(provider())
    expect(refusedBy(outcome).code).toBe(code)
    expect(standIn.requests).toHaveLength(3)
    expect(time.waits).toEqual(waits)
  })

  test('is forgotten when the second try paints', async () => {
    standIn.behave([{ fault: 'server_error' }, {}])
    const { outcome } = await paintWith(provider())
    expect(paintedBy(outcome).usage.images).toBe(1)
    expect(standIn.requests).toHaveLength(2)
  })

  test('waits as long as Retry-After says', async () => {
    standIn.behave([{ fault: 'rate_limited', retryAfter: 7 }, {}])
    paintedBy((await paintWith(provider())).outcome)
    expect(time.waits).toEqual([7000])
  })

  test('is not waited for when Retry-After lies past the budget', async () => {
    standIn.behave({ fault: 'rate_limited', retryAfter: 30 })
    const { outcome } = await paintWith(provider())
    expect(refusedBy(outcome).code).toBe('rate_limited')
    expect(standIn.requests).toHaveLength(1)
    expect(time.waits).toEqual([])
  })

  test('ends all of several pictures within one budget', async () => {
    standIn.behave({ fault: 'server_error' })
    const { outcome } = await paintWith(provider(), { count: 4 })
    refusedBy(outcome)
    expect(standIn.requests.length).toBeLessThanOrEqual(6)
    expect(time.nowMs()).toBeLessThanOrEqual(9500)
  })

  test('leaves the second picture only what the first did not use up', async () => {
    const busy = { fault: 'rate_limited', retryAfter: 8 } as const
    standIn.behave([busy, {}, busy])
    const { outcome } = await paintWith(provider({ concurrency: 1 }), { count: 2 })
    expect(paintedBy(outcome).pictures.map(({ index }) => index)).toEqual([0])
    expect(time.waits).toEqual([8000])
  })
})

describe('a provider that hangs', () => {
  test.each<StandInFault>(['hang', 'hang_midway'])('%s ends as timeout at the deadline', async (fault) => {
    standIn.behave({ fault })
    const { outcome } = await paintWith(provider({ attemptDeadlineMs: 500 }))
    expect(refusedBy(outcome).code).toBe('timeout')
    expect(time.waits).toEqual([])
    await Promise.all(standIn.requests.map(({ closed }) => closed))
  })
})

describe('an answer that is too much', () => {
  test('an endless body is cut off at the cap', async () => {
    standIn.behave({ fault: 'endless' })
    const { outcome } = await paintWith(provider({ maxAnswerBytes: 4_000_000 }))
    expect(refusedBy(outcome)).toMatchObject({ code: 'unavailable' })
    await standIn.requests[0]?.closed
  })

  test('a line of 30 MB is read over when the cap allows it, and the picture after it is taken', async () => {
    standIn.behave({ fault: 'huge_line' })
    paintedBy((await paintWith(provider())).outcome)
  })

  test('a line of 30 MB over the cap is refused', async () => {
    standIn.behave({ fault: 'huge_line' })
    const { outcome } = await paintWith(provider({ maxAnswerBytes: 8_000_000 }))
    expect(refusedBy(outcome).code).toBe('unavailable')
  })
})

test('what was painted before a refusal is kept, and nothing is asked after it', async () => {
  standIn.behave([{}, { fault: 'moderation_blocked', delayMs: 50 }])
  const { outcome } = await paintWith(provider({ concurrency: 1 }), { count: 4 })
  expect(paintedBy(outcome).pictures.map(({ index }) => index)).toEqual([0])
  expect(standIn.requests).toHaveLength(2)
})

test('a server that is not there is unavailable', async () => {
  const { outcome } = await paintWith(provider({ baseUrl: 'http://127.0.0.1:1/v1' }))
  expect(refusedBy(outcome).code).toBe('unavailable')
})
