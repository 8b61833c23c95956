import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type Heard,
  ledgerOf,
  listen,
  listenToEnd,
  type Person,
  type StudioServer,
  startStudioServer,
} from '#tests/studio/studio-server.ts'

let server: StudioServer
let alice: Person

beforeAll(async () => {
  server = await startStudioServer()
  alice = await server.person('owner')
})
afterAll(() => server.close())

const slow = { delayMs: 250 }

async function remainingOf(person: Person): Promise<number> {
  const { quota } = await (await server.fetch('/capabilities', person)).json()
  return quota.remaining
}

test('whoever listens hears each event as it comes, previews included, and then the end', async () => {
  server.provider.behave(slow)
  const { id } = await server.ask(alice, { prompt: 'seen growing', aspect: '512x512', count: 2 })
  const answer = await server.fetch(`/generations/${id}/events`, alice)
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const heard: Heard[] = []
  for await (const event of listen(answer)) {
    heard.push(event)
    if (event.event !== 'partial') continue
    // It can be looked at while the painting goes on.
    const file = await server.fetch(new URL(String(event.data.url)).pathname)
    expect(file.headers.get('content-type')).toBe('image/webp')
    await file.body?.cancel()
  }
  expect(heard.map(({ id }) => id)).toEqual(heard.map((_, index) => index + 1))
  const kinds = heard.map(({ event }) => event)
  expect(kinds.slice(0, 2)).toEqual(['queued', 'running'])
  // Of two that wait for the first child process to start, the older is left out.
  const partials = kinds.slice(2, -1)
  expect(partials.length).toBeGreaterThan(1)
  expect(new Set(partials)).toEqual(new Set(['partial']))
  expect(new Set(heard.filter(({ event }) => event === 'partial').map(({ data }) => data.index))).toEqual(
    new Set([0, 1]),
  )
  expect(heard.at(-1)).toMatchObject({
    event: 'completed',
    data: { id, status: 'completed', media_attachments: [{}, {}] },
  })

  const again = await listenToEnd(await server.fetch(`/generations/${id}/events`, alice))
  expect(again).toEqual(heard)
  const resumed = await listenToEnd(
    await server.fetch(`/generations/${id}/events`, alice, { headers: { 'last-event-id': '4' } }),
  )
  expect(resumed).toEqual(heard.slice(4))
  const behind = await server.fetch(`/generations/${id}/events`, alice, {
    headers: { 'last-event-id': String(heard.length) },
  })
  expect(behind.status).toBe(204)
})

test('a failure is heard too', async () => {
  server.provider.behave({ fault: 'moderation_blocked', ...slow })
  const { id } = await server.ask(alice, { prompt: 'refused', aspect: '256x256' })
  const heard = await listenToEnd(await server.fetch(`/generations/${id}/events`, alice))
  expect(heard.map(({ event }) => event)).toEqual(['queued', 'running', 'failed'])
  expect(heard.at(-1)?.data).toMatchObject({ error: { code: 'content_policy' }, cost_micro_usd: 0 })
})

test('cancelling while it runs hangs up on the provider, is heard at once and costs nothing', async () => {
  const bob = await server.person()
  // Who never answers is left by nothing but the cancelling.
  server.provider.behave({ fault: 'hang' })
  server.provider.requests.length = 0
  const { id } = await server.ask(bob, { prompt: 'never mind', aspect: '256x256' })
  const listening = listenToEnd(await server.fetch(`/generations/${id}/events`, bob))
  await expect.poll(() => server.provider.requests).toHaveLength(1)
  const cancelled = await server.fetch(`/generations/${id}`, bob, { method: 'DELETE' })
  expect(await cancelled.json()).toMatchObject({ id, status: 'cancelled', cost_micro_usd: 0 })
  await server.provider.requests[0]?.closed
  expect((await listening).map(({ event }) => event)).toEqual(['queued', 'running', 'cancelled'])
  await server.worker.settle()
  expect(await server.get(bob, id)).toMatchObject({
    status: 'cancelled',
    prompt: 'never mind',
    media_attachments: [],
  })
  expect(await ledgerOf(server.app, bob.accountId)).toMatchObject({
    kinds: ['reserve', 'refund'],
    charged: 0,
  })
  server.provider.behave({})
  expect((await server.paint(bob, { prompt: 'the next', aspect: '256x256' })).status).toBe('completed')
  // The provider had begun, so this one counts; otherwise people could start pictures without end.
  expect(await remainingOf(bob)).toBe(48)
})

