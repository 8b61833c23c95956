import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enterConversations } from '#src/db/conversations.ts'
import { deleteAccount, eraseAccount } from '#src/notes/erase-account.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity, idsOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  carol = await server.person('carol')
})
afterAll(() => server.close())

const path = '/api/v1/conversations'
const write = (as: TestPerson, status: string, more: object = {}): Promise<Entity> =>
  client.post('/api/v1/statuses', as, { status, visibility: 'direct', ...more })
const conversationsOf = (person: TestPerson): Promise<Entity[]> => client.get(path, person)
/** Who takes part, the last note, and whether it is unread. */
const summaryOf = async (person: TestPerson) =>
  (await conversationsOf(person)).map((one) => [
    one.accounts
      .map((account: Entity) => account.username)
      .sort()
      .join(' '),
    one.last_status?.id,
    one.unread,
  ])

describe('a conversation', () => {
  let first: Entity
  let answer: Entity

  it('is with the same people in one thread, and unread to whoever did not write last', async () => {
    first = await write(alice, '@bob are you there?')
    expect(await summaryOf(alice)).toEqual([['bob', first.id, false]])
    expect(await summaryOf(bob)).toEqual([['alice', first.id, true]])
    answer = await write(bob, '@alice yes', { in_reply_to_id: first.id })
    expect(await summaryOf(alice)).toEqual([['bob', answer.id, true]])
    expect(await summaryOf(bob)).toEqual([['alice', answer.id, false]])
    const wider = await write(alice, '@bob @carol come in', { in_reply_to_id: answer.id })
    expect(await summaryOf(carol)).toEqual([['alice bob', wider.id, true]])
    expect(await summaryOf(bob)).toEqual([
      ['alice carol', wider.id, true],
      ['alice', answer.id, false],
    ])
    await client.post('/api/v1/statuses', alice, { status: '@bob for everyone' })
    expect(await conversationsOf(bob)).toHaveLength(2)
  })

  it('is entered once, however often', async () => {
    const [before] = await conversationsOf(bob)
    await client.post(`${path}/${before?.id}/read`, bob)
    const enter = () =>
      server.app.db
        .transaction()
        .execute((trx) => enterConversations(trx, [first.id, answer.id, before?.last_status.id]))
    await Promise.all([enter(), enter()])
    expect((await conversationsOf(bob))[0]).toEqual({ ...before, unread: false })
    expect(await conversationsOf(bob)).toHaveLength(2)
  })

  it('is marked as read and unread by its owner alone', async () => {
    const [one] = await conversationsOf(carol)
    expect(await client.post(`${path}/${one?.id}/read`, carol)).toEqual({ ...one, unread: false })
    expect(await client.post(`${path}/${one?.id}/unread`, carol)).toEqual(one)
    for (const [deed, method] of [
      ['/read', 'POST'],
      ['/unread', 'POST'],
      ['', 'DELETE'],
    ] as const)
      expect(await client.status(`${path}/${one?.id}${deed}`, { as: bob, method })).toBe(404)
    expect(await conversationsOf(carol)).toEqual([one])
  })

  it('is paged by its last note', async () => {
    const page = await client.call(`${path}?limit=1`, { as: bob })
    const [newest] = await page.json()
    const headers = { authorization: `Bearer ${bob.token}` }
    const next = await fetch(linksOf(page).next ?? '', { headers })
    const [older] = await next.json()
    expect([newest.last_status.id, older.last_status.id]).toEqual([newest.last_status.id, answer.id])
    const back = await fetch(linksOf(next).prev ?? '', { headers })
    expect(idsOf(await back.json())).toEqual([newest.id])
    const end = await fetch(linksOf(next).next ?? '', { headers })
    expect([await end.json(), end.headers.get('link')]).toEqual([[], null])
  })

  it('goes back to the note before when the last one is deleted, and goes with its only one', async () => {
    await client.call(`/api/v1/statuses/${answer.id}`, { as: bob, method: 'DELETE' })
    expect(await summaryOf(alice)).toContainEqual(['bob', first.id, true])
    await client.call(`/api/v1/statuses/${first.id}`, { as: alice, method: 'DELETE' })
    expect(await summaryOf(alice)).toMatchObject([['bob carol', expect.anything(), false]])
    expect(await summaryOf(bob)).toMatchObject([['alice carol', expect.anything(), false]])
  })

  it('can be taken away by one, and comes back when somebody writes in it again', async () => {
    const [one] = await conversationsOf(carol)
    const gone = await client.call(`${path}/${one?.id}`, { as: carol, method: 'DELETE' })
    expect([gone.status, await gone.json()]).toEqual([200, {}])
    expect(await conversationsOf(carol)).toEqual([])
    expect(idsOf(await client.get('/api/v1/timelines/direct', carol))).toEqual([one?.last_status.id])
    const again = await write(bob, '@alice @carol once more', { in_reply_to_id: one?.last_status.id })
    expect(await summaryOf(carol)).toEqual([['alice bob', again.id, true]])
    await client.call(`/api/v1/statuses/${again.id}`, { as: bob, method: 'DELETE' })
    expect(await conversationsOf(carol)).toEqual([])
    expect(await conversationsOf(alice)).toHaveLength(1)
  })

  it('with oneself has oneself in it', async () => {
    const { id } = await write(carol, 'not to forget')
    expect(await summaryOf(carol)).toEqual([['carol', id, false]])
  })
})

