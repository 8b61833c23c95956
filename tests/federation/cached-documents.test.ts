import { Kysely, PostgresDialect, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAppFederation } from '#federation/index.ts'
import { keysNoticedWithinMs, rotateKeys } from '#src/accounts/keys.ts'
import { updateProfile } from '#src/accounts/profile.ts'
import { createStreaming } from '#src/api/streaming/streaming.ts'
import type { App } from '#src/app.ts'
import { type Connection, connect } from '#src/db/connect.ts'
import { insertFollow } from '#src/db/follows.ts'
import type { Database } from '#src/db/tables.ts'
import { boostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { likeNote } from '#src/notes/like.ts'
import { voteInPoll } from '#src/notes/poll.ts'
import { changeSetting } from '#src/policies/settings.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { createRoutes } from '#src/server.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let foreign: ForeignServer
let alice: TestPerson
let bob: TestPerson
let fay: ForeignActor
let fayId: string
/** What another process of the same server would do. */
let elsewhere: Connection
beforeAll(async () => {
  ;[server, foreign] = await Promise.all([startTestServer(), startForeignServer()])
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  fay = foreign.addActor('fay')
  fayId = (await server.app.lookup.account(fay.uri)) ?? ''
  elsewhere = connect(server.app.databaseUrl)
})
afterAll(async () => {
  await elsewhere.close()
  await Promise.all([server.close(), foreign.close()])
})

const accept = 'application/activity+json'
const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { accept, ...headers } })
async function read(url: string): Promise<{ status: number; text: string }> {
  const response = await get(url)
  return { status: response.status, text: await response.text() }
}

/** All that this server answers, in this process, over the same database. */
function routesWith(changes: Partial<App> = {}) {
  const app = { ...server.app, ...changes }
  const readiness = { isDraining: () => false }
  return createRoutes(app, {
    federation: createAppFederation(app),
    readiness,
    streaming: createStreaming(app),
  })
}

const withoutMemory = () => {
  const { config } = server.app
  return routesWith({ config: { ...config, fastPath: { ...config.fastPath, documents: false } } })
}

describe('with the memory and without', () => {
  it('bytes, status and headers are the same', async () => {
    const { note } = await post(server, alice, { text: 'For @bob #sea' })
    const { note: boost } = await boostNote(server.app, bob.accountId, note.id, 'public')
    const { note: closed } = await post(server, alice, { visibility: 'followers' })
    const { note: gone } = await post(server, alice)
    await deleteNote(server.app, alice.accountId, gone.id)
    const left = await server.person('left')
    await server.app.db
      .updateTable('accounts')
      .set({ deleted_at: new Date() })
      .where('id', '=', left.accountId)
      .execute()
    const documents = [
      alice.account.uri,
      `${server.url}/@alice`,
      note.uri,
      note.url,
      boost.uri,
      closed.uri,
      gone.uri,
    ]
    const others = [
      left.account.uri,
      `${server.url}/ap/notes/1`,
      `${server.url}/ap/users/1`,
      `${server.url}/@nobody`,
    ]
    const [on, off] = [routesWith(), withoutMemory()]
    const statuses: number[] = []
    for (const url of [...documents, ...others]) {
      for (const method of ['GET', 'HEAD']) {
        const first = await answerOf(off, url, { method })
        const etag = first.headers.etag ?? '"none"'
        const withTag: Record<string, string> = { 'if-none-match': etag }
        for (const headers of [{}, withTag]) {
          const expected = await answerOf(off, url, { method, headers })
          expect(await answerOf(on, url, { method, headers }), url).toEqual(expected)
          expect(await answerOf(on, url, { method, headers }), url).toEqual(expected)
          statuses.push(expected.status)
        }
      }
    }
    expect(new Set(statuses)).toEqual(new Set([200, 304, 404, 410]))
  })

  async function answerOf(
    routes: ReturnType<typeof routesWith>,
    url: string,
    { method, headers }: { method: string; headers?: Record<string, string> },
  ) {
    const env = { incoming: { socket: {} } }
    const response = await routes.fetch(
      new Request(url, { method, headers: { accept, ...headers } }),
      env as never,
    )
    const bytes = Buffer.from(await response.arrayBuffer()).toString('base64')
    return { status: response.status, bytes, headers: Object.fromEntries(response.headers) }
  }
})

