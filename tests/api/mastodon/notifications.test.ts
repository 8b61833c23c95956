import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity, idsOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson
let noteId: string

const notifications = '/api/v1/notifications'

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  noteId = String((await client.post('/api/v1/statuses', alice, { status: 'look' })).id)
  await client.post(`/api/v1/accounts/${alice.accountId}/follow`, bob)
  await client.post(`/api/v1/statuses/${noteId}/favourite`, bob)
  await client.post(`/api/v1/statuses/${noteId}/reblog`, bob)
  await client.post('/api/v1/statuses', bob, { status: '@alice hi', in_reply_to_id: noteId })
})
afterAll(() => server.close())

const typesOf = (list: Entity) => list.map((one: { type: string }) => one.type)

it('tells of each thing once, with who did it and to what', async () => {
  const list = await client.get(notifications, alice)
  expect(typesOf(list)).toEqual(['mention', 'reblog', 'favourite', 'follow'])
  expect(list[1]).toMatchObject({
    account: { acct: 'bob' },
    status: { id: noteId },
    created_at: expect.any(String),
  })
  expect(list[3]).not.toHaveProperty('status')
  expect(await client.get(notifications, bob)).toEqual([])
})

it('filters by types, excluded types and account', async () => {
  const types = async (query: string) => typesOf(await client.get(`${notifications}?${query}`, alice))
  expect(await types('types[]=mention&types[]=follow')).toEqual(['mention', 'follow'])
  expect(await types('exclude_types[]=mention&exclude_types[]=follow')).toEqual(['reblog', 'favourite'])
  expect(await types('types[]=poll')).toEqual([])
  expect(await types('exclude_types[]=poll')).toHaveLength(4)
  expect(await types(`account_id=${bob.accountId}`)).toHaveLength(4)
  expect(await types(`account_id=${alice.accountId}`)).toEqual([])
})

it('pages', async () => {
  const response = await client.call(`${notifications}?limit=3`, { as: alice })
  expect(await response.json()).toHaveLength(3)
  const next = new URL(linksOf(response).next ?? '')
  expect(typesOf(await client.get(next.pathname + next.search, alice))).toEqual(['follow'])
})

it('counts what is unread by the marker', async () => {
  expect(await client.get(`${notifications}/unread_count`, alice)).toEqual({ count: 4 })
  const [, second] = idsOf(await client.get(notifications, alice))
  await client.post('/api/v1/markers', alice, { notifications: { last_read_id: second } })
  expect(await client.get(`${notifications}/unread_count`, alice)).toEqual({ count: 1 })
})

it('is read, dismissed and cleared by its owner alone', async () => {
  const [first] = idsOf(await client.get(notifications, alice))
  expect((await client.get(`${notifications}/${first}`, alice)).id).toBe(first)
  expect(await client.status(`${notifications}/${first}`, { as: bob })).toBe(404)
  expect(await client.status(`${notifications}/${first}/dismiss`, { as: bob, method: 'POST' })).toBe(404)
  expect(await client.post(`${notifications}/${first}/dismiss`, alice)).toEqual({})
  expect(await client.status(`${notifications}/${first}`, { as: alice })).toBe(404)
  await client.post(`${notifications}/clear`, bob)
  expect(await client.get(notifications, alice)).toHaveLength(3)
  await client.post(`${notifications}/clear`, alice)
  expect(await client.get(notifications, alice)).toEqual([])
})
