import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity, idsOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
let count = 0

const list = '/api/v1/notifications'
const requests = `${list}/requests`
const policyPath = '/api/v2/notifications/policy'

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
})
afterAll(() => server.close())

const people = (...names: string[]) => {
  count += 1
  return Promise.all(names.map((name) => server.person(`${name}${count}`)))
}
const two = async () => (await people('alice', 'bob')) as [TestPerson, TestPerson]

async function decide(as: TestPerson, json: Record<string, string>): Promise<Entity> {
  return (await client.call(policyPath, { as, json, method: 'PATCH' })).json()
}

const say = (from: TestPerson, to: TestPerson, more: Record<string, unknown> = {}) =>
  client.post('/api/v1/statuses', from, { status: `@${to.account.username} hello`, ...more })
const follow = (from: TestPerson, to: TestPerson, wishes = {}) =>
  client.post(`/api/v1/accounts/${to.accountId}/follow`, from, wishes)

const ago = (days: number) => new Date(Date.now() - days * 24 * 3_600_000)
const followLongAgo = async (from: TestPerson, to: TestPerson) => {
  await follow(from, to)
  await server.app.db
    .updateTable('follows')
    .set({ created_at: ago(4) })
    .where('follower_id', '=', from.accountId)
    .execute()
}
const growOld = (person: TestPerson) =>
  server.app.db
    .updateTable('accounts')
    .set({ created_at: ago(31) })
    .where('id', '=', person.accountId)
    .execute()

/** What Alice is told by Bob's words: in her list, in her list with what is held, as requests. */
async function heardOf(alice: TestPerson) {
  const typesOf = async (query: string) =>
    (await client.get(`${list}?types[]=mention${query}`, alice)).map((one: Entity) => one.type)
  return {
    shown: (await typesOf('')).length,
    all: (await typesOf('&include_filtered=true')).length,
    asked: (await client.get(requests, alice)).length,
  }
}

const outcomes = {
  accept: { shown: 1, all: 1, asked: 0 },
  filter: { shown: 0, all: 1, asked: 1 },
  drop: { shown: 0, all: 0, asked: 0 },
}
type Verdict = keyof typeof outcomes

type Cause = {
  policy: string
  /** Makes Bob one whom the cause meets. */
  meet: (alice: TestPerson, bob: TestPerson) => Promise<unknown>
  /** Makes him one whom it does not meet. */
  spare: (alice: TestPerson, bob: TestPerson) => Promise<unknown>
  note?: Record<string, unknown>
}

const direct = { visibility: 'direct' }
const causes: Record<string, Cause> = {
  'whom one does not follow': {
    policy: 'for_not_following',
    meet: (alice, bob) => followLongAgo(bob, alice),
    spare: (alice, bob) => follow(alice, bob),
  },
  'who does not follow': {
    policy: 'for_not_followers',
    meet: (alice, bob) => follow(alice, bob),
    spare: (alice, bob) => followLongAgo(bob, alice),
  },
  'who followed only now': {
    policy: 'for_not_followers',
    meet: (alice, bob) => follow(bob, alice),
    spare: (alice, bob) => followLongAgo(bob, alice),
  },
  'whose account is new': {
    policy: 'for_new_accounts',
    meet: async () => undefined,
    spare: (_alice, bob) => growOld(bob),
  },
  'whose account is new and whom one follows not': {
    policy: 'for_new_accounts',
    meet: (alice, bob) => follow(bob, alice),
    spare: (alice, bob) => follow(alice, bob),
  },
  'who write privately, unasked': {
    policy: 'for_private_mentions',
    meet: async () => undefined,
    spare: (alice, bob) => follow(alice, bob),
    note: direct,
  },
}

describe.each(Object.entries(causes))('people %s', (_, { policy, meet, spare, note }) => {
  it.each(Object.keys(outcomes) as Verdict[])('are heard as decided: %s', async (verdict) => {
    const [alice, bob] = await two()
    await decide(alice, { [policy]: verdict })
    await meet(alice, bob)
    await say(bob, alice, note)
    expect(await heardOf(alice)).toEqual(outcomes[verdict])
  })

  it('are told from others', async () => {
    const [alice, bob] = await two()
    await decide(alice, { [policy]: 'drop' })
    await spare(alice, bob)
    await say(bob, alice, note)
    expect(await heardOf(alice)).toEqual(outcomes.accept)
  })
})

