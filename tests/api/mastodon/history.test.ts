import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
})
afterAll(() => server.close())

async function edit(id: string, json: object) {
  server.clock.advance(1_000)
  const response = await client.call(`/api/v1/statuses/${id}`, { as: alice, json, method: 'PUT' })
  expect(response.status).toBe(200)
  return response.json()
}

const history = (id: string, as?: TestPerson) => client.get(`/api/v1/statuses/${id}/history`, as)

describe('the history of a status', () => {
  it('that was never edited is what it is', async () => {
    const { id, created_at } = await client.post('/api/v1/statuses', alice, { status: 'As it was' })
    expect(await history(id)).toMatchObject([
      {
        content: '<p>As it was</p>',
        created_at,
        spoiler_text: '',
        sensitive: false,
        account: { acct: 'alice' },
      },
    ])
  })

  it('has every version, oldest first, each with the time it was written', async () => {
    const first = await client.post('/api/v1/statuses', alice, { status: 'One' })
    const second = await edit(first.id, { status: 'Two', spoiler_text: 'Careful' })
    const third = await edit(first.id, { status: 'Three', sensitive: true })
    expect(await history(first.id)).toMatchObject([
      { content: '<p>One</p>', spoiler_text: '', sensitive: false, created_at: first.created_at },
      { content: '<p>Two</p>', spoiler_text: 'Careful', sensitive: true, created_at: second.edited_at },
      { content: '<p>Three</p>', spoiler_text: '', sensitive: true, created_at: third.edited_at },
    ])
  })

  it('is the same under the id of a boost', async () => {
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Carried' })
    const boost = await client.post(`/api/v1/statuses/${id}/reblog`, bob)
    await edit(id, { status: 'Carried on' })
    expect(await history(boost.id)).toHaveLength(2)
  })

  it('knows what was said of pictures, and which options a poll had', async () => {
    const media = await client.upload(alice, await softPicture(64, 48).png().toBuffer(), {
      description: 'A sea',
    })
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Sea', media_ids: [media.id] })
    await edit(id, { status: 'Sea', media_attributes: [{ id: media.id, description: 'A lake' }] })
    expect(await history(id)).toMatchObject([
      { media_attachments: [{ id: media.id, description: 'A sea' }] },
      { media_attachments: [{ id: media.id, description: 'A lake' }] },
    ])
    const poll = { options: ['Oil', 'Ink'], expires_in: 600 }
    const asked = await client.post('/api/v1/statuses', alice, { status: 'What?', poll })
    await edit(asked.id, { status: 'What?', poll: { ...poll, options: ['Oil', 'Chalk'] } })
    expect(await history(asked.id)).toMatchObject([
      { poll: { options: [{ title: 'Oil' }, { title: 'Ink' }] } },
      { poll: { options: [{ title: 'Oil' }, { title: 'Chalk' }] } },
    ])
  })

  it('does not show a picture that went to another status', async () => {
    const media = await client.upload(alice, await softPicture(64, 48).png().toBuffer())
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Here', media_ids: [media.id] })
    await edit(id, { status: 'Here', media_ids: [] })
    expect((await history(id))[0].media_attachments).toHaveLength(1)
    await client.post('/api/v1/statuses', alice, {
      status: 'There',
      media_ids: [media.id],
      visibility: 'direct',
    })
    expect((await history(id))[0].media_attachments).toEqual([])
  })

  it('has no version of an edit that says the same', async () => {
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Same' })
    await edit(id, { status: 'Same', language: 'de' })
    expect(await history(id)).toHaveLength(1)
  })

  it('is as hidden as the status', async () => {
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Secret', visibility: 'direct' })
    await edit(id, { status: 'Secret still' })
    expect(await history(id, alice)).toHaveLength(2)
    expect(await client.status(`/api/v1/statuses/${id}/history`, { as: bob })).toBe(404)
    expect(await client.status(`/api/v1/statuses/${id}/history`)).toBe(404)
    const writer = await server.person('writer', { scopes: ['write'] })
    expect(await client.status(`/api/v1/statuses/${id}/history`, { as: writer })).toBe(403)
  })
})

describe('who boosted a status', () => {
  it('hears of the latest edit, once', async () => {
    const { id } = await client.post('/api/v1/statuses', alice, { status: 'Boosted' })
    await client.post(`/api/v1/statuses/${id}/reblog`, bob)
    const heard = async () => {
      const told: Entity[] = await client.get('/api/v1/notifications?types[]=update', bob)
      return told.filter(({ status }) => status.id === id)
    }
    expect(await heard()).toEqual([])
    await edit(id, { status: 'Boosted' })
    expect(await heard()).toEqual([])
    await edit(id, { status: 'Edited' })
    await edit(id, { status: 'Edited again' })
    expect(await heard()).toMatchObject([{ type: 'update', account: { acct: 'alice' }, status: { id } }])
  })
})
