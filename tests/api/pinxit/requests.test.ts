import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sessionCookie, startSession } from '#src/auth/sessions.ts'
import {
  type Generation,
  generationOf,
  ledgerOf,
  type Person,
  post,
  type StudioServer,
  startStudioServer,
} from '#tests/studio/studio-server.ts'

let server: StudioServer
let alice: Person

beforeAll(async () => {
  server = await startStudioServer()
  alice = await server.person()
})
afterAll(() => server.close())

async function problemOf(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const problem = await answer.json()
  expect(problem).toMatchObject({
    status: answer.status,
    title: expect.any(String),
    detail: expect.any(String),
  })
  return problem
}

describe('what cannot be painted is refused in words', () => {
  const refused: [string, object, string][] = [
    ['no prompt', {}, 'prompt'],
    ['an empty prompt', { prompt: '' }, 'prompt'],
    ['a prompt of spaces', { prompt: ' \n ' }, 'prompt'],
    ['a prompt of 4,001 characters', { prompt: '🖼'.repeat(4001) }, 'prompt_too_long'],
    ['a prompt of 100 KB', { prompt: 'x'.repeat(100_000) }, 'prompt_too_long'],
    ['an unknown aspect', { prompt: 'x', aspect: 'round' }, 'aspect'],
    ['a giant aspect', { prompt: 'x', aspect: '9000x9000' }, 'aspect'],
    ['no pictures', { prompt: 'x', count: 0 }, 'count'],
    ['five pictures', { prompt: 'x', count: 5 }, 'count'],
    ['half a picture', { prompt: 'x', count: 1.5 }, 'count'],
    ['an unknown quality', { prompt: 'x', quality: 'best' }, 'quality'],
    ['a remix', { prompt: 'x', remix_of: '1' }, 'remix_of'],
    ['somebody else’s upload', { prompt: 'x', media_ids: ['1'] }, 'media_ids'],
    ['an upload that cannot be one', { prompt: 'x', media_ids: ['junk'] }, 'media_ids'],
    ['uploads that are no list', { prompt: 'x', media_ids: { a: 1 } }, 'media_ids'],
    ['five uploads', { prompt: 'x', media_ids: ['1', '2', '3', '4', '5'] }, 'media_ids'],
  ]
  test.each(refused)('%s', async (_, fields, code) => {
    const answer = await post(server, alice, fields)
    expect(answer.status).toBe(422)
    expect(await problemOf(answer)).toMatchObject({ code })
    expect(await ledgerOf(server.app, alice.accountId)).toMatchObject({ kinds: [] })
  })

  test('a count that is no number', async () => {
    const answer = await post(server, alice, { prompt: 'x', count: 'many' })
    expect(answer.status).toBe(422)
    await problemOf(answer)
  })

  test('a body over the limit', async () => {
    const answer = await post(server, alice, { prompt: 'x'.repeat(1_200_000) })
    expect(answer.status).toBe(413)
    await problemOf(answer)
  })

  test('a body that is no object', async () => {
    const answer = await server.fetch('/generations', alice, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '"x"',
    })
    expect(answer.status).toBe(400)
    await problemOf(answer)
  })
})

test('a prompt of exactly 4,000 characters is taken, from JSON, a form and multipart alike', async () => {
  const bob = await server.person('owner')
  const prompt = '🖼'.repeat(4000)
  const multipart = new FormData()
  multipart.set('prompt', prompt)
  multipart.set('count', '2')
  multipart.set('aspect', '')
  const bodies: RequestInit[] = [
    { body: JSON.stringify({ prompt, count: 2 }), headers: { 'content-type': 'application/json' } },
    { body: new URLSearchParams({ prompt, count: '2', quality: '' }) },
    { body: multipart },
  ]
  for (const body of bodies) {
    const answer = await server.fetch('/generations', bob, { method: 'POST', ...body })
    expect(answer.status).toBe(202)
    const { id, ...generation } = await generationOf(answer)
    expect(generation).toMatchObject({
      status: expect.stringMatching(/queued|running/),
      prompt,
      count: 2,
      aspect: 'square',
    })
    await server.fetch(`/generations/${id}`, bob, { method: 'DELETE' })
  }
  await server.worker.settle()
})