it('lets through what is said in public, and privately in answer', async () => {
  const [alice, bob] = await two()
  await decide(alice, { for_private_mentions: 'drop' })
  await say(bob, alice)
  expect((await heardOf(alice)).shown).toBe(1)
  await say(bob, alice, direct)
  expect((await heardOf(alice)).shown).toBe(1)
  const asked = await say(alice, bob, direct)
  await say(bob, alice, { ...direct, in_reply_to_id: asked.id })
  expect((await heardOf(alice)).shown).toBe(2)
})

it('drops if one cause says so, and holds back if another does', async () => {
  const [alice, bob] = await two()
  await decide(alice, { for_not_following: 'filter' })
  await decide(alice, { for_new_accounts: 'drop' })
  await say(bob, alice)
  expect(await heardOf(alice)).toEqual(outcomes.drop)
  await growOld(bob)
  await say(bob, alice)
  expect(await heardOf(alice)).toEqual(outcomes.filter)
})

it('meets likes and follows, which ask for nothing, and not what a person asked to hear of', async () => {
  const [alice, bob] = await two()
  await decide(alice, { for_not_followers: 'filter' })
  const note = await client.post('/api/v1/statuses', alice, { status: 'look' })
  await follow(alice, bob, { notify: true })
  await client.post(`/api/v1/statuses/${note.id}/favourite`, bob)
  await client.post('/api/v1/statuses', bob, { status: 'news' })
  const types = async (query = '') =>
    (await client.get(`${list}${query}`, alice)).map((one: Entity) => one.type)
  expect(await types()).toEqual(['status'])
  expect(await types('?include_filtered=true')).toEqual(['status', 'favourite'])
  expect(await types(`?account_id=${bob.accountId}`)).toEqual(['status', 'favourite'])
  expect(await client.get(requests, alice)).toEqual([])
})

it('is Mastodon’s until somebody decides, but for private mentions, and keeps what is not named', async () => {
  const [alice, bob] = await two()
  const usual = {
    for_not_following: 'accept',
    for_not_followers: 'accept',
    for_new_accounts: 'accept',
    for_private_mentions: 'accept',
    for_limited_accounts: 'filter',
    summary: { pending_requests_count: 0, pending_notifications_count: 0 },
  }
  expect(await client.get(policyPath, alice)).toEqual(usual)
  expect(await decide(alice, { for_not_following: 'filter' })).toEqual({
    ...usual,
    for_not_following: 'filter',
  })
  expect(await decide(alice, { for_new_accounts: 'drop' })).toMatchObject({
    for_not_following: 'filter',
    for_new_accounts: 'drop',
  })
  expect(await client.get(policyPath, bob)).toEqual(usual)
})

it('is written in any encoding, and refuses a word that is none', async () => {
  const [alice] = await two()
  const patch = (body: BodyInit) => server.fetch(policyPath, { as: alice, method: 'PATCH', body })
  const multipart = new FormData()
  multipart.set('for_new_accounts', 'filter')
  expect((await patch(new URLSearchParams({ for_not_following: 'drop' }))).status).toBe(200)
  expect((await patch(multipart)).status).toBe(200)
  const wrong = await patch(new URLSearchParams({ for_not_following: 'maybe' }))
  expect(wrong.status).toBe(422)
  expect((await wrong.json()).error).toMatch(/^Validation failed: .*is not included in the list/)
  expect(await client.get(policyPath, alice)).toMatchObject({
    for_not_following: 'drop',
    for_new_accounts: 'filter',
  })
})

