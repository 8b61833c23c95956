import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity, idsOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
/** Owns the lists of a test and follows Bob and Carol. */
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson
let made = 0

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
})
beforeEach(async () => {
  made += 1
  ;[alice, bob, carol] = await Promise.all([
    server.person(`alice${made}`),
    server.person(`bob${made}`),
    server.person(`carol${made}`),
  ])
  for (const other of [bob, carol]) await follow(alice, other)
})
afterAll(() => server.close())

const lists = '/api/v1/lists'
const home = '/api/v1/timelines/home'
const follow = (who: TestPerson, whom: TestPerson) =>
  client.post(`/api/v1/accounts/${whom.accountId}/follow`, who)
const post = (as: TestPerson, status: string, more: object = {}) =>
  client.post('/api/v1/statuses', as, { status, ...more })
const feedOf = async (list: Entity) => idsOf(await client.get(`/api/v1/timelines/list/${list.id}`, alice))
const homeOf = async (person: TestPerson) => idsOf(await client.get(home, person))
const change = async (list: Entity, json: object) =>
  (await client.call(`${lists}/${list.id}`, { as: alice, json, method: 'PUT' })).json()
const remove = (path: string, json?: object) => client.call(path, { as: alice, json, method: 'DELETE' })

async function listWith(members: TestPerson[], more: object = {}): Promise<Entity> {
  const list = await client.post(lists, alice, { title: 'Painters', ...more })
  await client.post(`${lists}/${list.id}/accounts`, alice, {
    account_ids: members.map(({ accountId }) => accountId),
  })
  return list
}

async function failure(path: string, json: object, method = 'POST') {
  const response = await client.call(path, { as: alice, json, method })
  return { status: response.status, ...(await response.json()) }
}

describe('a list', () => {
  it('is made, read, changed in part, and deleted', async () => {
    const list = await client.post(lists, alice, { title: 'Painters' })
    expect(list).toEqual({
      id: expect.stringMatching(/^\d+$/),
      title: 'Painters',
      replies_policy: 'list',
      exclusive: false,
    })
    expect(await client.get(lists, alice)).toEqual([list])
    expect(await change(list, { title: 'Potters' })).toEqual({ ...list, title: 'Potters' })
    const changed = { ...list, title: 'Potters', replies_policy: 'none', exclusive: true }
    expect(await change(list, { replies_policy: 'none', exclusive: 'true' })).toEqual(changed)
    expect(await client.get(`${lists}/${list.id}/`, alice)).toEqual(changed)
    expect(await (await remove(`${lists}/${list.id}`)).json()).toEqual({})
    expect(await client.get(lists, alice)).toEqual([])
    expect(await client.status(`${lists}/${list.id}`, { as: alice })).toBe(404)
  })

  it('is made from any kind of body', async () => {
    const multipart = new FormData()
    multipart.set('title', 'by parts')
    for (const body of [new URLSearchParams({ title: 'by form' }), multipart]) {
      const response = await server.fetch(lists, { as: alice, method: 'POST', body })
      expect(await response.json()).toMatchObject({ title: expect.stringMatching(/^by /) })
    }
  })

  it('is refused without a title, with one too long, and with an unknown policy', async () => {
    for (const [json, fault] of [
      [{ title: ' ' }, "Title can't be blank"],
      [{}, "Title can't be blank"],
      [{ title: 'x'.repeat(257) }, 'Title is too long (maximum is 256 characters)'],
      [{ title: 'x', replies_policy: 'some' }, 'Replies policy is not included in the list'],
    ] as const)
      expect(await failure(lists, json)).toEqual({ status: 422, error: `Validation failed: ${fault}` })
    const list = await client.post(lists, alice, { title: 'x'.repeat(256) })
    expect(await failure(`${lists}/${list.id}`, { title: '' }, 'PUT')).toMatchObject({ status: 422 })
    expect(await client.get(lists, alice)).toEqual([list])
  })

  it('is one of fifty at most', async () => {
    for (let number = 0; number < 50; number++) await client.post(lists, alice, { title: `${number}` })
    expect(await failure(lists, { title: 'one more' })).toEqual({
      status: 422,
      error: 'Validation failed: You have reached the maximum number of lists',
    })
    expect(await client.get(lists, alice)).toHaveLength(50)
  })
})

