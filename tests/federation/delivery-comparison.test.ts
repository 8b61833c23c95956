import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAppFederation } from '#federation/index.ts'
import type { App } from '#src/app.ts'
import { createSafeFetch } from '#src/base/fetch.ts'
import { storeActivityBody } from '#src/db/activity-bodies.ts'
import { PermanentFailure, RetryLater } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { startRawHost } from '#tests/support/faulty-hosts.ts'
import {
  type Answer,
  type ForeignServer,
  type Received,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// The same delivery by our own way and, with that switched off, by Fedify's: neither may be weaker or ruder.

let server: TestServer
let alice: TestPerson
let foreign: ForeignServer
let bodyHash: string
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  const { db, uris } = server.app
  const activity = {
    '@context': ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/data-integrity/v1'],
    id: `${alice.account.uri}/create/1`,
    type: 'Create',
    actor: alice.account.uri,
    object: { type: 'Note', content: 'Ünïcode \u2028 “quoted”' },
  }
  const envelope = {
    baseUrl: server.url,
    activityId: activity.id,
    activityType: 'https://www.w3.org/ns/activitystreams#Create',
    keyIds: [uris.rsaKey(alice.accountId), uris.ed25519Key(alice.accountId)],
  }
  const body = JSON.stringify(activity)
  bodyHash = await db.transaction().execute((trx) => storeActivityBody(trx, { body, envelope }))
})
afterAll(() => server.close())
beforeEach(async () => {
  foreign = await startForeignServer()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await foreign.close()
  await server.app.db.deleteFrom('retired_inboxes').execute()
})

type Way = 'direct' | 'by Fedify'
const ways: Way[] = ['direct', 'by Fedify']

type Outcome = { end: 'ended' | 'dead' | 'tried again'; notBeforeMs: number }

/** One delivery by a server that knows nothing of the host yet. */
async function deliver(way: Way, inbox: string, app: App = server.app): Promise<Outcome> {
  const { config } = app
  const fastPath = { ...config.fastPath, delivery: way === 'direct' }
  const handler = createAppFederation({ ...app, config: { ...config, fastPath } }).jobHandlers.deliver
  if (typeof handler !== 'function') throw new Error('Deliveries are handled one by one')
  const job: RunningJob = {
    id: '1',
    attempt: 1,
    bodyHash,
    signal: new AbortController().signal,
    complete: async () => undefined,
    progress: undefined,
    advance: async () => undefined,
  }
  try {
    await handler({ inbox, sharedInbox: true, actorIds: [], attempt: 0 }, job)
    return { end: 'ended', notBeforeMs: 0 }
  } catch (error) {
    const notBeforeMs = error instanceof RetryLater ? (error.retryAfterMs ?? 0) : 0
    return { end: error instanceof PermanentFailure ? 'dead' : 'tried again', notBeforeMs }
  }
}

/** What a receiving server goes by. */
const essence = ({ path, text, scheme, keyId, isSignatureValid, isDigestValid, headers }: Received) => ({
  path,
  text,
  scheme,
  keyId,
  isSignatureValid,
  isDigestValid,
  host: headers.host,
  type: headers['content-type'],
  digest: headers.digest,
  agent: headers['user-agent'],
})

const rfc9421Only = ({ scheme }: { scheme: string }): Answer | undefined =>
  scheme === 'rfc9421' ? undefined : { status: 401 }

test('a host gets the same request both ways, signed by the same key over as much', async () => {
  for (const way of ways)
    expect(await deliver(way, `${foreign.url}/in%20box/1`)).toMatchObject({ end: 'ended' })
  const [direct, byFedify] = foreign.received
  if (!direct || !byFedify) throw new Error('Each way delivers once')
  expect(foreign.received).toHaveLength(2)
  expect(essence(direct)).toEqual(essence(byFedify))
  expect(essence(direct)).toMatchObject({
    scheme: 'draft-cavage',
    isSignatureValid: true,
    isDigestValid: true,
    keyId: `${alice.account.uri}#main-key`,
  })
  for (const part of ['(request-target)', 'host', 'date', 'digest']) {
    expect(direct.covered).toContain(part)
    expect(byFedify.covered).toContain(part)
  }
})

test('a host that reads nothing but RFC 9421 gets it both ways, after a first knock it cannot read', async () => {
  foreign.answerInboxes(rfc9421Only)
  for (const way of ways) expect(await deliver(way, `${foreign.url}/inbox`)).toMatchObject({ end: 'ended' })
  const taken = foreign.received.filter(({ status }) => status === 202)
  expect(taken).toMatchObject([
    { scheme: 'rfc9421', isSignatureValid: true, isDigestValid: true },
    { scheme: 'rfc9421', isSignatureValid: true, isDigestValid: true },
  ])
  expect(taken[0]?.text).toBe(taken[1]?.text)
})