const routes: [string, string][] = [
  ['GET', '/capabilities'],
  ['GET', '/generations'],
  ['POST', '/generations'],
  ['GET', '/generations/1'],
  ['GET', '/generations/1/events'],
  ['DELETE', '/generations/1'],
]

test.each(routes)('%s %s needs a token', async (method, path) => {
  const without = await server.fetch(path, undefined, { method })
  expect(without.status).toBe(401)
  await problemOf(without)
  const wrong = await server.fetch(path, { ...alice, token: 'wrong' }, { method })
  expect(wrong.status).toBe(401)
  await problemOf(wrong)
  const narrow = await server.person('user', ['push'])
  const answer = await server.fetch(path, narrow, { method })
  expect(answer.status).toBe(403)
  await problemOf(answer)
})

test('a token that may only read starts, cancels and discards nothing', async () => {
  const reader = await server.person('user', ['read'])
  expect((await post(server, reader, { prompt: 'x' })).status).toBe(403)
  expect((await server.fetch('/generations/1', reader, { method: 'DELETE' })).status).toBe(403)
  expect((await server.fetch('/generations', reader)).status).toBe(200)
})

test('a session opens them too, but changes something only from a page of ours', async () => {
  const bob = await server.person()
  const token = await startSession(server.app, bob.userId, 'a browser')
  const cookie = `${sessionCookie(server.app).name}=${token}`
  expect((await server.fetch('/capabilities', undefined, { headers: { cookie } })).status).toBe(200)
  const send = (headers: Record<string, string>) =>
    server.fetch('/generations', undefined, {
      method: 'POST',
      headers: { cookie, ...headers },
      body: new URLSearchParams({ prompt: 'x', aspect: '256x256' }),
    })
  const foreign = await send({ origin: 'https://evil.example' })
  expect(foreign.status).toBe(403)
  await problemOf(foreign)
  expect((await send({ origin: server.app.publicUrl })).status).toBe(202)
})

test('somebody else’s generation is 404 on every route, as one that does not exist', async () => {
  const bob = await server.person()
  const { id } = await server.paint(bob, { prompt: 'private', aspect: '256x256' })
  for (const unknown of [id, '1', 'abc', '9'.repeat(30), '%00']) {
    for (const [method, path] of [
      ['GET', `/generations/${unknown}`],
      ['GET', `/generations/${unknown}/events`],
      ['DELETE', `/generations/${unknown}`],
    ] as const) {
      const answer = await server.fetch(path, alice, { method })
      expect(answer.status).toBe(404)
      await problemOf(answer)
    }
  }
  expect((await server.get(bob, id)).status).toBe('completed')
  expect(await (await server.fetch('/generations', alice)).json()).toEqual([])
})

test('what is not there yet is 404', async () => {
  for (const path of ['/statuses/1/lineage', '/explore', '/nothing']) {
    const answer = await server.fetch(path, alice)
    expect(answer.status).toBe(404)
    await problemOf(answer)
  }
})

test('capabilities say what the provider can do and what is left of the day', async () => {
  const bob = await server.person()
  const capabilities = await (await server.fetch('/capabilities', bob)).json()
  expect(capabilities).toEqual({
    images: {
      available: true,
      provider: 'openai',
      ai: true,
      aspects: ['square', 'portrait', 'landscape', 'WxH'],
      max_count: 4,
      edit: true,
      stream: true,
    },
    text: { available: false, tasks: [], reason: expect.any(String) },
    quota: { remaining: 50, resets_at: '2026-11-22T00:00:00.000Z' },
  })
  const owner = await server.person('owner')
  expect((await (await server.fetch('/capabilities', owner)).json()).quota).toBeNull()
})

