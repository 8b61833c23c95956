import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteAccount, eraseAccount } from '#src/notes/erase-account.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf, linksOf } from './client.ts'

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

const at = (person: TestPerson, deed: string) => `/api/v1/accounts/${person.accountId}/${deed}`
const relationTo = async (person: TestPerson, as = alice) =>
  (await client.get(`/api/v1/accounts/relationships?id[]=${person.accountId}`, as))[0]
const errorOf = async (response: Response) => ({
  status: response.status,
  error: (await response.json()).error,
})

describe('a comment on somebody', () => {
  it('is its writer’s alone, in all three kinds of body, and goes when it is emptied', async () => {
    expect(await client.post(at(bob, 'note'), alice, { comment: ' Met at\nthe fair ' })).toMatchObject({
      id: bob.accountId,
      note: 'Met at\nthe fair',
    })
    expect(await relationTo(alice, bob)).toMatchObject({ note: '' })
    expect(await relationTo(bob, carol)).toMatchObject({ note: '' })
    const urlencoded = new URLSearchParams({ comment: 'Paints' })
    await server.fetch(at(bob, 'note'), { as: alice, method: 'POST', body: urlencoded })
    expect(await relationTo(bob)).toMatchObject({ note: 'Paints' })
    const multipart = new FormData()
    multipart.set('comment', 'Paints ships')
    await server.fetch(`${at(bob, 'note')}/`, { as: alice, method: 'POST', body: multipart })
    expect(await relationTo(bob)).toMatchObject({ note: 'Paints ships' })
    expect(await client.post(at(bob, 'note'), alice)).toMatchObject({ note: '' })
    expect(await relationTo(bob)).toMatchObject({ note: '' })
  })

  it('has Mastodon’s length, and what is longer changes nothing', async () => {
    const fitting = '😀'.repeat(2_000)
    await client.post(at(bob, 'note'), alice, { comment: fitting })
    const refused = await client.call(at(bob, 'note'), { as: alice, json: { comment: `${fitting}!` } })
    expect(await errorOf(refused)).toEqual({
      status: 422,
      error: 'Validation failed: Comment is too long (maximum is 2000 characters)',
    })
    expect(await relationTo(bob)).toMatchObject({ note: fitting })
    expect(await client.status(`/api/v1/accounts/1/note`, { as: alice, json: { comment: 'x' } })).toBe(404)
  })
})

describe('an endorsement', () => {
  it('is of whom one follows, stands on the profile for everyone, and can be taken back', async () => {
    const refused = await client.call(at(bob, 'endorse'), { as: alice, method: 'POST' })
    expect(await errorOf(refused)).toEqual({
      status: 422,
      error: 'Validation failed: You must be already following the person you want to endorse',
    })
    await client.post(at(bob, 'follow'), alice)
    await client.post(at(carol, 'follow'), alice)
    expect(await client.post(at(bob, 'endorse'), alice)).toMatchObject({ endorsed: true })
    await client.post(at(bob, 'pin'), alice)
    await client.post(at(carol, 'pin'), alice)
    expect(await relationTo(bob)).toMatchObject({ endorsed: true })
    expect(await relationTo(alice, bob)).toMatchObject({ endorsed: false })
    expect(idsOf(await client.get('/api/v1/endorsements', alice))).toEqual([carol.accountId, bob.accountId])
    expect(idsOf(await client.get(at(alice, 'endorsements')))).toEqual([carol.accountId, bob.accountId])
    expect(await client.post(at(carol, 'unpin'), alice)).toMatchObject({ endorsed: false })
    await client.post(at(carol, 'unendorse'), alice)
    expect(idsOf(await client.get(at(alice, 'endorsements')))).toEqual([bob.accountId])
  })

  it('is paged by when it was made', async () => {
    await client.post(at(carol, 'endorse'), alice)
    const first = await client.call('/api/v1/endorsements?limit=1', { as: alice })
    expect(idsOf(await first.json())).toEqual([carol.accountId])
    expect(first.headers.get('link')).toMatch(
      /^<[^>]+max_id=\d+>; rel="next", <[^>]+min_id=\d+>; rel="prev"$/,
    )
    const second = await fetch(linksOf(first).next ?? '', {
      headers: { authorization: `Bearer ${alice.token}` },
    })
    expect(idsOf(await second.json())).toEqual([bob.accountId])
    const end = await fetch(linksOf(second).next ?? '', {
      headers: { authorization: `Bearer ${alice.token}` },
    })
    expect(await end.json()).toEqual([])
    expect(end.headers.get('link')).toBeNull()
  })

  it('ends with the follow, and so with a block', async () => {
    await client.post(at(carol, 'unfollow'), alice)
    expect(await relationTo(carol)).toMatchObject({ endorsed: false })
    expect(idsOf(await client.get(at(alice, 'endorsements')))).toEqual([bob.accountId])
    await client.post(at(alice, 'block'), bob)
    expect(await client.get('/api/v1/endorsements', alice)).toEqual([])
    // Whom Alice blocks does not see whom she recommends.
    await client.post(at(carol, 'follow'), alice)
    await client.post(at(carol, 'endorse'), alice)
    await client.post(at(alice, 'unblock'), bob)
    await client.post(at(bob, 'block'), alice)
    expect(await client.get(at(alice, 'endorsements'), bob)).toEqual([])
    expect(idsOf(await client.get(at(alice, 'endorsements')))).toEqual([carol.accountId])
  })
})

it('nothing is left of what was kept of somebody who is gone, or by them', async () => {
  const dave = await server.person('dave')
  await client.post(at(dave, 'note'), alice, { comment: 'Soon gone' })
  await client.post(at(carol, 'note'), dave, { comment: 'Of mine' })
  await client.status(`/api/v1/suggestions/${carol.accountId}`, { as: dave, method: 'DELETE' })
  const marksOf = async () => {
    const { db } = server.app
    const comments = await db.selectFrom('account_comments').selectAll().execute()
    const dismissed = await db.selectFrom('dismissed_suggestions').selectAll().execute()
    return [...comments, ...dismissed].filter((row) =>
      [row.account_id, row.target_id].includes(dave.accountId),
    )
  }
  expect(await marksOf()).toHaveLength(3)
  await deleteAccount(server.app, dave.account, null)
  await eraseAccount(server.app.db, dave.accountId)
  expect(await marksOf()).toEqual([])
})

it('relationships leave out who is suspended, unless one asks for them', async () => {
  const eve = await server.person('eve')
  const suspend = { suspended_at: new Date() }
  await server.app.db.updateTable('accounts').set(suspend).where('id', '=', eve.accountId).execute()
  const both = `/api/v1/accounts/relationships?id[]=${eve.accountId}&id[]=${carol.accountId}`
  expect(idsOf(await client.get(both, alice))).toEqual([carol.accountId])
  expect(idsOf(await client.get(`${both}&with_suspended=true`, alice))).toEqual([
    eve.accountId,
    carol.accountId,
  ])
})
