import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFetchBytes } from '#src/ai/fetch-bytes.ts'
import { createSafeFetch, type SafeFetch } from '#src/base/fetch.ts'
import { type OpenAiStandIn, startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'

let standIn: OpenAiStandIn
let safeFetch: SafeFetch

beforeAll(async () => {
  standIn = await startOpenAiStandIn()
  safeFetch = createSafeFetch({ userAgent: 'test', allowPrivateAddresses: false })
})
afterAll(() => Promise.all([standIn.close(), safeFetch.close()]))

const pictureUrl = () => `${new URL(standIn.url).origin}/pictures/64x64/1.png`
const limits = { maxBytes: 1_000_000, deadlineMs: 2000 }

test('the provider’s own origin may be private', async () => {
  const allowOrigin = new URL(standIn.url).origin
  const bytes = await createFetchBytes(safeFetch)(pictureUrl(), { ...limits, allowOrigin })
  expect(Buffer.from(bytes).subarray(1, 4).toString()).toBe('PNG')
})

test('any other private address is refused', async () => {
  const allowOrigin = 'https://provider.example'
  const fetching = createFetchBytes(safeFetch)(pictureUrl(), { ...limits, allowOrigin })
  await expect(fetching).rejects.toMatchObject({ name: 'FetchRefused' })
})