const answers: [name: string, end: Outcome['end'], Answer, notBeforeMs?: number][] = [
  ['202', 'ended', { status: 202 }],
  ['200 with words', 'ended', { status: 200, body: 'x'.repeat(100_000) }],
  ['301', 'tried again', { status: 301, headers: { location: '/elsewhere' } }],
  ['302', 'tried again', { status: 302, headers: { location: '/elsewhere' } }],
  ['307', 'tried again', { status: 307, headers: { location: '/elsewhere' } }],
  ['400', 'ended', { status: 400 }],
  ['401', 'tried again', { status: 401 }],
  ['403', 'ended', { status: 403 }],
  ['404', 'ended', { status: 404 }],
  ['410', 'ended', { status: 410 }],
  ['429 with Retry-After', 'tried again', { status: 429, headers: { 'retry-after': '600' } }, 600_000],
  ['500', 'tried again', { status: 500 }],
  ['503', 'tried again', { status: 503 }],
]

describe('a host that answers', () => {
  test.each(answers)('%s: the delivery is %s, both ways', async (_, end, answer, notBeforeMs = 0) => {
    foreign.answerInboxes(() => answer)
    for (const way of ways) {
      const outcome = await deliver(way, `${foreign.url}/inbox`)
      expect(outcome.end).toBe(end)
      expect(outcome.notBeforeMs).toBeGreaterThanOrEqual(notBeforeMs)
    }
    expect(foreign.received.every((one) => one.isSignatureValid && one.isDigestValid)).toBe(true)
  })

  test('410 is not asked again, whichever way it said so', async () => {
    foreign.answerInboxes(() => ({ status: 410 }))
    for (const way of ways) {
      await deliver(way, `${foreign.url}/inbox/${way === 'direct' ? 1 : 2}`)
    }
    const retired = await server.app.db
      .selectFrom('retired_inboxes')
      .select('inbox')
      .orderBy('inbox')
      .execute()
    expect(retired.map(({ inbox }) => inbox)).toEqual([`${foreign.url}/inbox/1`, `${foreign.url}/inbox/2`])
  })

  test('nothing, be it by a reset or by silence, is tried again both ways', async () => {
    const resetting = await startRawHost((socket) => socket.resetAndDestroy())
    const { dispatcher } = server.app.safeFetch
    const dispatch = dispatcher.dispatch.bind(dispatcher)
    vi.spyOn(dispatcher, 'dispatch').mockImplementation((options, handler) =>
      dispatch({ ...options, headersTimeout: 300 }, handler),
    )
    foreign.answerInboxes(() => ({ status: 202, isSilent: true }))
    for (const way of ways)
      for (const url of [resetting.url, foreign.url])
        expect(await deliver(way, `${url}/inbox`)).toMatchObject({ end: 'tried again' })
    await resetting.close()
  })
})

describe('where private addresses are refused', () => {
  /** The name of an inbox is public, and its address is not. */
  function closedApp(): App {
    const { app } = server
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const config = { ...app.config, allowPrivateAddresses: false }
    const safeFetch = createSafeFetch({ allowPrivateAddresses: false, userAgent: 'Test', resolve })
    return { ...app, config, safeFetch }
  }

  test.each(ways)('%s, nothing is sent to one, however it is named', async (way) => {
    const app = closedApp()
    const connected = vi.fn()
    const host = await startRawHost(connected)
    const port = new URL(host.url).port
    expect(await deliver(way, `https://127.0.0.1:${port}/inbox`, app)).toMatchObject({ end: 'dead' })
    const named = await deliver(way, 'https://innocent.example/inbox', app)
    expect(named.end).not.toBe('ended')
    expect(connected).not.toHaveBeenCalled()
    await host.close()
    await app.safeFetch.close()
  })
})

test('what is switched off is not used: Fedify alone delivers', async () => {
  const schemes: string[][] = []
  for (const way of ways) {
    // Each its own: Fedify remembers what a host can read.
    const host = await startForeignServer()
    host.answerInboxes(rfc9421Only)
    await deliver(way, `${host.url}/inbox`)
    schemes.push(host.received.map(({ scheme }) => scheme))
    await host.close()
  }
  expect(schemes).toEqual([
    ['draft-cavage', 'draft-cavage', 'rfc9421'],
    ['draft-cavage', 'rfc9421'],
  ])
})
