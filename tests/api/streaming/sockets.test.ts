import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { streamingRoutes } from '#src/api/streaming/routes.ts'
import { createStreaming } from '#src/api/streaming/streaming.ts'
import { publishStreamEvent } from '#src/db/stream-events.ts'
import { type SecondProcess, startSecondProcess } from '#tests/support/second-process.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from '../mastodon/client.ts'
import { openEventSource, openSocket, refusedSocket, type SocketClient } from './stream-client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson
const open = new Set<SocketClient>()

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  alice = await server.person('alice')
  bob = await server.person('bob')
})
afterAll(() => server.close())
afterEach(() => {
  for (const one of open) one.close()
  open.clear()
})

async function socket(stream?: string, url = server.url) {
  const opened = await openSocket(url, { token: alice.token, ...(stream && { query: { stream } }) })
  open.add(opened)
  return opened
}

const post = (status: string, author = alice) => client.post('/api/v1/statuses', author, { status })

describe('a frame', () => {
  it.each([
    '',
    'nonsense',
    '[]',
    'null',
    '{"type":"subscribe"}',
    '{"type":"dance","stream":"user"}',
    '{"type":"subscribe","stream":{}}',
  ])('of nonsense is answered: %s', async (text) => {
    const opened = await socket()
    opened.say(text)
    expect(await opened.next()).toEqual({ error: 'The message is not understood', status: 400 })
    await opened.obeyed()
  })

  it('that is too long ends its socket, and no other', async () => {
    const [long, other] = [await socket(), await socket('user')]
    long.say(JSON.stringify({ type: 'subscribe', stream: 'x'.repeat(5_000) }))
    expect(await long.closed).toBe(1009)
    const { id } = await post('Still here')
    expect((await other.next()).payload.id).toBe(id)
  })

  it('of bytes ends its socket', async () => {
    const opened = await socket()
    opened.say(Buffer.from([1, 2, 3]))
    expect(await opened.closed).toBe(1003)
  })

  it('that is against the protocol ends its socket', async () => {
    const opened = await socket()
    // Two reserved bits, which only an extension may set.
    Reflect.get(opened.ws, '_socket').write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]))
    expect(await opened.closed).toBe(1002)
    await (await socket()).obeyed()
  })
})

describe('a socket', () => {
  it('subscribes to no more than a hundred streams', async () => {
    const opened = await socket()
    for (let n = 0; n < 60; n += 1) opened.say({ type: 'subscribe', stream: 'hashtag', tag: `a${n}` })
    await opened.obeyed()
    for (let n = 0; n < 41; n += 1) opened.say({ type: 'subscribe', stream: 'hashtag', tag: `b${n}` })
    expect(await opened.next()).toEqual({ error: 'Too many streams are subscribed to', status: 429 })
    await opened.obeyed()
  })

  it('is one of forty that a person may have', async () => {
    for (let n = 0; n < 40; n += 1) await socket()
    const query = { access_token: alice.token }
    expect(await refusedSocket(server.url, { query })).toEqual({
      status: 429,
      words: 'Too many streams are open',
    })
    const response = await server.fetch('/api/v1/streaming/user', { as: alice })
    expect([response.status, await response.json()]).toEqual([429, { error: 'Too many streams are open' }])
    expect((await openSocket(server.url, { token: bob.token })).ws.readyState).toBe(1)
    for (const one of open) one.close()
    // Each gives its place back once the server has seen it go.
    await expect
      .poll(() =>
        socket().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
  })

  it('that reads nothing is cut off, and holds up nobody', async () => {
    const [slow, quick] = [await socket(), await socket('user')]
    const tags = Array.from({ length: 40 }, (_, n) => `t${n}`)
    for (const tag of tags) slow.say({ type: 'subscribe', stream: 'hashtag', tag })
    await slow.obeyed()
    slow.ws.pause()
    const { id } = await post(tags.map((tag) => `#${tag}`).join(' '))
    expect((await quick.next()).payload.id).toBe(id)
    // Some twenty megabytes, which neither the system's buffers nor ours hold.
    for (let n = 0; n < 80; n += 1) {
      await publishStreamEvent(server.app.db, 'edits', [id])
      await quick.next()
    }
    slow.ws.resume()
    expect(await slow.closed).toBe(1006)
    await quick.obeyed()
  })
})

describe('what is no WebSocket', () => {
  it('is answered over HTTP, whatever else it offers', async () => {
    const answers = [
      ['h2c', '/api/v1/instance', 200],
      ['websocket', '/api/v1/instance', 200],
      ['h2c', '/api/v1/streaming/health', 200],
    ] as const
    for (const [upgrade, path, status] of answers) {
      const asking = request(`${server.url}${path}`, { headers: { connection: 'upgrade', upgrade } }).end()
      const [response] = await once(asking, 'response')
      response.resume()
      expect(response.statusCode).toBe(status)
    }
  })
})

describe('a process', () => {
  it('goes on telling after its listening connection was cut', async () => {
    const opened = await socket('user')
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'pinxit listen' and datname = current_database()`.execute(server.app.db)
    // What is posted while nobody listens is missed.
    let heard = false
    void opened.next().then(() => {
      heard = true
    })
    await expect
      .poll(async () => {
        await post('Is anybody there?')
        return heard
      })
      .toBe(true)
  })

  it('hangs up on who may hear no more once it hears again', async () => {
    const carol = await server.person('carol')
    const gone = await openSocket(server.url, { token: carol.token })
    await server.app.db
      .updateTable('users')
      .set({ disabled_at: new Date() })
      .where('id', '=', carol.userId)
      .execute()
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'pinxit listen' and datname = current_database()`.execute(server.app.db)
    expect(await gone.closed).toBe(1008)
  })

  it('that stops says so to all who listen', async () => {
    const second: SecondProcess = await startSecondProcess(server)
    const opened = await socket('user', second.ownUrl)
    const source = await openEventSource(second.ownUrl, 'user', { authorization: `Bearer ${alice.token}` })
    await second.stop()
    expect(await opened.closed).toBe(1001)
    await source.ended
  })

  it('asks from time to time whether somebody is there, and hangs up where nobody answers', async () => {
    const streaming = createStreaming(server.app, { pingMs: 50, beatMs: 50, revokedMs: 60_000 })
    const http = createServer().on('upgrade', streaming.upgrade).listen(0)
    await once(http, 'listening')
    const url = `http://localhost:${(http.address() as AddressInfo).port}`
    const answering = await socket(undefined, url)
    await once(answering.ws, 'ping')
    const silent = await socket(undefined, url)
    silent.ws.pong = () => undefined
    Reflect.set(silent.ws, '_autoPong', false)
    expect(await silent.closed).toBe(1006)
    await answering.obeyed()
    streaming.close()
    expect(await answering.closed).toBe(1001)
    http.close()
  })

  it('says to an EventSource from time to time that it is still there', async () => {
    const streaming = createStreaming(server.app, { pingMs: 60_000, beatMs: 50, revokedMs: 60_000 })
    const routes = new Hono().route('/api/v1/streaming', streamingRoutes(streaming))
    const http = createAdaptorServer(routes).listen(0)
    await once(http, 'listening')
    const url = `http://localhost:${(http.address() as AddressInfo).port}`
    const source = await openEventSource(url, `user?access_token=${alice.token}`)
    expect([await source.nextComment(), await source.nextComment()]).toEqual([')', 'thump'])
    streaming.close()
    await source.ended
    http.close()
  })
})