it('two thousand who ask for a note cost what one costs', async () => {
  const { note } = await post(server, alice)
  await server.settle()
  const ask = async (count: number) => {
    let statements = 0
    const dialect = new PostgresDialect({ pool: server.app.pool })
    const log = () => {
      statements += 1
    }
    const db = new Kysely<Database>({ dialect, log })
    const { fetch: route } = createAppFederation({ ...server.app, db, changes: { count: 0 } })
    const asking = Array.from({ length: count }, () => route(new Request(note.uri, { headers: { accept } })))
    for (const response of await Promise.all(asking)) expect(response?.status).toBe(200)
    return statements
  }
  const one = await ask(1)
  expect(one).toBeGreaterThan(0)
  expect(await ask(2_000)).toBe(one)
})

describe('the next answer tells', () => {
  it('an edit, a deletion', async () => {
    const { note } = await post(server, alice, { text: 'Frist' })
    expect((await read(note.uri)).text).toContain('Frist')
    await editNote(server.app, alice.accountId, note.id, noteForm({ text: 'First' }))
    expect((await read(note.uri)).text).toContain('First')
    await deleteNote(server.app, alice.accountId, note.id)
    expect((await read(note.uri)).status).toBe(410)
  })

  it('a like, a boost, an answer of its author', async () => {
    const { note } = await post(server, alice)
    await read(note.uri)
    await likeNote(server.app, bob.accountId, note.id)
    expect(JSON.parse((await read(note.uri)).text).likes.totalItems).toBe(1)
    await boostNote(server.app, bob.accountId, note.id, 'public')
    expect(JSON.parse((await read(note.uri)).text).shares.totalItems).toBe(1)
    const { note: answer } = await post(server, alice, { inReplyToId: note.id })
    expect((await read(note.uri)).text).toContain(answer.uri)
  })

  it('a vote', async () => {
    const poll = { titles: ['Sea', 'Land'], isMultiple: false, expiresInSeconds: 3_600 }
    const { note } = await post(server, alice, { poll })
    const votes = async () => JSON.parse((await read(note.uri)).text).oneOf[0].replies.totalItems
    expect(await votes()).toBe(0)
    await voteInPoll(server.app, bob.accountId, note.id, [0])
    expect(await votes()).toBe(1)
  })

  it('a switch of the operator', async () => {
    const painting = await storePainting(server, alice)
    const { note } = await post(server, alice, { mediaIds: [painting.id] })
    expect((await read(note.uri)).text).toContain('provenance-label')
    await changeSetting(server.app, null, { name: 'label_pictures', value: false })
    expect((await read(note.uri)).text).not.toContain('provenance-label')
    await changeSetting(server.app, null, { name: 'label_pictures', value: true })
  })

  it('another name, other keys, a suspension and its end', async () => {
    const carol = await server.person('carol')
    const { note } = await post(server, carol)
    const urls = [carol.account.uri, `${server.url}/@carol`, note.uri]
    const statuses = async () => Promise.all(urls.map(async (url) => (await read(url)).status))
    expect(await statuses()).toEqual([200, 200, 200])
    await updateProfile(server.app, carol.accountId, { name: 'Carola' })
    expect((await read(carol.account.uri)).text).toContain('Carola')
    const before = JSON.parse((await read(carol.account.uri)).text)
    await rotateKeys(server.app, carol.account)
    server.clock.advance(keysNoticedWithinMs + 1_000)
    const after = JSON.parse((await read(carol.account.uri)).text)
    expect(after.publicKey.publicKeyPem).not.toBe(before.publicKey.publicKeyPem)
    const suspend = (suspended_at: Date | null) =>
      server.app.db.updateTable('accounts').set({ suspended_at }).where('id', '=', carol.accountId).execute()
    await suspend(new Date())
    expect(await statuses()).toEqual([404, 404, 404])
    await suspend(null)
    expect(await statuses()).toEqual([200, 200, 200])
  })

  it('who is shut out, and who not any more', async () => {
    const { note } = await post(server, alice)
    const asked = async () => (await fay.get(note.uri)).status
    expect(await asked()).toBe(200)
    await blockAccount(server.app, alice.accountId, fayId)
    expect(await asked()).toBe(404)
    expect((await read(note.uri)).status).toBe(200)
    await unblockAccount(server.app, alice.accountId, fayId)
    expect(await asked()).toBe(200)
    const { db } = server.app
    const domain = new URL(foreign.url).hostname
    await db.insertInto('domain_blocks').values({ domain }).execute()
    expect(await asked()).toBe(403)
    await db.deleteFrom('domain_blocks').where('domain', '=', domain).execute()
    expect(await asked()).toBe(200)
  })
})