test('what is cancelled in the queue is never asked for', async () => {
  const bob = await server.person()
  await server.worker.stop()
  server.provider.requests.length = 0
  const { id } = await server.ask(bob, { prompt: 'not at all', aspect: '256x256' })
  await server.fetch(`/generations/${id}`, bob, { method: 'DELETE' })
  await server.restartWorker()
  await server.worker.settle()
  expect(server.provider.requests).toEqual([])
  const heard = await listenToEnd(await server.fetch(`/generations/${id}/events`, bob))
  expect(heard.map(({ event }) => event)).toEqual(['queued', 'cancelled'])
  expect(await remainingOf(bob)).toBe(50)
})

test('many who listen share one connection to the database, and whoever leaves is forgotten', async () => {
  const look = Promise.withResolvers<void>()
  server.provider.behave({ hold: () => look.promise })
  const { id } = await server.ask(alice, { prompt: 'an audience', aspect: '256x256' })
  const gone = new AbortController()
  const leaving = await server.fetch(`/generations/${id}/events`, alice, { signal: gone.signal })
  const staying = await Promise.all(
    Array.from({ length: 30 }, () => server.fetch(`/generations/${id}/events`, alice)),
  )
  gone.abort()
  await expect(leaving.text()).rejects.toThrow()
  // The last of the channels it listens to.
  const { rows } = await sql<{ query: string }>`select query from pg_stat_activity
    where datname = current_database() and query = 'listen "streams"'`.execute(server.app.db)
  expect(rows).toHaveLength(1)
  // Nobody who waits holds one of the pool's.
  await expect.poll(() => server.app.pool.totalCount - server.app.pool.idleCount).toBe(0)
  look.resolve()
  for (const heard of await Promise.all(staying.map(listenToEnd))) {
    expect(heard.at(-1)?.event).toBe('completed')
  }
})

test('events are heard after the listening connection was cut', async () => {
  const look = Promise.withResolvers<void>()
  server.provider.behave({ hold: () => look.promise })
  const { id } = await server.ask(alice, { prompt: 'a cut', aspect: '256x256' })
  const answer = await server.fetch(`/generations/${id}/events`, alice)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query = 'listen "events"'`.execute(server.app.db)
  look.resolve()
  const heard = await listenToEnd(answer)
  expect(heard.at(-1)?.event).toBe('completed')
})

test('a worker that stops in the middle leaves the painting to the next, and the person hears one story', async () => {
  const bob = await server.person()
  server.provider.behave([{ fault: 'hang' }, {}])
  server.provider.requests.length = 0
  const { id } = await server.ask(bob, { prompt: 'a new version', aspect: '256x256' })
  const listening = listenToEnd(await server.fetch(`/generations/${id}/events`, bob))
  await expect.poll(() => server.provider.requests).toHaveLength(1)
  await server.restartWorker()
  const kinds = (await listening).map(({ event }) => event).filter((kind) => kind !== 'partial')
  expect(kinds).toEqual(['queued', 'running', 'completed'])
  await server.worker.settle()
  expect(await server.app.db.selectFrom('dead_jobs').selectAll().execute()).toEqual([])
  expect(await ledgerOf(server.app, bob.accountId)).toMatchObject({ kinds: ['reserve', 'settle'] })
})

test('asking for the headers alone leaves nobody listening', async () => {
  const { id } = await server.paint(alice, { prompt: 'no reader', aspect: '256x256' })
  const subscribe = vi.spyOn(server.app.events, 'subscribe')
  const answer = await server.fetch(`/generations/${id}/events`, alice, { method: 'HEAD' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  expect(subscribe).not.toHaveBeenCalled()
  subscribe.mockRestore()
})
