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

const home = '/api/v1/timelines/home'
const local = '/api/v1/timelines/public?local=true'
const post = (as: TestPerson, status: string, more: object = {}) =>
  client.post('/api/v1/statuses', as, { status, ...more })

describe('home', () => {
  it('holds what the people one follows write and boost', async () => {
    const before = await post(bob, 'before')
    await client.post(`/api/v1/accounts/${bob.accountId}/follow`, alice)
    const after = await post(bob, 'after', { visibility: 'private' })
    expect(idsOf(await client.get(home, alice)).slice(0, 2)).toEqual([after.id, before.id])
    await client.post(`/api/v1/accounts/${bob.accountId}/unfollow`, alice)
    expect(idsOf(await client.get(home, alice))).toEqual([])
  })

  it('is read to its end by following next, each note once', async () => {
    const reader = await server.person('reader')
    const written: string[] = []
    for (let index = 0; index < 7; index++) {
      written.unshift((await post(reader, `note ${index}`)).id)
    }
    const read: string[] = []
    for (let path: string | undefined = `${home}?limit=3`; path; ) {
      const response: Response = await client.call(path, { as: reader })
      read.push(...idsOf(await response.json()))
      const { next } = linksOf(response)
      path = next && new URL(next).pathname + new URL(next).search
    }
    expect(read).toEqual(written)
  })

  it('goes on upwards from min_id, and says so in prev', async () => {
    const reader = await server.person('upward')
    const ids: string[] = []
    for (let index = 0; index < 4; index++) ids.push((await post(reader, `note ${index}`)).id)
    const response = await client.call(`${home}?limit=2&min_id=${ids[0]}`, { as: reader })
    expect(idsOf(await response.json())).toEqual([ids[2], ids[1]])
    expect(Object.keys(linksOf(response))).toEqual(['next', 'prev'])
    expect(linksOf(response).prev).toBe(`${server.url}${home}?limit=2&min_id=${ids[2]}`)
    expect(response.headers.get('access-control-expose-headers')).toContain('Link')
  })

  it('draws limits into their bounds and takes junk for nothing', async () => {
    for (const query of [
      'limit=-1',
      'limit=0',
      'limit=1000000000',
      'limit=NaN',
      'max_id=x',
      'min_id=',
      'since_id=-5',
    ]) {
      expect(await client.status(`${home}?${query}`, { as: alice })).toBe(200)
    }
    const few = await client.get(`${local}&limit=0`)
    expect(few.length).toBeLessThanOrEqual(1)
  })
})

describe('the public timeline', () => {
  it('holds public notes alone, without answers and boosts', async () => {
    const shown = await post(alice, 'shown')
    const answer = await post(bob, 'answer', { in_reply_to_id: shown.id })
    const hidden = await Promise.all(
      ['unlisted', 'private', 'direct'].map((visibility) => post(alice, visibility, { visibility })),
    )
    const boost = await client.post(`/api/v1/statuses/${shown.id}/reblog`, bob)
    const ids = idsOf(await client.get('/api/v1/timelines/public', alice))
    expect(ids).toContain(shown.id)
    for (const { id } of [answer, boost, ...hidden]) expect(ids).not.toContain(id)
  })

  it('tells local from remote, and pictures from words', async () => {
    const { id: mediaId } = await client.upload(alice, await softPicture(40, 30).png().toBuffer())
    const picture = await post(alice, 'picture', { media_ids: [mediaId] })
    const words = await post(alice, 'words')
    expect(idsOf(await client.get(local))).toEqual(expect.arrayContaining([picture.id, words.id]))
    expect(await client.get('/api/v1/timelines/public?remote=true')).toEqual([])
    expect(idsOf(await client.get('/api/v1/timelines/public?only_media=1'))).toEqual([picture.id])
  })
})

describe('a tag', () => {
  it('is found however it is written, with or without a token', async () => {
    const status = await post(alice, 'the #Blaue #Stunde')
    await post(alice, 'not for all #Stunde', { visibility: 'unlisted' })
    for (const name of ['stunde', 'STUNDE', 'Stunde']) {
      expect(idsOf(await client.get(`/api/v1/timelines/tag/${name}`))).toEqual([status.id])
    }
    expect(await client.get('/api/v1/timelines/tag/nothing', alice)).toEqual([])
    expect(idsOf(await client.get('/api/v1/timelines/tag/stunde?local=true&only_media=true'))).toEqual([])
  })
})

describe('bookmarks and favourites', () => {
  it('are ordered and paged by when they were made', async () => {
    const notes = [await post(bob, 'one'), await post(bob, 'two'), await post(bob, 'three')]
    const [one, two, three] = notes
    for (const note of [two, three, one]) {
      await client.post(`/api/v1/statuses/${note?.id}/bookmark`, alice)
      await client.post(`/api/v1/statuses/${note?.id}/favourite`, alice)
    }
    for (const path of ['/api/v1/bookmarks', '/api/v1/favourites']) {
      const response = await client.call(`${path}?limit=2`, { as: alice })
      expect(idsOf(await response.json())).toEqual([one?.id, three?.id])
      const next = new URL(linksOf(response).next ?? '')
      expect(idsOf(await client.get(next.pathname + next.search, alice))).toEqual([two?.id])
      expect(await client.get(path, bob)).toEqual([])
    }
  })
})
