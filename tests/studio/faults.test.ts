import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StandInBehaviour } from '#tests/support/openai-stand-in.ts'
import { ledgerOf, type Person, type StudioServer, startStudioServer } from './studio-server.ts'

const hourMs = 3_600_000

let server: StudioServer
let alice: Person

beforeAll(async () => {
  server = await startStudioServer()
})
afterAll(() => server.close())

const faults: [StandInBehaviour, string][] = [
  [{ fault: 'rate_limited' }, 'rate_limited'],
  [{ fault: 'server_error' }, 'unavailable'],
  [{ fault: 'moderation_blocked' }, 'content_policy'],
  [{ fault: 'moderation_midway' }, 'content_policy'],
  [{ fault: 'unauthorized' }, 'auth'],
  [{ fault: 'insufficient_quota' }, 'quota'],
  [{ fault: 'plain_error' }, 'bad_request'],
  [{ fault: 'html' }, 'unavailable'],
  [{ fault: 'reset' }, 'unavailable'],
  [{ fault: 'hang' }, 'timeout'],
  [{ fault: 'hang_midway' }, 'timeout'],
  [{ fault: 'broken_off' }, 'unavailable'],
  [{ fault: 'junk_json' }, 'unavailable'],
  [{ fault: 'junk_image' }, 'unavailable'],
  [{ fault: 'svg_image' }, 'unavailable'],
  [{ fault: 'truncated_image' }, 'unavailable'],
  [{ fault: 'huge_image' }, 'unavailable'],
]

describe.each(faults)('a provider that answers with %o', (behaviour, code) => {
  test('fails with a clear code, costs nothing, keeps the prompt, and the next one is painted', async () => {
    alice = await server.person()
    server.provider.behave(behaviour)
    if (code === 'timeout') server.setAttemptDeadline(500)
    const failed = await server.paint(alice, { prompt: 'a lighthouse at dawn', aspect: '256x256' })
    expect(failed).toMatchObject({
      status: 'failed',
      prompt: 'a lighthouse at dawn',
      error: { code, message: expect.stringMatching(/^[A-Z].*\.$/) },
      media_attachments: [],
      cost_micro_usd: 0,
    })
    expect(await ledgerOf(server.app, alice.accountId)).toMatchObject({
      kinds: ['reserve', 'refund'],
      charged: 0,
    })
    const { quota } = await (await server.fetch('/capabilities', alice)).json()
    expect(quota.remaining).toBe(50)

    server.provider.behave({})
    server.setAttemptDeadline(hourMs)
    const next = await server.paint(alice, { prompt: 'a lighthouse at dusk', aspect: '256x256' })
    expect(next).toMatchObject({ status: 'completed', media_attachments: [{}] })
  })
})

test('a generation that hangs does not hold up the ones after it', async () => {
  const bob = await server.person()
  server.provider.behave([{ fault: 'hang' }, {}])
  const before = server.provider.requests.length
  const stuck = await server.ask(bob, { prompt: 'stuck', aspect: '256x256' })
  await expect.poll(() => server.provider.requests.length).toBe(before + 1)
  const quick = await server.ask(bob, { prompt: 'quick', aspect: '256x256' })
  await expect.poll(async () => (await server.get(bob, quick.id)).status).toBe('completed')
  expect((await server.get(bob, stuck.id)).status).toBe('running')
  await server.fetch(`/generations/${stuck.id}`, bob, { method: 'DELETE' })
  await server.worker.settle()
})

test('what the provider charged for pictures nobody can use is the operator’s, not the person’s', async () => {
  const bob = await server.person()
  server.provider.behave({})
  // The file system refuses: the pictures were painted and paid for, but cannot be kept.
  const { storage } = server.app
  server.app.storage = { ...storage, put: () => Promise.reject(new Error('No space left on device')) }
  const failed = await server.paint(bob, { prompt: 'a full disk', aspect: '256x256' })
  server.app.storage = storage
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'unavailable' }, cost_micro_usd: 0 })
  expect(await ledgerOf(server.app, bob.accountId)).toEqual({
    kinds: ['reserve', 'refund'],
    charged: 0,
    operator: 50 * 5 + 4160 * 40,
  })
  expect(
    await server.app.db.selectFrom('media').select('id').where('account_id', '=', bob.accountId).execute(),
  ).toEqual([])
})
