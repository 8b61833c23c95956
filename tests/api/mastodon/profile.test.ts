import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = [await server.person('alice'), await server.person('bob')]
})
afterAll(() => server.close())

const pinned = (as?: TestPerson) => client.get(`/api/v1/accounts/${alice.accountId}/statuses?pinned=true`, as)

describe('pins', () => {
  it('stand on the profile, the newest first, and are told to the author', async () => {
    const [one, two] = [
      await post(server, alice, { text: 'one' }),
      await post(server, alice, { text: 'two' }),
    ]
    expect(await client.post(`/api/v1/statuses/${one.note.id}/pin`, alice)).toMatchObject({ pinned: true })
    await client.post(`/api/v1/statuses/${one.note.id}/pin`, alice)
    await client.post(`/api/v1/statuses/${two.note.id}/pin`, alice)
    expect(idsOf(await pinned())).toEqual([two.note.id, one.note.id])
    const page = await (await server.fetch('/@alice')).text()
    expect(page.indexOf('class="pinned"')).toBeGreaterThan(0)
    expect(page.split(`id="note-${one.note.id}"`)).toHaveLength(2)
    expect(await client.post(`/api/v1/statuses/${one.note.id}/unpin`, alice)).toMatchObject({ pinned: false })
    expect(idsOf(await pinned())).toEqual([two.note.id])
  })

  it('are seen by whom the note is for', async () => {
    const { note } = await post(server, alice, { text: 'for followers', visibility: 'followers' })
    await client.post(`/api/v1/statuses/${note.id}/pin`, alice)
    expect(idsOf(await pinned(bob))).not.toContain(note.id)
    expect(idsOf(await pinned(alice))).toContain(note.id)
    await client.post(`/api/v1/statuses/${note.id}/unpin`, alice)
  })

  it('are refused in words: others’ notes, direct ones, boosts, the sixth', async () => {
    const others = await post(server, bob, { text: 'his' })
    const direct = await post(server, alice, { text: 'psst', visibility: 'direct' })
    const boost = await client.post(`/api/v1/statuses/${others.note.id}/reblog`, alice)
    for (const id of [others.note.id, direct.note.id, boost.id]) {
      expect(await client.status(`/api/v1/statuses/${id}/pin`, { as: alice, method: 'POST' })).toBe(422)
    }
    expect(await client.status('/api/v1/statuses/1/pin', { as: alice, method: 'POST' })).toBe(404)
    const notes = []
    for (let n = 0; n < 6; n += 1) notes.push((await post(server, alice, { text: `note ${n}` })).note)
    const already = (await pinned()).length
    for (const note of notes.slice(0, 5 - already))
      await client.post(`/api/v1/statuses/${note.id}/pin`, alice)
    const sixth = await client.call(`/api/v1/statuses/${notes[5]?.id}/pin`, { as: alice, method: 'POST' })
    expect(sixth.status).toBe(422)
    expect(await sixth.json()).toEqual({
      error: 'Validation failed: You have already pinned the maximum number of posts',
    })
    expect(await pinned()).toHaveLength(5)
  })

  it('asked for many at once are five', async () => {
    const carol = await server.person('carol')
    const notes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => post(server, carol, { text: `note ${n}` })),
    )
    const answers = await Promise.all(
      notes.map(({ note }) =>
        client.status(`/api/v1/statuses/${note.id}/pin`, { as: carol, method: 'POST' }),
      ),
    )
    expect(answers.filter((status) => status === 200)).toHaveLength(5)
    expect(new Set(answers)).toEqual(new Set([200, 422]))
  })

  it('go with the note', async () => {
    const dora = await server.person('dora')
    const { note } = await post(server, dora, { text: 'gone soon' })
    await client.post(`/api/v1/statuses/${note.id}/pin`, dora)
    await client.call(`/api/v1/statuses/${note.id}`, { as: dora, method: 'DELETE' })
    expect(await client.get(`/api/v1/accounts/${dora.accountId}/statuses?pinned=true`)).toEqual([])
  })
})

describe('featured hashtags', () => {
  it('are added, counted, suggested and removed', async () => {
    await post(server, alice, { text: 'Sea and #Light at the #sea' })
    await post(server, alice, { text: 'More #sea' })
    expect(await client.get('/api/v1/featured_tags/suggestions', alice)).toMatchObject([
      { name: 'sea' },
      { name: 'light' },
    ])
    const tag = await client.post('/api/v1/featured_tags', alice, { name: '#Sea' })
    expect(tag).toEqual({
      id: expect.any(String),
      name: 'sea',
      url: `${server.url}/@alice/tagged/sea`,
      statuses_count: '2',
      last_status_at: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    })
    expect(await client.post('/api/v1/featured_tags', alice, { name: 'sea' })).toEqual(tag)
    expect(await client.get('/api/v1/featured_tags', alice)).toEqual([tag])
    expect(await client.get(`/api/v1/accounts/${alice.accountId}/featured_tags`)).toEqual([tag])
    expect(await client.get('/api/v1/featured_tags/suggestions', alice)).toMatchObject([{ name: 'light' }])
    const stolen = { as: bob, method: 'DELETE' }
    expect(await client.status(`/api/v1/featured_tags/${tag.id}`, stolen)).toBe(404)
    const removed = await client.call(`/api/v1/featured_tags/${tag.id}`, { as: alice, method: 'DELETE' })
    expect(await removed.json()).toEqual({})
    expect(await client.get('/api/v1/featured_tags', alice)).toEqual([])
  })

  it.each(['', '#', 'two words', '#a #b', 'a-b', '12', 'x'.repeat(5_000), '<b>'])(
    'cannot be %j',
    async (name) => {
      expect(await client.status('/api/v1/featured_tags', { as: alice, json: { name } })).toBe(422)
    },
  )

  it('are ten at most', async () => {
    for (let n = 0; n < 10; n += 1) await client.post('/api/v1/featured_tags', bob, { name: `tag${n}` })
    expect(await client.status('/api/v1/featured_tags', { as: bob, json: { name: 'eleventh' } })).toBe(422)
    expect(await client.get('/api/v1/featured_tags', bob)).toHaveLength(10)
  })
})
