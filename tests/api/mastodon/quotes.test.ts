import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followAccount } from '#src/relationships/follow.ts'
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
  ;[alice, bob, carol] = await Promise.all([
    server.person('alice'),
    server.person('bob'),
    server.person('carol'),
  ])
  await followAccount(server.app, bob.accountId, alice.accountId)
})
afterAll(() => server.close())

const statuses = '/api/v1/statuses'
const quote = (as: TestPerson, id: string, fields: object = {}) =>
  client.post(statuses, as, { status: 'Quoting', quoted_status_id: id, ...fields })

describe('quoting', () => {
  it('shows the quoted status, whole in the quote and by its id in a quote of that', async () => {
    const first = await client.post(statuses, alice, { status: 'First' })
    expect(first).toMatchObject({
      quotes_count: 0,
      quote: null,
      quote_approval: { automatic: ['public'], manual: [], current_user: 'automatic' },
    })
    const second = await quote(bob, first.id)
    expect(second.quote).toMatchObject({
      state: 'accepted',
      quoted_status: { id: first.id, content: '<p>First</p>', quotes_count: 1, quote: null },
    })
    const third = await quote(carol, second.id)
    expect(third.quote.quoted_status).toMatchObject({
      id: second.id,
      quote: { state: 'accepted', quoted_status_id: first.id },
    })
    const notifications = await client.get('/api/v1/notifications?types[]=quote', alice)
    expect(notifications).toMatchObject([
      { type: 'quote', status: { id: second.id }, account: { acct: 'bob' } },
    ])
  })

  it('needs no words of one’s own', async () => {
    const { id } = await client.post(statuses, alice, { status: 'Enough said' })
    expect(await quote(bob, id, { status: '' })).toMatchObject({ content: '', quote: { state: 'accepted' } })
  })

  it('is refused as if there were nothing, for what may not be quoted', async () => {
    const missing = await client.call(statuses, { as: bob, json: { status: 'x', quoted_status_id: '1' } })
    const refused = [
      await client.post(statuses, alice, { status: 'Mine', quote_approval_policy: 'nobody' }),
      await client.post(statuses, alice, { status: 'Ours', visibility: 'private' }),
      await client.post(statuses, alice, { status: '@bob Yours', visibility: 'direct' }),
      await client.post(statuses, carol, { status: 'Theirs', quote_approval_policy: 'followers' }),
    ]
    const answer = await missing.text()
    expect(missing.status).toBe(404)
    for (const { id } of refused) {
      const response = await client.call(statuses, { as: bob, json: { status: 'x', quoted_status_id: id } })
      expect([response.status, await response.text()]).toEqual([404, answer])
    }
    const forFollowers = await client.post(statuses, alice, {
      status: 'For who follows',
      quote_approval_policy: 'followers',
    })
    expect(forFollowers.quote_approval).toMatchObject({ automatic: ['followers'] })
    expect((await client.get(`${statuses}/${forFollowers.id}`, carol)).quote_approval.current_user).toBe(
      'denied',
    )
    expect((await client.get(`${statuses}/${forFollowers.id}`)).quote_approval.current_user).toBe('denied')
    expect(await quote(bob, forFollowers.id)).toMatchObject({ quote: { state: 'accepted' } })
    const junk = { status: 'x', quote_approval_policy: 'everyone' }
    expect(await client.status(statuses, { as: bob, json: junk })).toBe(422)
  })

  it('in a direct message speaks only to whom it quotes', async () => {
    const { id } = await client.post(statuses, alice, { status: 'Open' })
    const json = { status: '@carol look', visibility: 'direct', quoted_status_id: id }
    expect(await client.status(statuses, { as: bob, json })).toBe(422)
    expect(await quote(bob, id, { status: '@alice look', visibility: 'direct' })).toMatchObject({
      quote: { state: 'accepted' },
    })
  })

  it('stays when the quoting status is edited', async () => {
    const { id } = await client.post(statuses, alice, { status: 'Lasting' })
    const own = await quote(bob, id)
    const response = await client.call(`${statuses}/${own.id}`, {
      as: bob,
      method: 'PUT',
      json: { status: 'Said better' },
    })
    expect(await response.json()).toMatchObject({
      content: '<p>Said better</p>',
      quote: { state: 'accepted', quoted_status: { id } },
    })
    await client.call(`${statuses}/${id}`, { as: alice, method: 'PUT', json: { status: 'Lasting longer' } })
    const [edited] = await client.get('/api/v1/notifications?types[]=quoted_update', bob)
    expect(edited).toMatchObject({ account: { acct: 'alice' }, status: { id: own.id } })
  })
})