test('without a provider painting is unavailable, and the reason is told', async () => {
  const bare = await startStudioServer('none')
  try {
    const bob = await bare.person()
    const { images } = await (await bare.fetch('/capabilities', bob)).json()
    expect(images).toMatchObject({
      available: false,
      provider: 'none',
      reason: expect.stringContaining('AI_PROVIDER'),
    })
    const answer = await post(bare, bob, { prompt: 'x' })
    expect(answer.status).toBe(503)
    expect(await problemOf(answer)).toMatchObject({ detail: images.reason })
  } finally {
    await bare.close()
  }
})

test('of fifty simultaneous requests for two pictures the quota lets half through', async () => {
  const bob = await server.person()
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => post(server, bob, { prompt: 'rush', aspect: '256x256', count: 2 })),
  )
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 202)).toHaveLength(25)
  const refused = answers.find(({ status }) => status === 429)
  expect(statuses.filter((status) => status === 429)).toHaveLength(25)
  expect(refused?.headers.get('retry-after')).toBe(String(12 * 3600))
  expect(await (refused && problemOf(refused))).toMatchObject({ code: 'quota' })

  const waiting: Generation[] = await (await server.fetch('/generations?limit=40', bob)).json()
  expect(waiting).toHaveLength(25)
  await Promise.all(waiting.map(({ id }) => server.fetch(`/generations/${id}`, bob, { method: 'DELETE' })))
  await server.worker.settle()
  server.clock.advance(12 * 3_600_000)
  const { quota } = await (await server.fetch('/capabilities', bob)).json()
  expect(quota.remaining).toBe(50)
})

test('twenty simultaneous repeats are one generation, and so is one much later', async () => {
  const bob = await server.person()
  const fields = { prompt: 'once', aspect: '256x256' }
  const key = { 'idempotency-key': 'the same' }
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(server, bob, fields, key)))
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202))
  const ids = new Set(await Promise.all(answers.map(async (answer) => (await generationOf(answer)).id)))
  expect(ids.size).toBe(1)
  await server.worker.settle()
  const late = await post(server, bob, fields, key)
  expect(late.status).toBe(202)
  expect(await generationOf(late)).toMatchObject({ id: [...ids][0], status: 'completed' })
  expect(await ledgerOf(server.app, bob.accountId)).toMatchObject({ kinds: ['reserve', 'settle'] })
  expect((await post(server, alice, fields, key)).status).toBe(202)
  expect((await post(server, bob, fields, { 'idempotency-key': 'k'.repeat(300) })).status).toBe(400)
  await server.worker.settle()
})

test('the history is paged, newest first', async () => {
  const bob = await server.person()
  const ids: string[] = []
  for (const prompt of ['one', 'two', 'three']) {
    ids.unshift((await server.ask(bob, { prompt, aspect: '256x256' })).id)
  }
  await server.worker.settle()
  const first = await server.fetch('/generations?limit=2', bob)
  expect((await first.json()).map(({ id }: Generation) => id)).toEqual(ids.slice(0, 2))
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
  const { pathname, search } = new URL(next)
  const second = await server.fetch(pathname + search, bob)
  expect((await second.json()).map(({ id }: Generation) => id)).toEqual(ids.slice(2))
})

test('whoever waits sees their place in the queue', async () => {
  const bob = await server.person()
  await server.worker.stop()
  const first = await server.ask(bob, { prompt: 'first', aspect: '256x256' })
  const second = await server.ask(bob, { prompt: 'second', aspect: '256x256' })
  expect([first.position, second.position]).toEqual([1, 2])
  await server.fetch(`/generations/${first.id}`, bob, { method: 'DELETE' })
  expect(await server.get(bob, second.id)).toMatchObject({ status: 'queued', position: 1 })
  await server.restartWorker()
  await server.worker.settle()
  const done = await server.get(bob, second.id)
  expect(done.status).toBe('completed')
  expect(done).not.toHaveProperty('position')
})
