import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  alice = await server.person('alice')
  bob = await server.person('bob')
  carol = await server.person('carol')
})
afterAll(() => server.close())

const to = (person: TestPerson, deed: string) => `/api/v1/accounts/${person.accountId}/${deed}`
const between = async (viewer: TestPerson, other: TestPerson) =>
  (await client.get(`/api/v1/accounts/relationships?id[]=${other.accountId}`, viewer))[0]

describe('blocks', () => {
  it('are told by the relationship of both, and listed for one', async () => {
    await client.post(to(alice, 'follow'), bob)
    expect(await client.post(to(bob, 'block'), alice)).toMatchObject({ blocking: true, followed_by: false })
    expect(await between(bob, alice)).toMatchObject({ blocked_by: true, blocking: false, following: false })
    expect(idsOf(await client.get('/api/v1/blocks', alice))).toEqual([bob.accountId])
    expect(await client.get('/api/v1/blocks', bob)).toEqual([])
    expect(await client.status(to(alice, 'follow'), { as: bob, method: 'POST' })).toBe(403)
    expect(await client.status(to(alice, 'block'), { as: alice, method: 'POST' })).toBe(403)
    expect(await client.get(to(alice, 'followers'), bob)).toEqual([])
    expect(await client.get(to(alice, 'statuses'), bob)).toEqual([])
    expect(await client.post(to(bob, 'unblock'), alice)).toMatchObject({ blocking: false })
    expect(await between(bob, alice)).toMatchObject({ blocked_by: false })
  })

  it('hide a note behind the same 404 as one that is not there', async () => {
    const status = await client.post('/api/v1/statuses', alice, { status: 'not for Bob' })
    const path = `/api/v1/statuses/${status.id}`
    expect(await client.status(path, { as: bob })).toBe(200)
    await client.post(to(bob, 'block'), alice)
    for (const deed of ['', '/context', '/favourited_by', '/reblogged_by'])
      expect(await client.status(`${path}${deed}`, { as: bob })).toBe(404)
    for (const deed of ['favourite', 'reblog', 'bookmark', 'mute'])
      expect(await client.status(`${path}/${deed}`, { as: bob, method: 'POST' })).toBe(404)
    const answer = { status: 'but', in_reply_to_id: status.id }
    expect(await client.status('/api/v1/statuses', { as: bob, json: answer })).toBe(404)
    expect(await client.status(path, { as: carol })).toBe(200)
    await client.post(to(bob, 'unblock'), alice)
  })

  it('are paged', async () => {
    await client.post(to(bob, 'block'), alice)
    await client.post(to(carol, 'block'), alice)
    const page = await client.call('/api/v1/blocks?limit=1', { as: alice })
    expect(idsOf(await page.json())).toEqual([carol.accountId])
    const next = await server.fetch(linksOf(page).next ?? '', { as: alice })
    expect(idsOf(await next.json())).toEqual([bob.accountId])
    for (const person of [bob, carol]) await client.post(to(person, 'unblock'), alice)
  })
})

describe('mutes', () => {
  it('say what they hide, and until when', async () => {
    expect(await client.post(to(bob, 'mute'), alice)).toMatchObject({
      muting: true,
      muting_notifications: true,
      muting_expires_at: null,
    })
    const shorter = await client.post(to(bob, 'mute'), alice, { duration: 3600, notifications: false })
    expect(shorter).toMatchObject({ muting: true, muting_notifications: false })
    const ends = Date.parse(shorter.muting_expires_at) - server.clock.now().getTime()
    expect(ends).toBeGreaterThan(3_500_000)
    expect(ends).toBeLessThanOrEqual(3_600_000)
    expect(await client.get('/api/v1/mutes', alice)).toMatchObject([
      { id: bob.accountId, mute_expires_at: shorter.muting_expires_at },
    ])
    expect(await between(bob, alice)).toMatchObject({ blocked_by: false, muting: false })
    expect(await client.post(to(bob, 'unmute'), alice)).toMatchObject({ muting: false })
    expect(await client.get('/api/v1/mutes', alice)).toEqual([])
  })

  it.each([-1, 'soon', 1e12, null])('take %s for a duration as it can be meant', async (duration) => {
    const relationship = await client.post(to(bob, 'mute'), alice, { duration })
    expect(relationship).toMatchObject({ muting: true })
    await client.post(to(bob, 'unmute'), alice)
  })

  it('of a conversation are told by its statuses', async () => {
    const status = await client.post('/api/v1/statuses', alice, { status: 'Long talk' })
    expect(status.muted).toBe(false)
    expect(await client.post(`/api/v1/statuses/${status.id}/mute`, alice)).toMatchObject({ muted: true })
    const reply = { status: '@alice yes', in_reply_to_id: status.id }
    const answer = await client.post('/api/v1/statuses', bob, reply)
    expect(await client.get(`/api/v1/statuses/${answer.id}`, alice)).toMatchObject({ muted: true })
    expect(await client.get('/api/v1/notifications', alice)).toEqual([])
    expect(await client.post(`/api/v1/statuses/${answer.id}/unmute`, alice)).toMatchObject({ muted: false })
  })
})

