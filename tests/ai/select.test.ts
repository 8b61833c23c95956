import { expect, test } from 'vitest'
import { createImageProvider, isAvailable } from '#src/ai/select.ts'
import type { AiConfig } from '#src/base/config.ts'

const nothing: AiConfig = {
  provider: 'none',
  apiKey: undefined,
  baseUrl: undefined,
  imageModel: undefined,
  textModel: undefined,
  moderationModel: undefined,
  prices: {},
}
const baseUrl = 'http://127.0.0.1:8080/v1'

test.each<[Partial<AiConfig>, string]>([
  [{ provider: 'none', imageModel: 'm', apiKey: 'k' }, 'AI_PROVIDER'],
  [{ provider: 'openai', apiKey: 'k' }, 'AI_IMAGE_MODEL'],
  [{ provider: 'openai', imageModel: 'm' }, 'OPENAI_API_KEY'],
  [{ provider: 'compat', baseUrl }, 'AI_IMAGE_MODEL'],
  [{ provider: 'compat', imageModel: 'm' }, 'OPENAI_BASE_URL'],
])('%j paints nothing and says what is missing', (ai, missing) => {
  const images = createImageProvider({ ...nothing, ...ai })
  expect(isAvailable(images)).toBe(false)
  expect(images).toEqual({ unavailable: expect.stringContaining(missing) })
})

test.each<[Partial<AiConfig>, object]>([
  [{ provider: 'sketch' }, { name: 'sketch', isAi: false }],
  [
    { provider: 'openai', apiKey: 'k', imageModel: 'm' },
    { name: 'openai', isAi: true, model: 'm' },
  ],
  [{ provider: 'openai', baseUrl, imageModel: 'm' }, { name: 'openai' }],
  [
    { provider: 'compat', baseUrl, imageModel: 'm' },
    { name: 'compat', isAi: true, model: 'm' },
  ],
])('%j paints', (ai, expected) => {
  const images = createImageProvider({ ...nothing, ...ai })
  expect(isAvailable(images)).toBe(true)
  expect(images).toMatchObject(expected)
})