describe('who is on a list', () => {
  it('is read page by page, or all at once, and told of one by one', async () => {
    const list = await listWith([bob, carol])
    const path = `${lists}/${list.id}/accounts`
    const newestFirst = [carol.accountId, bob.accountId].sort((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1))
    const response = await client.call(`${path}?limit=1`, { as: alice })
    expect(idsOf(await response.json())).toEqual(newestFirst.slice(0, 1))
    const next = new URL(linksOf(response).next ?? '')
    expect(idsOf(await client.get(next.pathname + next.search, alice))).toEqual(newestFirst.slice(1))
    const all = await client.call(`${path}?limit=0`, { as: alice })
    expect(idsOf(await all.json())).toEqual(newestFirst)
    expect(all.headers.get('link')).toBeNull()
    await client.post(lists, alice, { title: 'Nobody' })
    expect(await client.get(`/api/v1/accounts/${bob.accountId}/lists`, alice)).toEqual([list])
    expect(await client.get(`/api/v1/accounts/${bob.accountId}/lists`, carol)).toEqual([])
  })

  it('is followed, or asked to be, or oneself: all are taken or none', async () => {
    const list = await client.post(lists, alice, { title: 'Painters' })
    const path = `${lists}/${list.id}/accounts`
    const stranger = await server.person(`stranger${made}`)
    for (const id of [stranger.accountId, '1', 'x', '99999999999999999999'])
      expect(await failure(path, { account_ids: [bob.accountId, id] })).toEqual({
        status: 404,
        error: 'Record not found',
      })
    expect(await client.get(path, alice)).toEqual([])
    await client.post(path, alice, { account_ids: [bob.accountId, alice.accountId] })
    expect(await failure(path, { account_ids: [carol.accountId, bob.accountId] })).toEqual({
      status: 422,
      error: 'Validation failed: Account has already been taken',
    })
    expect(await client.get(path, alice)).toHaveLength(2)
    expect(await client.post(path, alice, {})).toEqual({})
  })

  it('leaves it when taken off, and when followed no longer', async () => {
    const list = await listWith([bob, carol])
    const [byBob, byCarol] = [await post(bob, 'by Bob'), await post(carol, 'by Carol')]
    expect(await feedOf(list)).toEqual([byCarol.id, byBob.id])
    const path = `${lists}/${list.id}/accounts`
    expect((await remove(path, { account_ids: [carol.accountId, 'x'] })).status).toBe(200)
    expect(await feedOf(list)).toEqual([byBob.id])
    await client.post(`/api/v1/accounts/${bob.accountId}/unfollow`, alice)
    expect(await client.get(path, alice)).toEqual([])
    await follow(alice, bob)
    expect(await feedOf(list)).toEqual([])
  })

  it('is nobody of whom one of the two blocks the other', async () => {
    const list = await listWith([bob, carol])
    await post(bob, 'by Bob')
    await client.post(`/api/v1/accounts/${alice.accountId}/block`, bob)
    expect(idsOf(await client.get(`${lists}/${list.id}/accounts`, alice))).toEqual([carol.accountId])
    expect(await feedOf(list)).toEqual([])
  })
})

