import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startRawHost, startUntrustedHost } from '#tests/support/faulty-hosts.ts'
import { addFollowers } from '#tests/support/followers.ts'
import { type Answer, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// Inboxes that fail, each in its way, beside one that does not (BAD-INPUT 19, K6).

const minute = 60_000
const hour = 60 * minute

let server: TestServer
let alice: TestPerson
let healthy: ForeignServer
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())
beforeEach(async () => {
  healthy = await startForeignServer()
  await followedFrom(healthy.addActor('hana').inbox, healthy.host)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await healthy.close()
  const { db } = server.app
  for (const table of ['follows', 'jobs', 'dead_jobs', 'retired_inboxes'] as const)
    await db.deleteFrom(table).execute()
  await db.deleteFrom('accounts').where('domain', 'is not', null).execute()
})

function followedFrom(inbox: string, domain: string, count = 1): Promise<void> {
  return addFollowers(server, alice, { count, domain, inbox })
}

/** How long a host may take to answer; 0: for ever. */
function waitNoLongerThan(ms: number): void {
  const { dispatcher } = server.app.safeFetch
  const dispatch = dispatcher.dispatch.bind(dispatcher)
  vi.spyOn(dispatcher, 'dispatch').mockImplementation((options, handler) =>
    dispatch({ ...options, headersTimeout: ms }, handler),
  )
}

type Outcome = 'tried again' | 'given up' | 'dead'

async function outcomeAt(inbox: string): Promise<Outcome> {
  const { db } = server.app
  const waiting = await db
    .selectFrom('jobs')
    .select(['payload', 'attempts'])
    .where('name', '=', 'deliver')
    .execute()
  if (JSON.stringify(waiting).includes(inbox)) return 'tried again'
  const dead = await db.selectFrom('dead_jobs').select('payload').execute()
  return JSON.stringify(dead).includes(inbox) ? 'dead' : 'given up'
}

function isForeign(host: object): host is ForeignServer {
  return 'answerInboxes' in host
}

type Fault = [
  name: string,
  outcome: Outcome,
  isRetired: boolean,
  answer: Answer | (() => Promise<{ url: string; close(): Promise<void> }>),
]

const faults: Fault[] = [
  ['hangs', 'tried again', false, { status: 202, isSilent: true }],
  ['resets', 'tried again', false, () => startRawHost((socket) => socket.resetAndDestroy())],
  ['closes without a word', 'tried again', false, () => startRawHost((socket) => socket.end())],
  [
    'answers garbage',
    'tried again',
    false,
    () => startRawHost((socket) => socket.end('\0\x01 what?\r\n\r\n')),
  ],
  [
    'sends headers without end',
    'tried again',
    false,
    () => startRawHost((socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`)),
  ],
  ['has a certificate nobody vouches for', 'tried again', false, startUntrustedHost],
  // Where a server moved to, its actors will say.
  ['redirects elsewhere', 'tried again', false, { status: 302, headers: { location: '/elsewhere' } }],
  ['redirects for ever', 'tried again', false, { status: 307, headers: { location: '/inbox' } }],
  ['answers 400', 'given up', false, { status: 400 }],
  ['answers 401', 'tried again', false, { status: 401 }],
  ['answers 403', 'given up', false, { status: 403 }],
  ['answers 404', 'given up', false, { status: 404 }],
  ['answers 410', 'given up', true, { status: 410 }],
  ['answers 413', 'given up', false, { status: 413 }],
  ['answers 429', 'tried again', false, { status: 429, headers: { 'retry-after': '600' } }],
  ['answers 500', 'tried again', false, { status: 500 }],
  ['answers 502', 'tried again', false, { status: 502, body: '<html>Bad gateway</html>' }],
  ['answers 503', 'tried again', false, { status: 503 }],
]

describe('a host that', () => {
  test.each(faults)('%s: the delivery is %s', async (_, outcome, isRetired, fault) => {
    waitNoLongerThan(500)
    const sick = typeof fault === 'function' ? await fault() : await startForeignServer()
    if (isForeign(sick) && typeof fault !== 'function') sick.answerInboxes(() => fault)
    const inbox = `${sick.url}/inbox`
    await followedFrom(inbox, new URL(sick.url).host)
    await post(server, alice)
    await server.settle()
    expect(healthy.activities('Create')).toHaveLength(1)
    expect(await outcomeAt(inbox)).toBe(outcome)
    const retired = await server.app.db
      .selectFrom('retired_inboxes')
      .select('inbox')
      .where('retired_at', 'is not', null)
      .execute()
    expect(retired).toEqual(isRetired ? [{ inbox }] : [])
    await sick.close()
  })
})

test('two hundred deliveries to a host that hangs hold up fifty others by nothing', async () => {
  // It hangs for ever: only who does not wait for it gets past.
  waitNoLongerThan(0)
  const hanging = await startForeignServer()
  hanging.answerInboxes(() => ({ status: 202, isSilent: true }))
  await followedFrom(`${hanging.url}/fans/*/inbox`, hanging.host, 200)
  await followedFrom(`${healthy.url}/fans/*/inbox`, 'elsewhere.example', 50)
  await post(server, alice)
  await expect.poll(() => healthy.activities('Create').length).toBe(51)
  // The one that hangs has a few under way, and the rest waits without having been tried.
  expect(hanging.received.length).toBeLessThanOrEqual(4)
  const { db } = server.app
  const waiting = await db.selectFrom('jobs').select('payload').where('name', '=', 'deliver').execute()
  expect(waiting.filter(({ payload }) => JSON.stringify(payload).includes(hanging.host))).toHaveLength(200)
  await hanging.close()
  await server.settle()
})

test('what waits for a host that is down costs few tries, and arrives when it is back', async () => {
  const down = await startForeignServer()
  await followedFrom(`${down.url}/inbox`, down.host)
  down.answerInboxes(() => ({ status: 500 }))
  for (let index = 0; index < 40; index += 1) await post(server, alice, { text: `Note ${index}` })
  for (let step = 0; step < 24; step += 1) {
    await server.settle()
    server.clock.advance(5 * minute)
  }
  // Forty notes, two hours, tries after 0, 1, 5 and 30 minutes with two knocks each would be 320.
  expect(down.received.length).toBeLessThan(60)
  down.answerInboxes(undefined)
  for (let step = 0; step < 30; step += 1) {
    server.clock.advance(hour)
    await server.settle()
  }
  expect(new Set(down.activities('Create').map(({ id }) => id)).size).toBe(40)
  expect(healthy.activities('Create')).toHaveLength(40)
  await down.close()
}, 60_000)