describe('followers', () => {
  it('can be removed', async () => {
    await client.post(to(alice, 'follow'), bob)
    expect(await between(alice, bob)).toMatchObject({ followed_by: true })
    expect(await client.post(to(bob, 'remove_from_followers'), alice)).toMatchObject({ followed_by: false })
    expect(await between(bob, alice)).toMatchObject({ following: false })
  })
})

describe('domain blocks', () => {
  const path = '/api/v1/domain_blocks'

  it('are made, listed and undone, each domain in one spelling', async () => {
    for (const domain of ['Bad.Example.', 'bücher.example', '@social.example:8443'])
      await client.post(path, alice, { domain })
    const listed = ['social.example:8443', 'xn--bcher-kva.example', 'bad.example']
    expect(await client.get(path, alice)).toEqual(listed)
    await client.post(path, alice, { domain: 'BAD.example' })
    expect(await client.get(path, alice)).toEqual(listed)
    expect(await client.get(path, bob)).toEqual([])
    const removed = await client.call(`${path}?domain=bad.example`, { as: alice, method: 'DELETE' })
    expect(removed.status).toBe(200)
    expect(await client.get(path, alice)).toEqual(listed.slice(0, 2))
  })

  it.each([
    '',
    'a b',
    'https://x.example/y',
    'x.example/y',
    'u@x.example',
    'OURS',
    '\u0000',
    'x'.repeat(300),
  ])('of %j are refused', async (text) => {
    const domain = text === 'OURS' ? server.app.handleHost : text
    expect(await client.status(path, { as: alice, json: { domain } })).toBe(422)
  })

  it('are told by the relationship, and hold below the domain', async () => {
    const { id } = await server.app.db
      .insertInto('accounts')
      .values({
        username: 'eve',
        domain: 'social.far.example',
        uri: 'https://social.far.example/eve',
        url: 'https://social.far.example/@eve',
        inbox_uri: 'https://social.far.example/inbox',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const relationship = async () =>
      (await client.get(`/api/v1/accounts/relationships?id[]=${id}`, alice))[0].domain_blocking
    expect(await relationship()).toBe(false)
    await client.post(path, alice, { domain: 'far.example' })
    expect(await relationship()).toBe(true)
  })
})

describe('reports', () => {
  it('are answered with what was taken of them, and told to moderators alone', async () => {
    const moderator = await server.person('molly', { role: 'moderator' })
    const theirs = await client.post('/api/v1/statuses', bob, { status: 'Reported' })
    const others = await client.post('/api/v1/statuses', carol, { status: 'Not Bob’s' })
    const hidden = await client.post('/api/v1/statuses', bob, { status: 'x', visibility: 'private' })
    const report = await client.post('/api/v1/reports', alice, {
      account_id: bob.accountId,
      status_ids: [theirs.id, others.id, hidden.id],
      comment: 'Not nice',
      category: 'spam',
      forward: true,
    })
    expect(report).toMatchObject({
      action_taken: false,
      category: 'spam',
      comment: 'Not nice',
      forwarded: false,
      status_ids: [theirs.id],
      target_account: { id: bob.accountId },
    })
    expect(await client.get('/api/v1/notifications', moderator)).toMatchObject([
      {
        type: 'admin.report',
        account: { id: alice.accountId },
        report: { id: report.id, comment: 'Not nice' },
      },
    ])
    expect(await client.get('/api/v1/notifications', bob)).toEqual([])
    await server.app.db
      .updateTable('users')
      .set({ role: 'user' })
      .where('id', '=', moderator.userId)
      .execute()
    expect(await client.get('/api/v1/notifications', moderator)).toEqual([])
  })

  it.each([
    [{}, 422],
    [{ account_id: '1' }, 404],
    [{ account_id: 'BOB', comment: 'x'.repeat(1001) }, 422],
    [{ account_id: 'BOB', comment: '\u0000', status_ids: ['junk', '9'.repeat(30)] }, 200],
    [{ account_id: 'BOB', category: 'unheard of' }, 200],
  ])('with %j are answered with %i', async (fields, status) => {
    const json = {
      ...fields,
      ...('account_id' in fields && fields.account_id === 'BOB' && { account_id: bob.accountId }),
    }
    expect(await client.status('/api/v1/reports', { as: alice, json })).toBe(status)
  })
})
