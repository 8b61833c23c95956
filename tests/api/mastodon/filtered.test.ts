import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import { post } from '#tests/support/notes.ts'
import { storePicture } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity } from './client.ts'

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
  await client.post(`/api/v1/accounts/${bob.accountId}/follow`, alice)
  await client.post(`/api/v1/accounts/${alice.accountId}/follow`, bob)
})
afterAll(() => server.close())

const make = (json: object, as = alice) => client.post('/api/v2/filters', as, { context: ['home'], ...json })
const remove = (id: string, as = alice) => client.call(`/api/v2/filters/${id}`, { as, method: 'DELETE' })
const filteredFor = async (as: TestPerson, id: string) =>
  (await client.get(`/api/v1/statuses/${id}`, as)).filtered

describe('a note that meets a filter', () => {
  it('says so everywhere to whose filter it is, and to nobody else', async () => {
    const filter = await make({
      title: 'Seas',
      filter_action: 'hide',
      expires_in: 600,
      keywords_attributes: [{ keyword: 'sea' }, { keyword: 'waves' }],
    })
    const { note } = await post(server, bob, { text: '@alice the Sea has many waves #sea' })
    const { keywords: _, statuses: __, ...applied } = filter
    const result = { filter: applied, keyword_matches: ['Sea', 'waves'], status_matches: null }
    const boost = await client.post(`/api/v1/statuses/${note.id}/reblog`, carol)
    const reply = await client.post('/api/v1/statuses', bob, { status: 'and', in_reply_to_id: note.id })
    const quote = await client.post('/api/v1/statuses', bob, { status: 'so', quoted_status_id: note.id })

    const find = (statuses: Entity[], id = note.id) => statuses.find((status) => status.id === id)
    const met: [string, Entity][] = [
      ['alone', await client.get(`/api/v1/statuses/${note.id}`, alice)],
      ['of several', find(await client.get(`/api/v1/statuses?id[]=${note.id}`, alice))],
      ['home', find(await client.get('/api/v1/timelines/home', alice))],
      ['public', find(await client.get('/api/v1/timelines/public', alice))],
      ['tag', find(await client.get('/api/v1/timelines/tag/sea', alice))],
      ['profile', find(await client.get(`/api/v1/accounts/${bob.accountId}/statuses`, alice))],
      ['notification', (await client.get('/api/v1/notifications?types[]=mention', alice))[0].status],
      ['thread', (await client.get(`/api/v1/statuses/${reply.id}/context`, alice)).ancestors[0]],
      ['search', (await client.get(`/api/v2/search?q=${encodeURIComponent(note.uri)}`, alice)).statuses[0]],
      ['boost', await client.get(`/api/v1/statuses/${boost.id}`, alice)],
      ['boosted', (await client.get(`/api/v1/statuses/${boost.id}`, alice)).reblog],
      ['quoted', (await client.get(`/api/v1/statuses/${quote.id}`, alice)).quote.quoted_status],
      ['liked', await client.post(`/api/v1/statuses/${note.id}/favourite`, alice)],
      ['in favourites', find(await client.get('/api/v1/favourites', alice))],
      ['bookmarked', await client.post(`/api/v1/statuses/${note.id}/bookmark`, alice)],
      ['in bookmarks', find(await client.get('/api/v1/bookmarks', alice))],
    ]
    for (const [where, status] of met) expect([where, status?.filtered]).toEqual([where, [result]])
    expect(await filteredFor(alice, String(reply.id))).toEqual([])
    expect(await filteredFor(bob, note.id)).toEqual([])
    expect(await client.get(`/api/v1/statuses/${note.id}`)).not.toHaveProperty('filtered')
    await remove(filter.id)
    expect(await filteredFor(alice, note.id)).toEqual([])
  })

  it('may be named itself', async () => {
    const filter = await make({ title: 'This one', keywords_attributes: [{ keyword: 'nothing' }] })
    const [one, other] = [await post(server, bob), await post(server, bob)]
    await client.post(`/api/v2/filters/${filter.id}/statuses`, alice, { status_id: one.note.id })
    expect(await filteredFor(alice, one.note.id)).toMatchObject([
      { filter: { id: filter.id }, keyword_matches: null, status_matches: [one.note.id] },
    ])
    expect(await filteredFor(alice, other.note.id)).toEqual([])
    const boost = await client.post(`/api/v1/statuses/${one.note.id}/reblog`, carol)
    expect(await filteredFor(alice, boost.id)).toMatchObject([{ status_matches: [one.note.id] }])
    await remove(filter.id)
  })

  it('meets it by its warning, its poll and its pictures’ descriptions', async () => {
    const filter = await make({ title: 'Seas', keywords_attributes: [{ keyword: 'sea' }] })
    const media = await storePicture(server, bob, { description: 'A sea' })
    const poll = { options: ['Sea', 'Land'], expires_in: 600 }
    for (const json of [
      { status: 'x', spoiler_text: 'sea' },
      { status: 'x', poll },
      { status: 'x', media_ids: [media.id] },
    ]) {
      const { id } = await client.post('/api/v1/statuses', bob, json)
      expect(await filteredFor(alice, id)).toMatchObject([{ filter: { title: 'Seas' } }])
    }
    await remove(filter.id)
  })

  it('does so until the filter ends', async () => {
    const filter = await make({ title: 'Seas', expires_in: 600, keywords_attributes: [{ keyword: 'sea' }] })
    const { note } = await post(server, bob, { text: 'sea' })
    expect(await filteredFor(alice, note.id)).toHaveLength(1)
    await server.app.db
      .updateTable('filters')
      .set({ expires_at: new Date(0) })
      .where('id', '=', filter.id)
      .execute()
    expect(await filteredFor(alice, note.id)).toEqual([])
    expect(await client.get('/api/v2/filters', alice)).toMatchObject([{ id: filter.id }])
    await remove(filter.id)
  })
})

