import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let follower: TestPerson
let stranger: TestPerson
let secret: string
let direct: string

const missing = '1'

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, follower, stranger] = await Promise.all([
    server.person('alice'),
    server.person('follower'),
    server.person('stranger'),
  ])
  await client.post(`/api/v1/accounts/${alice.accountId}/follow`, follower)
  const poll = { options: ['Yes', 'No'], expires_in: 600 }
  const post = async (visibility: string) =>
    String((await client.post('/api/v1/statuses', alice, { status: 'a #secret', visibility, poll })).id)
  secret = await post('private')
  direct = await post('direct')
})
afterAll(() => server.close())

const doors = [
  'GET /api/v1/statuses/:id',
  'GET /api/v1/statuses/:id/context',
  'GET /api/v1/statuses/:id/history',
  'GET /api/v1/polls/:id',
  'GET /api/v1/statuses/:id/favourited_by',
  'GET /api/v1/statuses/:id/reblogged_by',
  'GET /api/v1/statuses/:id/source',
  'PUT /api/v1/statuses/:id',
  'DELETE /api/v1/statuses/:id',
  'POST /api/v1/statuses/:id/favourite',
  'POST /api/v1/statuses/:id/unfavourite',
  'POST /api/v1/statuses/:id/bookmark',
  'POST /api/v1/statuses/:id/unbookmark',
  'POST /api/v1/statuses/:id/reblog',
  'POST /api/v1/statuses/:id/unreblog',
  'POST /api/v1/statuses/:id/pin',
  'POST /api/v1/statuses/:id/unpin',
  'POST /api/v1/statuses/:id/mute',
  'POST /api/v1/statuses/:id/unmute',
  'GET /api/v1/statuses/:id/quotes',
  'GET /api/pinxit/v1/statuses/:id/lineage',
  'PUT /api/v1/statuses/:id/interaction_policy',
  'POST /api/v1/statuses/:id/quotes/:id/revoke',
  'GET /api/v1/pleroma/statuses/:id/reactions',
  'GET /api/v1/pleroma/statuses/:id/reactions/👍',
  'PUT /api/v1/pleroma/statuses/:id/reactions/👍',
  'DELETE /api/v1/pleroma/statuses/:id/reactions/👍',
]

async function knock(door: string, id: string, as?: TestPerson): Promise<{ status: number; body: unknown }> {
  const [method = '', path = ''] = door.split(' ')
  const response = await client.call(path.replaceAll(':id', id), { as, method })
  return { status: response.status, body: await response.json() }
}

describe('a note that is not for someone', () => {
  it.each(doors)('is to them at %s as if it did not exist', async (door) => {
    for (const id of [secret, direct]) {
      expect(await knock(door, id, stranger)).toEqual(await knock(door, missing, stranger))
      expect((await knock(door, id, stranger)).status).toBe(404)
      expect(await knock(door, id)).toEqual(await knock(door, missing))
    }
    expect((await knock(door, direct, follower)).status).toBe(404)
  })

  it('cannot be answered by them', async () => {
    for (const id of [secret, direct, missing]) {
      const json = { status: 'what is it?', in_reply_to_id: id }
      const response = await client.call('/api/v1/statuses', { as: stranger, json })
      expect([response.status, await response.json()]).toEqual([404, { error: 'Record not found' }])
    }
  })

  it('cannot be voted in, quoted or reported by them', async () => {
    const answers = async (path: string, json: (id: string) => object) => {
      const found: unknown[] = []
      for (const id of [secret, direct, missing]) {
        const response = await client.call(path, { as: stranger, json: json(id) })
        found.push([
          response.status,
          JSON.stringify(await response.json()).replaceAll(/"\d{6,}"|"\d{4}-[^"]*"/g, ''),
        ])
      }
      return new Set(found.map(String)).size
    }
    expect(await answers('/api/v1/statuses', (id) => ({ status: 'x', quoted_status_id: id }))).toBe(1)
    for (const id of [secret, direct, missing])
      expect(
        (await client.call(`/api/v1/polls/${id}/votes`, { as: stranger, json: { choices: [0] } })).status,
      ).toBe(404)
    const report = (id: string) => ({ account_id: alice.accountId, status_ids: [id] })
    expect(await answers('/api/v1/reports', report)).toBe(1)
  })

  it('is in none of the lists they see', async () => {
    const lists = [
      `/api/v1/statuses?id[]=${secret}&id[]=${direct}`,
      '/api/v1/timelines/public',
      '/api/v1/timelines/tag/secret',
      `/api/v1/accounts/${alice.accountId}/statuses`,
      `/api/v1/accounts/${alice.accountId}/statuses?tagged=secret`,
    ]
    for (const path of lists) {
      for (const as of [stranger, undefined]) expect(await client.get(path, as)).toEqual([])
    }
    expect(await client.get('/api/v1/timelines/home', stranger)).toEqual([])
    for (const id of [secret, direct]) {
      for (const address of [server.app.uris.note(id), server.app.uris.notePage('alice', id)]) {
        const path = `/api/v2/search?resolve=true&q=${encodeURIComponent(address)}`
        expect(await client.get(path, stranger)).toMatchObject({ statuses: [] })
      }
    }
  })

  it('does not show among the answers to a public one', async () => {
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'for all' })
    const json = { status: 'for few', visibility: 'private', in_reply_to_id: id }
    const answer = await client.post('/api/v1/statuses', alice, json)
    expect(await client.get(`/api/v1/statuses/${id}/context`, stranger)).toMatchObject({ descendants: [] })
    const { descendants } = await client.get(`/api/v1/statuses/${id}/context`, follower)
    expect(idsOf(descendants)).toEqual([answer.id])
  })

  it('is kept by nothing on the way to those it is for', async () => {
    for (const path of [`/api/v1/statuses/${secret}`, '/api/v1/timelines/home', '/api/v1/statuses/1']) {
      const response = await client.call(path, { as: follower })
      expect(response.headers.get('cache-control')).toBe('private, no-store')
    }
  })

  it('is open to those it is for', async () => {
    expect((await knock('GET /api/v1/statuses/:id', secret, follower)).status).toBe(200)
    expect((await knock('GET /api/v1/statuses/:id', direct, alice)).status).toBe(200)
    const json = { status: '@stranger hello', visibility: 'direct' }
    const { id } = await client.post('/api/v1/statuses', alice, json)
    expect((await knock('GET /api/v1/statuses/:id', String(id), stranger)).status).toBe(200)
    expect((await knock('GET /api/v1/statuses/:id', String(id), follower)).status).toBe(404)
  })

  it('goes from bookmarks, favourites and notifications with the right to see it', async () => {
    const { id } = await client.post('/api/v1/statuses', alice, {
      status: 'for followers',
      visibility: 'private',
    })
    const leaver = await server.person('leaver')
    await client.post(`/api/v1/accounts/${alice.accountId}/follow`, leaver, { notify: true })
    const told = await client.post('/api/v1/statuses', alice, { status: 'news', visibility: 'private' })
    for (const noteId of [id, told.id]) {
      await client.post(`/api/v1/statuses/${noteId}/bookmark`, leaver)
      await client.post(`/api/v1/statuses/${noteId}/favourite`, leaver)
    }
    const paths = ['/api/v1/bookmarks', '/api/v1/favourites', '/api/v1/notifications']
    for (const path of paths) expect((await client.get(path, leaver)).length).toBeGreaterThan(0)
    await client.post(`/api/v1/accounts/${alice.accountId}/unfollow`, leaver)
    for (const path of paths) expect(await client.get(path, leaver)).toEqual([])
  })
})
