import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createDirectPost, type DirectPost } from '#federation/delivery/direct-post.ts'
import { createKeyring } from '#federation/signatures/keys.ts'
import { storeActivityBody } from '#src/db/activity-bodies.ts'
import { RetryLater } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

const hour = 3_600_000

let server: TestServer
let alice: TestPerson
let foreign: ForeignServer
let post: DirectPost
let bodyHash: string
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  const body = JSON.stringify({ type: 'Create', words: 'ünïcode\u2028' })
  bodyHash = await server.app.db.transaction().execute((trx) => storeActivityBody(trx, body))
})
afterAll(() => server.close())
beforeEach(async () => {
  foreign = await startForeignServer()
  const { app } = server
  post = createDirectPost({ app, keyring: createKeyring(app), userAgent: 'Test', deadlineMs: hour })
})
afterEach(() => foreign.close())

function job(attempt = 1): RunningJob {
  const { signal } = new AbortController()
  return {
    id: '1',
    attempt,
    bodyHash,
    signal,
    complete: async () => undefined,
    progress: undefined,
    advance: async () => undefined,
  }
}

function deliver(attempt = 1): Promise<boolean> {
  const inbox = new URL('/inbox?a=1', foreign.url)
  const delivery = {
    baseUrl: server.url,
    activityType: 'https://www.w3.org/ns/activitystreams#Create',
    keyIds: [`${alice.account.uri}#main-key`],
    inbox: inbox.href,
    sharedInbox: true,
    actorIds: [],
    headers: {},
    started: new Date().toISOString(),
    traceContext: {},
    attempt: 0,
  }
  return post(inbox, delivery, job(attempt))
}

test('what is taken is done', async () => {
  expect(await deliver()).toBe(true)
  expect(await deliver()).toBe(true)
  expect(foreign.received).toMatchObject(
    Array(2).fill({ isSignatureValid: true, isDigestValid: true, path: '/inbox?a=1' }),
  )
})

test('what is taken stays taken, whatever becomes of the words that follow', async () => {
  foreign.answerInboxes(() => ({ status: 202, headers: { 'content-length': '1000' }, body: 'OK, but' }))
  expect(await deliver()).toBe(true)
})

test('a host that answers anything else is left to Fedify for a while', async () => {
  foreign.answerInboxes(() => ({ status: 401 }))
  expect(await deliver()).toBe(false)
  foreign.answerInboxes(undefined)
  expect(await deliver()).toBe(false)
  expect(foreign.received).toHaveLength(1)
})

test.each([429, 503])('a host that is busy (%i) is asked again when it says, not at once', async (status) => {
  foreign.answerInboxes(() => ({ status, headers: { 'retry-after': '120' } }))
  const failure = await deliver().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(RetryLater)
  expect(failure).toMatchObject({ isAttempt: true, retryAfterMs: 120_000 })
  foreign.answerInboxes(undefined)
  expect(await deliver(2)).toBe(true)
  expect(foreign.received).toHaveLength(2)
})

test('an inbox that is gone says nothing about its host', async () => {
  foreign.answerInboxes(() => ({ status: 410 }))
  expect(await deliver()).toBe(false)
  foreign.answerInboxes(undefined)
  expect(await deliver()).toBe(true)
})

test('a redirect is not followed', async () => {
  foreign.answerInboxes(() => ({ status: 307, headers: { location: '/elsewhere' } }))
  expect(await deliver()).toBe(false)
  expect(foreign.received.map(({ path }) => path)).toEqual(['/inbox?a=1'])
})

test('a host that lets us wait in vain is tried again', async () => {
  foreign.answerInboxes(() => ({ status: 202, isSilent: true }))
  const deadline = new AbortController()
  const asked = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(deadline.signal)
  const late = deliver().catch((error: unknown) => error)
  await expect.poll(() => foreign.received).toHaveLength(1)
  expect(asked).toHaveBeenCalledExactlyOnceWith(hour)
  deadline.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  asked.mockRestore()
  expect(await late).toBeInstanceOf(RetryLater)
  expect(await late).toMatchObject({ message: expect.stringContaining('did not answer in time') })
  foreign.answerInboxes(undefined)
  expect(await deliver(2)).toBe(true)
})