describe('AI pictures', () => {
  const want = async (as: TestPerson, ai_display: unknown) =>
    client.call('/api/v1/accounts/update_credentials', {
      as,
      json: { pinxit: { ai_display } },
      method: 'PATCH',
    })
  const displayOf = async (as: TestPerson) =>
    (await client.get('/api/v1/accounts/verify_credentials', as)).pinxit

  /** A note with a picture that declares how it was made. */
  async function postPicture(sourceType: string | null): Promise<string> {
    const media = await storePicture(server, bob, { digital_source_type: sourceType })
    return (await post(server, bob, { text: 'look', mediaIds: [media.id] })).note.id
  }

  it('are shown, blurred or hidden in every app, as a filter that is in no list', async () => {
    const { painting, editedPhotograph, sketch } = digitalSourceTypes
    const painted = [await postPicture(painting), await postPicture(editedPhotograph)]
    const others = [await postPicture(sketch), await postPicture(null)]
    expect(await displayOf(alice)).toEqual({ ai_display: 'show' })
    for (const id of painted) expect(await filteredFor(alice, id)).toEqual([])
    for (const display of ['blur', 'hide']) {
      expect(await (await want(alice, display)).json()).toMatchObject({ pinxit: { ai_display: display } })
      expect(await displayOf(alice)).toEqual({ ai_display: display })
      for (const id of painted)
        expect(await filteredFor(alice, id)).toEqual([
          {
            filter: {
              id: '0',
              title: 'AI pictures',
              context: ['home', 'notifications', 'public', 'thread', 'account'],
              expires_at: null,
              filter_action: display,
            },
            keyword_matches: null,
            status_matches: [id],
          },
        ])
      for (const id of others) expect(await filteredFor(alice, id)).toEqual([])
    }
    for (const path of ['/api/v1/filters', '/api/v2/filters'])
      expect(await client.get(path, alice)).toEqual([])
    expect(await client.status('/api/v2/filters/0', { as: alice })).toBe(404)
    expect(await filteredFor(carol, painted[0] ?? '')).toEqual([])
    await want(alice, 'show')
    expect(await filteredFor(alice, painted[0] ?? '')).toEqual([])
  })

  it('come with the filters that a note meets besides', async () => {
    const filter = await make({ title: 'Looks', keywords_attributes: [{ keyword: 'look' }] })
    await want(alice, 'blur')
    const id = await postPicture(digitalSourceTypes.painting)
    expect(await filteredFor(alice, id)).toMatchObject([
      { filter: { id: filter.id } },
      { filter: { id: '0' } },
    ])
    await want(alice, 'show')
    await remove(filter.id)
  })

  it('are left as they are by what is no choice', async () => {
    await want(carol, 'blur')
    const refused = await want(carol, 'burn')
    expect([refused.status, await refused.json()]).toEqual([
      422,
      { error: 'Validation failed: AI display is not included in the list' },
    ])
    for (const nothing of ['', null, undefined]) expect((await want(carol, nothing)).status).toBe(200)
    expect(await displayOf(carol)).toEqual({ ai_display: 'blur' })
    const form = new URLSearchParams({ 'pinxit[ai_display]': 'hide' })
    const path = '/api/v1/accounts/update_credentials'
    expect((await server.fetch(path, { as: carol, method: 'PATCH', body: form })).status).toBe(200)
    expect(await displayOf(carol)).toEqual({ ai_display: 'hide' })
  })
})
