import { afterAll, beforeAll, expect, test } from 'vitest'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import { type OpenAiStandIn, startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'
import { listenToEnd } from './studio-server.ts'

let provider: OpenAiStandIn
let server: TestServer

beforeAll(async () => {
  provider = await startOpenAiStandIn()
  server = await startTestServer({
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: provider.url,
    AI_IMAGE_MODEL: 'paint-1',
  })
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

test('on a whole server a prompt becomes a picture, and the picture a post that says how it was made', async () => {
  const alice = await server.person('alice')
  const asked = await server.fetch('/api/pinxit/v1/generations/', {
    as: alice,
    json: { prompt: 'a lighthouse', count: 2 },
  })
  expect(asked.status).toBe(202)
  const { id } = await asked.json()
  const events = await listenToEnd(
    await server.fetch(`/api/pinxit/v1/generations/${id}/events`, { as: alice }),
  )
  const { media_attachments: pictures } = Object(events.at(-1)?.data)
  expect(pictures).toHaveLength(2)

  const status = await server.fetch('/api/v1/statuses', {
    as: alice,
    json: { status: 'Look', media_ids: [pictures[1].id], prompt_visibility: 'public' },
  })
  expect(status.status).toBe(200)
  const post = await status.json()
  expect(post).toMatchObject({
    media_attachments: [{ id: pictures[1].id, pinxit: { digital_source_type: digitalSourceTypes.painting } }],
    pinxit: { ai_generated: true, prompt: 'a lighthouse' },
  })

  // Discarding the generation takes the draft, never what was posted.
  await server.fetch(`/api/pinxit/v1/generations/${id}`, { as: alice, method: 'DELETE' })
  await server.settle()
  expect((await server.fetch(pictures[0].url)).status).toBe(404)
  expect((await server.fetch(pictures[1].url)).status).toBe(200)

  await server.fetch(`/api/v1/statuses/${post.id}`, { as: alice, method: 'DELETE' })
  server.clock.advance(26 * 3_600_000)
  await server.settle()
  expect((await server.fetch(pictures[1].url)).status).toBe(404)
})
