import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, idsOf, linksOf } from './client.ts'

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

const page = 'https://news.example/story'
const timeline = (query = '') => `/api/v1/timelines/link?url=${encodeURIComponent(page)}${query}`
const say = (as: TestPerson, fields: object) => client.post('/api/v1/statuses', as, fields)

describe('what is said of a page', () => {
  it('is said for everyone, and is paged', async () => {
    expect(await client.status(timeline())).toBe(404)
    const first = await say(alice, { status: `Read ${page}` })
    await say(alice, { status: `Secretly ${page}`, visibility: 'unlisted' })
    await say(alice, { status: 'Read https://other.example/' })
    const second = await say(bob, { status: `Me too ${page}` })
    expect(idsOf(await client.get(timeline()))).toEqual([second.id, first.id])
    const response = await client.call(timeline('&limit=1'))
    expect(idsOf(await response.json())).toEqual([second.id])
    const next = await fetch(linksOf(response).next ?? '')
    expect(idsOf(await next.json())).toEqual([first.id])
  })

  it('is said by people who want to be found, and whom the reader does not refuse', async () => {
    const [second, first] = idsOf(await client.get(timeline(), alice))
    await client.post(`/api/v1/accounts/${bob.accountId}/mute`, alice)
    expect(idsOf(await client.get(timeline(), alice))).toEqual([first])
    await client.call('/api/v1/accounts/update_credentials', {
      as: alice,
      method: 'PATCH',
      json: { discoverable: false },
    })
    expect(idsOf(await client.get(timeline()))).toEqual([second])
  })
})

describe('a note shown on another page', () => {
  const oembed = (url: string, query = '') => `/api/oembed?url=${encodeURIComponent(url)}${query}`

  it('has its words, pictures and author, and no script', async () => {
    const media = await client.upload(alice, await softPicture(64, 48).png().toBuffer(), {
      description: 'A "soft" one',
    })
    const status = await say(alice, { status: 'Look <here>', media_ids: [media.id] })
    const answer = await client.get(oembed(status.url))
    expect(answer).toMatchObject({
      type: 'rich',
      version: '1.0',
      author_name: 'alice',
      author_url: `${server.url}/@alice`,
      provider_url: `${server.url}/`,
      width: 400,
      height: null,
    })
    expect(answer.html).toContain('Look &lt;here&gt;')
    expect(answer.html).toContain('alt="A &quot;soft&quot; one"')
    expect(answer.html).toContain(`href="${status.url}"`)
    expect(answer.html).not.toContain('<script')
    expect(await client.get(oembed(status.uri, '&maxwidth=250&maxheight=300'))).toMatchObject({
      width: 250,
      height: 300,
    })
    expect(await client.get(oembed(status.url, '&maxwidth=junk'))).toMatchObject({ width: 400 })
  })

  it('hides what its author warns of', async () => {
    const status = await say(alice, { status: 'A spider', spoiler_text: 'Animals' })
    const { html } = await client.get(oembed(status.url))
    expect(html).toContain('Animals')
    expect(html).not.toContain('spider')
  })

  it('is one of ours, for everyone and still there', async () => {
    const hidden = await say(alice, { status: 'for few', visibility: 'private' })
    const gone = await say(alice, { status: 'soon gone' })
    expect(await client.status(oembed(gone.url))).toBe(200)
    await client.call(`/api/v1/statuses/${gone.id}`, { as: alice, method: 'DELETE' })
    for (const url of [
      hidden.url,
      gone.url,
      'https://elsewhere.example/1',
      `${server.url}/@alice`,
      'junk',
      '',
    ])
      expect(await client.status(oembed(url))).toBe(404)
    expect(await client.status('/api/oembed')).toBe(404)
  })
})

describe('an upload', () => {
  const deleted = async (path: string, as: TestPerson) => {
    const response = await client.call(path, { as, method: 'DELETE' })
    return [response.status, await response.json()]
  }

  it('can be taken back by its owner until it is posted', async () => {
    const picture = await softPicture(32, 32).png().toBuffer()
    const [spare, posted] = [await client.upload(alice, picture), await client.upload(alice, picture)]
    await say(alice, { status: 'with it', media_ids: [posted.id] })
    expect(await deleted(`/api/v1/media/${spare.id}`, bob)).toEqual([404, { error: 'Record not found' }])
    expect(await deleted(`/api/v1/media/${posted.id}`, alice)).toEqual([
      422,
      { error: 'Media attachment is currently used by a status' },
    ])
    expect(await client.status(`/api/v1/media/${spare.id}`, { as: alice })).toBe(200)
    expect(await deleted(`/api/v1/media/${spare.id}`, alice)).toEqual([200, {}])
    expect(await client.status(`/api/v1/media/${spare.id}`, { as: alice })).toBe(404)
    await server.settle()
    expect((await fetch(spare.url)).status).toBe(404)
    expect((await fetch(posted.url)).status).toBe(200)
  })

  it('stays when its note goes, unless it is to go along', async () => {
    const picture = await softPicture(32, 32).png().toBuffer()
    for (const [query, expected] of [
      ['', 200],
      ['?delete_media=true', 404],
    ] as const) {
      const media = await client.upload(alice, picture)
      const status = await say(alice, { status: 'with it', media_ids: [media.id] })
      const [code, body] = await deleted(`/api/v1/statuses/${status.id}${query}`, alice)
      expect([code, body.media_attachments[0].id]).toEqual([200, media.id])
      await server.settle()
      expect(await client.status(`/api/v1/media/${media.id}`, { as: alice })).toBe(expected)
      expect((await fetch(media.url)).status).toBe(expected)
    }
  })
})
