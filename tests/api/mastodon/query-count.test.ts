import { Kysely, PostgresDialect } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { apiRoutes } from '#src/api/routes.ts'
import { createStreaming } from '#src/api/streaming/streaming.ts'
import type { Database } from '#src/db/tables.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  await client.post(`/api/v1/accounts/${bob.accountId}/follow`, alice)
})
afterAll(() => server.close())

/** A note with all that a note can have, boosted, liked and bookmarked. */
async function postRichly(index: number): Promise<string> {
  const media = await client.upload(bob, await softPicture(16, 16).png().toBuffer())
  const status = await client.post('/api/v1/statuses', bob, {
    status: `@alice note ${index} #tag${index} #tags`,
    media_ids: [media.id],
  })
  await client.post(`/api/v1/statuses/${status.id}/favourite`, alice)
  await client.post(`/api/v1/statuses/${status.id}/bookmark`, alice)
  await client.post(`/api/v1/statuses/${status.id}/reblog`, alice)
  await client.post(`/api/v1/statuses/${status.id}/favourite`, bob)
  return String(status.id)
}

/** How many queries the API makes for one request, asked in this process over the same database. */
async function countQueries(path: string): Promise<{ queries: number; length: number }> {
  let queries = 0
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: server.app.pool }),
    log: () => {
      queries += 1
    },
  })
  const routes = apiRoutes({ ...server.app, db }, createStreaming(server.app))
  const headers = { authorization: `Bearer ${alice.token}` }
  const response = await routes.request(`${server.url}${path}`, { headers })
  expect(response.status).toBe(200)
  const body = await response.json()
  const list = Array.isArray(body) ? body : (body.descendants ?? body.notification_groups)
  return { queries, length: list.length }
}

async function followTags(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) await client.post(`/api/v1/tags/tag${index}/follow`, alice)
}

it('makes no more queries for twenty notes than for one', async () => {
  const list = await client.post('/api/v1/lists', alice, { title: 'Painters' })
  await client.post(`/api/v1/lists/${list.id}/accounts`, alice, { account_ids: [bob.accountId] })
  const root = await postRichly(0)
  const paths = [
    '/api/v1/timelines/home',
    '/api/v1/timelines/public',
    `/api/v1/timelines/list/${list.id}`,
    '/api/v1/timelines/tag/tags',
    '/api/v1/timelines/tag/none?any[]=tags&any[]=tag0&none[]=nothing',
    '/api/v1/followed_tags',
    `/api/v1/accounts/${bob.accountId}/statuses`,
    `/api/v1/accounts/${bob.accountId}/followers`,
    '/api/v1/bookmarks',
    '/api/v1/favourites',
    '/api/v1/notifications',
    '/api/v2/notifications',
  ]
  const reply = () => client.post('/api/v1/statuses', bob, { status: 'reply', in_reply_to_id: root })
  await reply()
  // The newest, so that a page of one shows all that a note can have.
  await postRichly(20)
  await followTags(0, 1)
  const few = await Promise.all(
    [
      ...paths.map((path) => `${path}${path.includes('?') ? '&' : '?'}limit=1`),
      `/api/v1/statuses/${root}/context`,
    ].map(countQueries),
  )
  for (let index = 1; index < 20; index++) await postRichly(index)
  for (let index = 1; index < 20; index++) await reply()
  await followTags(1, 20)
  const many = await Promise.all(
    [
      ...paths.map((path) => `${path}${path.includes('?') ? '&' : '?'}limit=20`),
      `/api/v1/statuses/${root}/context`,
    ].map(countQueries),
  )
  expect(few.map(({ length }) => length)).toEqual(few.map(() => 1))
  expect(many.map(({ length }) => length).filter((length) => length >= 19).length).toBeGreaterThanOrEqual(10)
  expect(many.map(({ queries }) => queries)).toEqual(few.map(({ queries }) => queries))
  const most = {
    '/api/v1/notifications': 6,
    '/api/v2/notifications': 7,
    [`/api/v1/accounts/${bob.accountId}/statuses`]: 5,
    [`/api/v1/timelines/list/${list.id}`]: 5,
    thread: 7,
  }
  for (const [index, { queries }] of many.entries())
    expect(queries).toBeLessThanOrEqual(most[paths[index] ?? 'thread'] ?? 4)
}, 60_000)

it('asks once more for people who have filters, however many, and not at all for others', async () => {
  const home = '/api/v1/timelines/home?limit=20'
  const before = await countQueries(home)
  const names = ['one', 'two', 'three'].map((title) => ({
    title,
    context: ['home'],
    keywords_attributes: [{ keyword: title }, { keyword: 'note' }],
  }))
  for (const filter of names) await client.post('/api/v2/filters', alice, filter)
  const after = await countQueries(home)
  expect(after.length).toBe(before.length)
  expect(after.queries).toBe(before.queries + 1)
  await client.call('/api/v1/accounts/update_credentials', {
    as: alice,
    json: { pinxit: { ai_display: 'blur' } },
    method: 'PATCH',
  })
  expect((await countQueries(home)).queries).toBe(after.queries)
})