describe('a request', () => {
  async function held(notes = 2) {
    const [alice, bob] = await two()
    await decide(alice, { for_not_following: 'filter' })
    for (let index = 0; index < notes; index++)
      await say(bob, alice, { status: `@${alice.account.username} ${index}` })
    const [request] = await client.get(requests, alice)
    return { alice, bob, request, path: `${requests}/${request.id}` }
  }

  it('says who waits, how often they wrote and what last, and is counted nowhere else', async () => {
    const { alice, bob, request, path } = await held()
    const [latest] = await client.get(`/api/v1/accounts/${bob.accountId}/statuses`, alice)
    expect(request).toMatchObject({
      notifications_count: '2',
      account: { id: bob.accountId },
      last_status: { id: latest.id },
    })
    expect(await client.get(path, alice)).toEqual(request)
    expect((await client.get(policyPath, alice)).summary).toEqual({
      pending_requests_count: 1,
      pending_notifications_count: 2,
    })
    expect(await client.get(`${list}/unread_count`, alice)).toEqual({ count: 0 })
    expect(await client.get('/api/v2/notifications/unread_count', alice)).toEqual({ count: 0 })
    expect((await client.get('/api/v2/notifications', alice)).notification_groups).toEqual([])
    const all = await client.get('/api/v2/notifications?include_filtered=true', alice)
    expect(all.notification_groups).toHaveLength(2)
  })

  it('that is accepted lets through what waited and what comes', async () => {
    const { alice, bob, path } = await held()
    expect(await client.status(`${path}/accept`, { as: bob, method: 'POST' })).toBe(404)
    expect(await heardOf(alice)).toMatchObject({ shown: 0, asked: 1 })
    expect(await client.post(`${path}/accept`, alice)).toEqual({})
    expect(await client.get(`${requests}/merged`, alice)).toEqual({ merged: true })
    expect(await heardOf(alice)).toEqual({ shown: 2, all: 2, asked: 0 })
    await say(bob, alice)
    expect(await heardOf(alice)).toEqual({ shown: 3, all: 3, asked: 0 })
    expect(await client.status(`${path}/accept`, { as: alice, method: 'POST' })).toBe(404)
  })

  it('that is dismissed drops what waited, and the next one waits again', async () => {
    const { alice, bob, path } = await held()
    expect(await client.post(`${path}/dismiss`, alice)).toEqual({})
    expect(await heardOf(alice)).toEqual(outcomes.drop)
    await say(bob, alice)
    expect(await heardOf(alice)).toEqual(outcomes.filter)
  })

  it('is answered together with others, and nobody answers for somebody else', async () => {
    const [alice, bob, carol, dave] = (await people('alice', 'bob', 'carol', 'dave')) as [
      TestPerson,
      TestPerson,
      TestPerson,
      TestPerson,
    ]
    await decide(alice, { for_not_following: 'filter' })
    for (const one of [bob, carol, dave]) await say(one, alice)
    const first = await client.call(`${requests}?limit=2`, { as: alice })
    const page = await first.json()
    expect(page.map((one: Entity) => one.account.id)).toEqual([dave.accountId, carol.accountId])
    const next = new URL(linksOf(first).next ?? '')
    const [last] = await client.get(next.pathname + next.search, alice)
    expect(last.account.id).toBe(bob.accountId)
    expect(await client.post(`${requests}/accept`, bob, { id: idsOf(page) })).toEqual({})
    expect(await client.get(requests, alice)).toHaveLength(3)
    expect(await client.post(`${requests}/accept`, alice, { id: idsOf(page) })).toEqual({})
    expect(await heardOf(alice)).toMatchObject({ shown: 2, asked: 1 })
    expect(await client.post(`${requests}/dismiss?id[]=${last.id}&id[]=junk`, alice)).toEqual({})
    expect(await heardOf(alice)).toEqual({ shown: 2, all: 2, asked: 0 })
  })

  it('goes with its notes, and with a block, after which a permission is no more', async () => {
    const { alice, bob, path } = await held(1)
    const [note] = await client.get(`/api/v1/accounts/${bob.accountId}/statuses`, alice)
    await client.call(`/api/v1/statuses/${note.id}`, { as: bob, method: 'DELETE' })
    expect(await client.get(requests, alice)).toEqual([])
    expect(await client.status(path, { as: alice })).toBe(404)

    await say(bob, alice)
    const [{ id }] = await client.get(requests, alice)
    await client.post(`${requests}/${id}/accept`, alice)
    await client.post(`/api/v1/accounts/${bob.accountId}/block`, alice)
    await client.post(`/api/v1/accounts/${bob.accountId}/unblock`, alice)
    await say(bob, alice)
    expect(await heardOf(alice)).toEqual(outcomes.filter)
    await client.post(`/api/v1/accounts/${bob.accountId}/block`, alice)
    expect(await heardOf(alice)).toEqual(outcomes.drop)
  })
})
