import { Kysely, PostgresDialect } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppFederation } from '#federation/index.ts'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import type { Database } from '#src/db/tables.ts'
import { post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())

type Collection = {
  type: string
  totalItems?: number
  first?: string
  next?: string
  items?: string[]
  orderedItems?: (string | { id: string; object: { id: string } })[]
}

async function read(url: string): Promise<Collection> {
  const response = await fetch(url, { headers: { accept: 'application/activity+json' } })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/activity+json')
  return JSON.parse(await response.text())
}

async function readAll(url: string): Promise<unknown[]> {
  const items: unknown[] = []
  for (let next = (await read(url)).first; next !== undefined; ) {
    const page = await read(next)
    expect(page.type).toBe('OrderedCollectionPage')
    items.push(...(page.orderedItems ?? []))
    next = page.next
  }
  return items
}

test('the outbox pages through everything public, newest first', async () => {
  const uris: string[] = []
  for (let index = 0; index < 45; index += 1) uris.unshift((await post(server, alice)).note.uri)
  await post(server, alice, { visibility: 'followers' })
  const outbox = `${alice.account.uri}/outbox`
  expect(await read(outbox)).toMatchObject({ type: 'OrderedCollection', totalItems: 46 })
  const activities = await readAll(outbox)
  expect(activities).toMatchObject(uris.map((id) => ({ type: 'Create', object: { id } })))
})

test('the followers page through all of them', async () => {
  const { db } = server.app
  for (let index = 0; index < 130; index += 1) {
    // A port that nothing is ever posted to.
    const uri = `http://127.0.0.1:9/users/${index}`
    const { id } = await upsertRemoteAccount(db, {
      username: `fan${index}`,
      domain: '127.0.0.1:9',
      uri,
      url: uri,
      inbox_uri: `${uri}/inbox`,
    })
    await db.transaction().execute((trx) =>
      insertFollow(trx, {
        follower_id: id,
        followee_id: alice.accountId,
        uri: `${uri}/follow`,
        state: 'accepted',
      }),
    )
  }
  const followers = `${alice.account.uri}/followers`
  expect(await read(followers)).toMatchObject({ totalItems: 130 })
  expect(new Set(await readAll(followers)).size).toBe(130)
  expect(await read(`${alice.account.uri}/following`)).toMatchObject({ totalItems: 0 })
})

test('what there is none of yet is empty and valid', async () => {
  expect(await read(`${alice.account.uri}/featured`)).toMatchObject({
    type: 'OrderedCollection',
    totalItems: 0,
    orderedItems: [],
  })
  expect(await read(`${alice.account.uri}/featured-tags`)).toMatchObject({ totalItems: 0, items: [] })
})

test('a conversation that began here lists its public notes', async () => {
  const { note: root } = await post(server, alice)
  const { note: answer } = await post(server, alice, { inReplyToId: root.id })
  const { note: deeper } = await post(server, alice, { inReplyToId: answer.id })
  await post(server, alice, { inReplyToId: deeper.id, visibility: 'followers' })
  expect(await read(root.conversation_uri)).toMatchObject({
    type: 'OrderedCollection',
    totalItems: 3,
    attributedTo: alice.account.uri,
  })
  expect(await readAll(root.conversation_uri)).toEqual([root.uri, answer.uri, deeper.uri])
})

test('a page that cannot be is the first, and a collection that is not is not found', async () => {
  expect((await read(`${alice.account.uri}/outbox?page=true&before=x`)).orderedItems).toHaveLength(20)
  const response = await fetch(`${alice.account.uri}/liked`)
  expect(response.status).toBe(404)
})

test('every page is one of the collection, wherever it is begun, and the last of them has no next', async () => {
  const { note: root } = await post(server, alice)
  for (let index = 0; index < 105; index += 1) await post(server, alice, { inReplyToId: root.id })
  const whole = async (first: string) => {
    const items: unknown[] = []
    const seen = new Set<string>()
    for (let next: string | undefined = first; next !== undefined; ) {
      expect(seen).not.toContain(next)
      seen.add(next)
      const page: Collection = await read(next)
      items.push(
        ...(page.orderedItems ?? page.items ?? []).map((item) => (typeof item === 'string' ? item : item.id)),
      )
      next = page.next
    }
    return items
  }
  const cursors = ['0', root.id, '9'.repeat(18), '9'.repeat(19), '-1', 'NaN', "'"]
  const starts = [
    ...['outbox', 'followers', 'following', 'featured', 'featured-tags'].map((name) => ({
      first: `${alice.account.uri}/${name}?page=true`,
      cursor: 'before',
    })),
    { first: `${root.conversation_uri}?page=true`, cursor: 'after' },
    { first: `${root.uri}/replies?page=own`, cursor: 'after' },
    { first: `${root.uri}/replies?page=others`, cursor: 'after' },
  ]
  for (const { first, cursor } of starts) {
    const all = new Set(await whole(first))
    for (const value of cursors)
      for (const item of await whole(`${first}&${cursor}=${value}`)) expect(all).toContain(item)
  }
  expect(await whole(`${root.conversation_uri}?page=true`)).toHaveLength(106)
}, 60_000)

test('who likes and boosts is counted, and not told', async () => {
  const { note } = await post(server, alice)
  for (const name of ['likes', 'shares']) {
    const collection = await read(`${note.uri}/${name}`)
    expect(collection).toMatchObject({ type: 'Collection', totalItems: 0 })
    expect(Object.keys(collection).filter((key) => /^first$|^items$|orderedItems/.test(key))).toEqual([])
  }
})

test('a page takes as many queries for twenty items as for one', async () => {
  const bob = await server.person('bob')
  const postRichly = async (inReplyToId: string | null = null) => {
    const painting = await storePainting(server, bob)
    return post(server, bob, { text: '@alice #sea', mediaIds: [painting.id], inReplyToId })
  }
  const { note: root } = await postRichly()
  const paths = [
    `${bob.account.uri}/outbox?page=true`,
    `${root.uri}/replies?page=own`,
    `${root.conversation_uri}?page=true`,
  ]
  const before = await Promise.all(paths.map(countQueries))
  for (let index = 0; index < 20; index += 1) await postRichly(root.id)
  expect(await Promise.all(paths.map(countQueries))).toEqual(before)
})

async function countQueries(url: string): Promise<number> {
  let queries = 0
  const dialect = new PostgresDialect({ pool: server.app.pool })
  const log = () => {
    queries += 1
  }
  const db = new Kysely<Database>({ dialect, log })
  const response = await createAppFederation({ ...server.app, db }).fetch(new Request(url))
  expect(response?.status).toBe(200)
  return queries
}