describe('what another process changed', () => {
  it('is told within a second', async () => {
    const { note } = await post(server, alice, { text: 'Before' })
    await read(note.uri)
    await elsewhere.db
      .updateTable('notes')
      .set({ content_html: '<p>After</p>' })
      .where('id', '=', note.id)
      .execute()
    server.clock.advance(1_000)
    expect((await read(note.uri)).text).toContain('After')
    await elsewhere.db
      .updateTable('notes')
      .set({ deleted_at: new Date() })
      .where('id', '=', note.id)
      .execute()
    server.clock.advance(1_000)
    expect((await read(note.uri)).status).toBe(410)
  })
})

describe('a note that is not for everyone', () => {
  it('stays closed whoever was answered before', async () => {
    await server.app.db.transaction().execute((trx) =>
      insertFollow(trx, {
        follower_id: fayId,
        followee_id: alice.accountId,
        uri: `${fay.uri}/follows/1`,
        state: 'accepted',
      }),
    )
    const { note } = await post(server, alice, { visibility: 'followers', text: 'Swordfish' })
    const doors = [note.uri, note.url]
    for (const url of doors) expect((await read(url)).status).toBe(404)
    for (const url of doors) {
      const shown = await fay.get(url)
      expect(shown.status).toBe(200)
      expect(shown.headers.get('cache-control')).toBe('private, no-store')
      expect(await shown.text()).toContain('Swordfish')
    }
    for (const url of [...doors, `${note.uri}/activity`, `${note.uri}/replies`])
      expect(await read(url)).toMatchObject({ status: 404, text: expect.not.stringContaining('Swordfish') })
    const stranger = foreign.addActor('stranger')
    expect((await stranger.get(note.uri)).status).toBe(404)
  })

  it('closes at once when it is narrowed', async () => {
    const { note } = await post(server, alice)
    expect((await read(note.uri)).status).toBe(200)
    await sql`update notes set visibility = 'direct' where id = ${note.id}`.execute(server.app.db)
    expect((await read(note.uri)).status).toBe(404)
  })
})

it('where signatures are demanded nobody is answered unsigned what a signed one got', async () => {
  const { note } = await post(server, alice)
  await read(note.uri)
  await changeSetting(server.app, null, { name: 'authorized_fetch', value: true })
  expect((await read(note.uri)).status).toBe(401)
  const signed = await fay.get(note.uri)
  expect(signed.status).toBe(200)
  expect(signed.headers.get('cache-control')).toBe('private, no-store')
  const again = await get(note.uri, { 'if-none-match': signed.headers.get('etag') ?? '' })
  expect(again.status).toBe(401)
  await changeSetting(server.app, null, { name: 'authorized_fetch', value: false })
  expect((await read(note.uri)).status).toBe(200)
})