describe('who is refused', () => {
  it('comes into no conversation, and leaves those there are', async () => {
    const [dave, eve] = [await server.person('dave'), await server.person('eve')]
    await write(eve, '@dave hello')
    expect(await conversationsOf(dave)).toHaveLength(1)
    await client.post(`/api/v1/accounts/${eve.accountId}/block`, dave)
    expect(await conversationsOf(dave)).toEqual([])
    await write(eve, '@dave still there?')
    expect(await conversationsOf(dave)).toEqual([])
    expect(await client.get('/api/v1/timelines/direct', dave)).toEqual([])
    await client.post(`/api/v1/accounts/${eve.accountId}/unblock`, dave)
    await client.post(`/api/v1/accounts/${eve.accountId}/mute`, dave)
    await write(eve, '@dave hm')
    expect(await conversationsOf(dave)).toEqual([])
    await client.post(`/api/v1/accounts/${eve.accountId}/unmute`, dave)
    const heard = await write(eve, '@dave at last')
    expect(await summaryOf(dave)).toEqual([['eve', heard.id, true]])
  })
})

it('what was written directly is a timeline of its own', async () => {
  const [frank, grace] = [await server.person('frank'), await server.person('grace')]
  const one = await write(frank, '@grace one')
  const two = await write(grace, '@frank two', { in_reply_to_id: one.id })
  await client.post('/api/v1/statuses', grace, { status: '@frank in public' })
  const timeline = (query: string) => client.call(`/api/v1/timelines/direct${query}`, { as: frank })
  const page = await timeline('?limit=1')
  expect(idsOf(await page.json())).toEqual([two.id])
  const next = await fetch(linksOf(page).next ?? '', { headers: { authorization: `Bearer ${frank.token}` } })
  expect(idsOf(await next.json())).toEqual([one.id])
  expect(idsOf(await client.get('/api/v1/timelines/direct', bob))).not.toContain(one.id)
})

it('nothing is left of somebody who is gone, and what they wrote is not shown', async () => {
  const [henry, iris] = [await server.person('henry'), await server.person('iris')]
  await write(henry, '@iris farewell')
  await write(iris, '@henry already?')
  await deleteAccount(server.app, henry.account, null)
  await eraseAccount(server.app.db, henry.accountId)
  const own = await server.app.db
    .selectFrom('conversation_entries')
    .select('note_id')
    .where('account_id', '=', henry.accountId)
    .execute()
  expect(own).toEqual([])
  expect(await conversationsOf(iris)).toMatchObject([
    { accounts: [{ username: 'iris' }], last_status: { content: expect.stringContaining('already?') } },
  ])
})

it('what goes to a crowd is stored and sent, and is in no conversation', async () => {
  const ida = await server.person('ida')
  const { db } = server.app
  await sql`insert into accounts (username, uri, url, inbox_uri)
    select 'crowd' || n, 'urn:crowd:' || n, 'urn:crowd:' || n, 'urn:crowd:inbox' from generate_series(1, 500) as n`.execute(
    db,
  )
  const names = Array.from({ length: 500 }, (_, n) => `@crowd${n + 1}`).join(' ')
  const { id } = await write(ida, names)
  expect(idsOf(await client.get('/api/v1/timelines/direct', ida))).toEqual([id])
  expect(await conversationsOf(ida)).toEqual([])
  const few = await write(ida, names.split(' ').slice(0, 75).join(' '))
  expect(await conversationsOf(ida)).toMatchObject([{ last_status: { id: few.id } }])
})