describe('the quotes of a status', () => {
  it('are listed, newest first and in pages, as far as one may see them', async () => {
    const { id } = await client.post(statuses, alice, { status: 'Much quoted' })
    const open = [await quote(bob, id), await quote(carol, id), await quote(bob, id)]
    const hidden = await quote(carol, id, { visibility: 'private' })
    const newestFirst = idsOf(open).reverse()
    expect(idsOf(await client.get(`${statuses}/${id}/quotes`))).toEqual(newestFirst)
    expect(idsOf(await client.get(`${statuses}/${id}/quotes`, carol))).toEqual([hidden.id, ...newestFirst])
    const page = await client.call(`${statuses}/${id}/quotes?limit=2`)
    expect(idsOf(await page.json())).toEqual(newestFirst.slice(0, 2))
    const next = await client.call(linksOf(page).next ?? '')
    expect(idsOf(await next.json())).toEqual(newestFirst.slice(2))
  })

  it('can be revoked by its author alone, for good', async () => {
    const { id } = await client.post(statuses, alice, { status: 'Quoted' })
    const own = await quote(bob, id)
    const path = `${statuses}/${id}/quotes/${own.id}/revoke`
    expect(await client.status(path, { as: bob, method: 'POST' })).toBe(403)
    expect(await client.status(path, { as: carol, method: 'POST' })).toBe(403)
    expect(
      await client.status(`${statuses}/${own.id}/quotes/${id}/revoke`, { as: bob, method: 'POST' }),
    ).toBe(404)
    expect(await client.post(path, alice)).toMatchObject({
      id: own.id,
      quote: { state: 'revoked', quoted_status: null },
    })
    expect(await client.get(`${statuses}/${id}`)).toMatchObject({ quotes_count: 0 })
    expect(await client.get(`${statuses}/${id}/quotes`)).toEqual([])
    expect(await client.post(path, alice)).toMatchObject({ quote: { state: 'revoked' } })
  })
})

describe('who may quote', () => {
  it('can be changed later, by the author', async () => {
    const { id } = await client.post(statuses, alice, { status: 'Changing' })
    const path = `${statuses}/${id}/interaction_policy`
    const json = { quote_approval_policy: 'nobody' }
    expect(await client.status(path, { as: bob, method: 'PUT', json })).toBe(404)
    expect(await client.status(path, { as: alice, method: 'PUT', json: {} })).toBe(422)
    const response = await client.call(path, { as: alice, method: 'PUT', json })
    expect(await response.json()).toMatchObject({ edited_at: null, quote_approval: { automatic: [] } })
    expect(await client.status(statuses, { as: bob, json: { status: 'x', quoted_status_id: id } })).toBe(404)
  })

  it('has a default of one’s own', async () => {
    const response = await client.call('/api/v1/accounts/update_credentials', {
      as: carol,
      method: 'PATCH',
      json: { source: { quote_policy: 'followers' } },
    })
    expect(await response.json()).toMatchObject({ source: { quote_policy: 'followers' } })
    expect(await client.get('/api/v1/preferences', carol)).toMatchObject({
      'posting:default:quote_policy': 'followers',
    })
    expect(await client.post(statuses, carol, { status: 'As usual' })).toMatchObject({
      quote_approval: { automatic: ['followers'] },
    })
  })
})
