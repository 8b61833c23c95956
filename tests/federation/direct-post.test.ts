import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDirectPost, type DirectPost } from '#federation/delivery/direct-post.ts'
import { createLetters, type Letter } from '#federation/delivery/letters.ts'
import { createKeyring } from '#federation/signatures/keys.ts'
import { storeActivityBody } from '#src/db/activity-bodies.ts'
import { RetryLater } from '#src/jobs/failures.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let foreign: ForeignServer
let post: DirectPost
let letter: Letter
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  const { db } = server.app
  const envelope = {
    baseUrl: server.url,
    activityType: 'https://www.w3.org/ns/activitystreams#Create',
    keyIds: [`${alice.account.uri}#main-key`],
  }
  const body = JSON.stringify({ type: 'Create', words: 'ünïcode\u2028' })
  const hash = await db.transaction().execute((trx) => storeActivityBody(trx, { body, envelope }))
  const stored = await createLetters(db)(hash)
  if (!stored) throw new Error('What was stored is there')
  letter = stored
})
afterAll(() => server.close())
beforeEach(async () => {
  foreign = await startForeignServer()
  const { app } = server
  post = createDirectPost({ app, keyring: createKeyring(app), deadlineMs: 400 })
})
afterEach(() => foreign.close())

function deliver(signal = new AbortController().signal): Promise<boolean> {
  return post(new URL('/inbox?a=1', foreign.url), letter, { signal })
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
  expect(await deliver()).toBe(true)
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
  const failure = await deliver().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(RetryLater)
  expect(failure).toMatchObject({ message: expect.stringContaining('did not answer in time') })
  foreign.answerInboxes(undefined)
  expect(await deliver()).toBe(true)
})

test('a delivery that is aborted while a host lets us wait ends with the reason', async () => {
  foreign.answerInboxes(() => ({ status: 202, isSilent: true }))
  const abort = new AbortController()
  const ended = deliver(abort.signal).catch((error: unknown) => error)
  await expect.poll(() => foreign.received).toHaveLength(1)
  const reason = new Error('The worker stops')
  abort.abort(reason)
  expect(await ended).toBe(reason)
  expect(await deliver(abort.signal).catch((error: unknown) => error)).toBe(reason)
  expect(foreign.received).toHaveLength(1)
})
