import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApplication } from '#src/auth/applications.ts'
import { issueToken } from '#src/auth/grants.ts'
import { publishStreamEvent } from '#src/db/stream-events.ts'
import { type SecondProcess, startSecondProcess } from '#tests/support/second-process.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from '../mastodon/client.ts'
import { openEventSource, openSocket, refusedSocket, type SocketOptions } from './stream-client.ts'

let server: TestServer
let other: SecondProcess
let client: Client
let alice: TestPerson
const open = new Set<{ close(): void }>()

beforeAll(async () => {
  server = await startTestServer()
  other = await startSecondProcess(server)
  client = clientOf(server)
})
afterAll(async () => {
  await other.stop()
  await server.close()
})
let round = 0
beforeEach(async () => {
  round += 1
  alice = await server.person(`alice${round}`)
})
afterEach(() => {
  for (const one of open) one.close()
  open.clear()
})

async function socket(options: SocketOptions) {
  const opened = await openSocket(other.ownUrl, options)
  open.add(opened)
  return opened
}

const tokenFor = async (scopes: string[]) =>
  (await issueToken(server.app, { accountId: alice.accountId, application: null, scopes })).token

const refusal = async (path: string, token?: string) => {
  const response = await server.fetch(`/api/v1/streaming${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  return { status: response.status, ...(await response.json()) }
}

describe('a token', () => {
  it.each([
    ['in the address', () => ({ token: alice.token })],
    ['in the header', () => ({ headers: { authorization: `Bearer ${alice.token}` } })],
    ['in the protocol', () => ({ protocol: alice.token })],
    ['in the address that ends with a slash', () => ({ token: alice.token, path: '/api/v1/streaming/' })],
  ] satisfies [string, () => SocketOptions][])('opens a socket %s', async (_, options) => {
    const given = options()
    const opened = await socket({ ...given, query: { stream: 'user' } })
    expect(opened.ws.protocol).toBe('protocol' in given ? given.protocol : '')
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Heard' })
    expect(await opened.next()).toMatchObject({ event: 'update', payload: { id } })
  })

  it('opens an EventSource in the address too', async () => {
    const source = await openEventSource(other.ownUrl, `user?access_token=${alice.token}`)
    open.add(source)
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Heard' })
    expect(await source.next()).toMatchObject({ event: 'update', payload: { id } })
  })

  it('must be there, and be one that was issued to a person', async () => {
    const { application } = await createApplication(server.app, {
      name: 'An app',
      website: null,
      redirectUris: ['urn:ietf:wg:oauth:2.0:oob'],
      scopes: ['read'],
    })
    const { token } = await issueToken(server.app, { application, accountId: null, scopes: ['read'] })
    expect(await refusedSocket(server.url)).toEqual({ status: 401, words: 'Missing access token' })
    expect(await refusal('/public')).toEqual({ status: 401, error: 'Missing access token' })
    for (const bad of ['never-issued', token]) {
      const refused = { status: 401, words: 'Invalid access token' }
      expect(await refusedSocket(server.url, { query: { access_token: bad } })).toEqual(refused)
      expect(await refusal('/user', bad)).toEqual({ status: 401, error: 'Invalid access token' })
    }
  })
})

describe('a scope', () => {
  const outside = 'Access token does not have the required scopes'

  it.each([
    ['user', 'read:statuses', 'read:notifications'],
    ['user:notification', 'read:notifications', 'read:statuses'],
    ['direct', 'read:statuses', 'write'],
  ])('is needed for %s', async (stream, needed, another) => {
    const path = `/${stream.replace(':', '/')}`
    expect(await refusal(path, await tokenFor([another]))).toEqual({ status: 401, error: outside })
    const closed = await socket({ token: await tokenFor([another]), query: { stream } })
    expect(await closed.next()).toEqual({ error: outside, status: 401 })
    for (const scope of [needed, 'read']) {
      const opened = await socket({ token: await tokenFor([scope]), query: { stream } })
      await opened.obeyed()
    }
  })

  it('is not needed for what is public', async () => {
    const opened = await socket({ token: await tokenFor(['push']), query: { stream: 'public' } })
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Heard' })
    expect(await opened.next()).toMatchObject({ payload: { id } })
  })
})

describe('who may hear no more', () => {
  it('is hung up on when their token is revoked, in another process too, and no one else', async () => {
    const { application, clientSecret } = await anApplication()
    const { token } = await issueToken(server.app, {
      application,
      accountId: alice.accountId,
      scopes: ['read'],
    })
    const [gone, stays] = [await socket({ token }), await socket({ token: alice.token })]
    const source = await openEventSource(other.ownUrl, 'user', { authorization: `Bearer ${token}` })
    const response = await server.fetch('/oauth/revoke', {
      json: { client_id: application.client_id, client_secret: clientSecret, token },
    })
    expect(response.status).toBe(200)
    expect(await gone.closed).toBe(1008)
    await source.ended
    await stays.obeyed()
  })

  it.each([
    ['suspended', () => suspend(alice)],
    ['disabled', () => disable(alice)],
  ])('is hung up on when they are %s', async (_, end) => {
    const gone = await socket({ token: alice.token, query: { stream: 'user' } })
    await end()
    await publishStreamEvent(server.app.db, 'accounts', [alice.accountId])
    expect(await gone.closed).toBe(1008)
    expect(await refusedSocket(other.ownUrl, { query: { access_token: alice.token } })).toMatchObject({
      status: 401,
    })
  })
})

const anApplication = () =>
  createApplication(server.app, {
    name: 'An app',
    website: null,
    redirectUris: ['urn:ietf:wg:oauth:2.0:oob'],
    scopes: ['read'],
  })

const suspend = ({ accountId }: TestPerson) =>
  server.app.db
    .updateTable('accounts')
    .set({ suspended_at: new Date() })
    .where('id', '=', accountId)
    .execute()

const disable = ({ userId }: TestPerson) =>
  server.app.db.updateTable('users').set({ disabled_at: new Date() }).where('id', '=', userId).execute()

describe('what is asked for in vain', () => {
  it.each([
    ['', 400, 'Unknown channel requested'],
    ['/nothing', 400, 'Unknown channel requested'],
    ['/hashtag', 400, 'Missing tag name parameter'],
    ['/hashtag/local?tag=', 400, 'Missing tag name parameter'],
    ['/list', 400, 'Missing list name parameter'],
    ['/list?list=1', 401, 'Not authorized to stream this list'],
  ])('%s is refused', async (path, status, error) => {
    expect(await refusal(path, alice.token)).toEqual({ status, error })
  })

  it('is no reason to hang up', async () => {
    const opened = await socket({ token: alice.token, query: { stream: 'hashtag' } })
    expect(await opened.next()).toEqual({ error: 'Missing tag name parameter', status: 400 })
    opened.say({ type: 'subscribe', stream: 'list', list: 1 })
    expect(await opened.next()).toEqual({ error: 'Not authorized to stream this list', status: 401 })
    await opened.obeyed()
  })

  it('is no stream that may stay open', async () => {
    const health = await server.fetch('/api/v1/streaming/health')
    expect([health.status, await health.text()]).toEqual([200, 'OK'])
    const head = await server.fetch('/api/v1/streaming/user', { as: alice, method: 'HEAD' })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  })
})