describe('the feed of a list', () => {
  it('holds the last notes of its members, and what they write and boost from then on', async () => {
    const before = await post(bob, 'before', { visibility: 'private' })
    const other = await post(carol, 'not by a member')
    const list = await listWith([bob])
    const after = await post(bob, 'after')
    await post(bob, `@alice${made} for her alone`, { visibility: 'direct' })
    const boost = await client.post(`/api/v1/statuses/${other.id}/reblog`, bob)
    expect(await feedOf(list)).toEqual([boost.id, after.id, before.id])
    await client.call(`/api/v1/statuses/${after.id}`, { as: bob, method: 'DELETE' })
    expect(await feedOf(list)).toEqual([boost.id, before.id])
  })

  it('is read to its end by following next, each note once', async () => {
    const list = await listWith([bob])
    const written: string[] = []
    for (let index = 0; index < 5; index++) written.unshift((await post(bob, `note ${index}`)).id)
    const read: string[] = []
    for (let path: string | undefined = `/api/v1/timelines/list/${list.id}?limit=2`; path; ) {
      const response: Response = await client.call(path, { as: alice })
      read.push(...idsOf(await response.json()))
      const { next } = linksOf(response)
      path = next && new URL(next).pathname + new URL(next).search
    }
    expect(read).toEqual(written)
  })

  it('holds nothing by whom its owner mutes, until they do no longer', async () => {
    const list = await listWith([bob])
    await client.post(`/api/v1/accounts/${bob.accountId}/mute`, alice)
    const muted = await post(bob, 'muted')
    expect(await feedOf(list)).toEqual([])
    await client.post(`/api/v1/accounts/${bob.accountId}/unmute`, alice)
    expect(await feedOf(list)).toEqual([muted.id])
  })

  it('begins once someone accepts whose follow was asked for', async () => {
    const locking = { as: bob, json: { locked: true }, method: 'PATCH' }
    await client.call('/api/v1/accounts/update_credentials', locking)
    const reader = await server.person(`reader${made}`)
    await follow(reader, bob)
    const list = await client.post(lists, reader, { title: 'Painters' })
    await client.post(`${lists}/${list.id}/accounts`, reader, { account_ids: [bob.accountId] })
    const note = await post(bob, 'for followers', { visibility: 'private' })
    const feed = `/api/v1/timelines/list/${list.id}`
    expect(await client.get(feed, reader)).toEqual([])
    await client.post(`/api/v1/follow_requests/${reader.accountId}/authorize`, bob)
    expect(idsOf(await client.get(feed, reader))).toEqual([note.id])
  })

  it('shows the answers to others that its policy allows, also when that is changed', async () => {
    const dave = await server.person(`dave${made}`)
    const eve = await server.person(`eve${made}`)
    await follow(alice, dave)
    const answers: Record<string, string> = {}
    const list = await listWith([bob, carol], { replies_policy: 'none' })
    for (const [name, person] of Object.entries({ alice, bob, carol, dave, eve })) {
      const { id } = await post(person, 'to be answered')
      answers[name] = (await post(bob, `to ${name}`, { in_reply_to_id: id })).id
    }
    const shown = async () => {
      const feed = await feedOf(list)
      return Object.keys(answers).filter((name) => feed.includes(answers[name] ?? ''))
    }
    expect(await shown()).toEqual(['alice', 'bob'])
    await change(list, { replies_policy: 'list' })
    expect(await shown()).toEqual(['alice', 'bob', 'carol'])
    await change(list, { replies_policy: 'followed' })
    expect(await shown()).toEqual(['alice', 'bob', 'carol', 'dave'])
    const { id } = await post(dave, 'once more')
    answers.again = (await post(bob, 'to dave', { in_reply_to_id: id })).id
    expect(await shown()).toContain('again')
    await change(list, { replies_policy: 'none' })
    expect(await shown()).toEqual(['alice', 'bob'])
  })
})

describe('an exclusive list', () => {
  it('keeps what its members write out of the home feed, and of that alone', async () => {
    const early = await post(bob, 'early')
    const list = await listWith([bob, alice], { exclusive: true })
    const [late, byCarol, own] = [
      await post(bob, 'late'),
      await post(carol, 'by Carol'),
      await post(alice, 'own'),
    ]
    expect(await homeOf(alice)).toEqual([own.id, byCarol.id])
    expect(await feedOf(list)).toEqual([own.id, late.id, early.id])
    await follow(carol, bob)
    expect(await homeOf(carol)).toContain(late.id)
  })

  it('gives it back when it is exclusive no longer, loses a member, or goes', async () => {
    const endings: ((list: Entity) => Promise<unknown>)[] = [
      (list) => change(list, { exclusive: false }),
      (list) => remove(`${lists}/${list.id}/accounts`, { account_ids: [bob.accountId] }),
      (list) => remove(`${lists}/${list.id}`),
    ]
    for (const end of endings) {
      const list = await listWith([bob])
      const note = await post(bob, 'his')
      expect(await homeOf(alice)).toContain(note.id)
      await change(list, { exclusive: true })
      const other = await post(bob, 'another')
      for (const { id } of [note, other]) expect(await homeOf(alice)).not.toContain(id)
      await end(list)
      expect((await homeOf(alice)).slice(0, 2)).toEqual([other.id, note.id])
    }
  })

  it('gives nothing back that another one keeps', async () => {
    const [one] = [await listWith([bob], { exclusive: true }), await listWith([bob], { exclusive: true })]
    const note = await post(bob, 'his')
    await remove(`${lists}/${one.id}`)
    expect(await homeOf(alice)).not.toContain(note.id)
  })
})
