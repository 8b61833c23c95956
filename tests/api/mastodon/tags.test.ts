import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countTagUses, shownDays } from '#src/db/tag-history.ts'
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
})
afterAll(() => server.close())

const tagAt = (name: string) => `/api/v1/tags/${encodeURIComponent(name)}`
const post = (as: TestPerson, status: string, more: object = {}) =>
  client.post('/api/v1/statuses', as, { status, ...more })
const home = async (person: TestPerson) => idsOf(await client.get('/api/v1/timelines/home', person))
const follow = (who: TestPerson, tag: string) => client.post(`${tagAt(tag)}/follow`, who)
const unfollow = (who: TestPerson, tag: string) => client.post(`${tagAt(tag)}/unfollow`, who)

describe('a tag', () => {
  it('tells how much it was used on each of seven days, before it is counted and after', async () => {
    await post(alice, '#Harbour at dawn')
    await post(alice, '#harbour at noon')
    await post(bob, 'the #HARBOUR')
    await post(bob, 'not for all: #harbour', { visibility: 'unlisted' })
    const today = Math.floor(server.clock.now().getTime() / 86_400_000)
    const history = Array.from({ length: shownDays }, (_, ago) => ({
      day: String((today - ago) * 86_400),
      uses: ago === 0 ? '3' : '0',
      accounts: ago === 0 ? '2' : '0',
    }))
    const before = await client.get(tagAt('Harbour'))
    expect(before).toEqual({
      id: expect.stringMatching(/^\d+$/),
      name: 'harbour',
      url: `${server.url}/tags/harbour`,
      history,
    })
    await countTagUses(server.app.db, server.clock.now())
    expect(await client.get(tagAt('harbour'))).toEqual(before)
    await post(bob, '#harbour again')
    await post(carol, '#harbour')
    const after = await client.get(tagAt('harbour'), alice)
    expect(after.history[0]).toMatchObject({ uses: '5', accounts: '3' })
    await countTagUses(server.app.db, server.clock.now())
    expect(await client.get(tagAt('harbour'), alice)).toEqual(after)
  })

  it('is used no more by an edit that keeps it', async () => {
    const note = await post(alice, '#edited')
    const json = { status: '#edited, and #new' }
    await client.call(`/api/v1/statuses/${note.id}`, { as: alice, json, method: 'PUT' })
    for (const name of ['edited', 'new'])
      expect((await client.get(tagAt(name))).history[0]).toMatchObject({ uses: '1' })
    expect((await client.get(`/api/v1/statuses/${note.id}`)).tags).toHaveLength(2)
  })

  it('is forgotten a week later', async () => {
    await post(alice, '#fleeting')
    await countTagUses(server.app.db, server.clock.now())
    const later = new Date(server.clock.now().getTime() + shownDays * 86_400_000)
    await countTagUses(server.app.db, later)
    expect((await client.get(tagAt('fleeting'))).history[0]).toMatchObject({ uses: '0', accounts: '0' })
  })

  it('that nobody used is there without an id; what cannot be one is not', async () => {
    expect(await client.get(tagAt('unheard'), alice)).toMatchObject({
      id: '',
      name: 'unheard',
      following: false,
      featuring: false,
    })
    for (const name of ['tag-name', '2026', 'two words', '%', '#sea', 'x'.repeat(101)]) {
      expect(await client.status(tagAt(name))).toBe(404)
      expect(await client.status(`${tagAt(name)}/follow`, { as: alice, method: 'POST' })).toBe(404)
    }
  })

  it('is featured and featured no more by name or by id, however often', async () => {
    for (const which of ['Lighthouse', 'id']) {
      const { id } = await client.post(`${tagAt('lighthouse')}/feature`, alice)
      const path = tagAt(which === 'id' ? id : which)
      for (let time = 0; time < 2; time++) {
        expect(await client.post(`${path}/feature`, alice)).toMatchObject({ id, featuring: true })
        expect(await client.get('/api/v1/featured_tags', alice)).toMatchObject([{ name: 'lighthouse' }])
      }
      for (let time = 0; time < 2; time++)
        expect(await client.post(`${path}/unfeature`, alice)).toMatchObject({ id, featuring: false })
      expect(await client.get('/api/v1/featured_tags', alice)).toEqual([])
    }
    expect(await client.status('/api/v1/tags/1/feature', { as: alice, method: 'POST' })).toBe(404)
  })
})

describe('followed tags', () => {
  it('are told of and paged, the last one first', async () => {
    const reader = await server.person('reader')
    for (const name of ['one', 'Two', 'three']) {
      expect(await follow(reader, name)).toMatchObject({ name: name.toLowerCase(), following: true })
      await follow(reader, name)
    }
    const names = (tags: { name: string }[]) => tags.map(({ name }) => name)
    const response = await client.call('/api/v1/followed_tags?limit=2', { as: reader })
    expect(names(await response.json())).toEqual(['three', 'two'])
    const next = new URL(linksOf(response).next ?? '')
    const last = await client.call(next.pathname + next.search, { as: reader })
    expect(names(await last.json())).toEqual(['one'])
    const end = new URL(linksOf(last).next ?? '')
    const nothing = await client.call(end.pathname + end.search, { as: reader })
    expect([await nothing.json(), nothing.headers.get('link')]).toEqual([[], null])
    expect(await unfollow(reader, 'two')).toMatchObject({ following: false })
    expect(await unfollow(reader, 'two')).toMatchObject({ following: false })
    expect(names(await client.get('/api/v1/followed_tags', reader))).toEqual(['three', 'one'])
    expect(await client.get('/api/v1/followed_tags', alice)).toEqual([])
    expect((await client.get('/api/v2/search?q=one&type=hashtags', reader)).hashtags[0].following).toBe(true)
  })

  it('bring public notes of others home, answers too, once each, until they are followed no longer', async () => {
    const reader = await server.person('tagged')
    await follow(reader, 'sea')
    await follow(reader, 'light')
    const both = await post(bob, '#sea and #Light')
    const answer = await post(bob, '#light', { in_reply_to_id: (await post(carol, 'hm')).id })
    const others = await Promise.all([
      ...['unlisted', 'private'].map((visibility) => post(bob, '#sea', { visibility })),
      post(bob, 'about nothing'),
      client.post(`/api/v1/statuses/${both.id}/reblog`, carol),
    ])
    const own = await post(reader, 'my own #sea')
    expect(await home(reader)).toEqual([own.id, answer.id, both.id])
    expect(others).toHaveLength(4)
    await unfollow(reader, 'sea')
    expect(await home(reader)).toEqual([own.id, answer.id, both.id])
    await client.post(`/api/v1/accounts/${bob.accountId}/follow`, reader)
    await unfollow(reader, 'light')
    expect(await home(reader)).toContain(both.id)
    await client.post(`/api/v1/accounts/${bob.accountId}/unfollow`, reader)
    expect(await home(reader)).toEqual([own.id])
  })

  it('leave the feed with what they brought', async () => {
    const reader = await server.person('leaving')
    await follow(reader, 'sand')
    const note = await post(bob, '#sand')
    expect(await home(reader)).toEqual([note.id])
    await unfollow(reader, 'sand')
    expect(await home(reader)).toEqual([])
  })

  it('bring nothing by whom one refuses, is refused by, or keeps on an exclusive list', async () => {
    const reader = await server.person('choosy')
    await follow(reader, 'shell')
    const people = await Promise.all(
      ['blocked', 'blocking', 'muted', 'listed', 'welcome'].map((name) => server.person(name)),
    )
    const [blocked, , muted, listed, welcome] = people.map(({ accountId }) => accountId)
    await client.post(`/api/v1/accounts/${blocked}/block`, reader)
    await client.post(`/api/v1/accounts/${muted}/mute`, reader)
    await client.post(`/api/v1/accounts/${reader.accountId}/block`, people[1] ?? reader)
    await client.post(`/api/v1/accounts/${listed}/follow`, reader)
    const list = await client.post('/api/v1/lists', reader, { title: 'x', exclusive: true })
    await client.post(`/api/v1/lists/${list.id}/accounts`, reader, { account_ids: [listed] })
    const notes = new Map<string, string>()
    for (const person of people) notes.set(person.accountId, (await post(person, 'a #shell')).id)
    const entries = await server.app.db
      .selectFrom('home_entries')
      .select('note_id')
      .where('account_id', '=', reader.accountId)
      .execute()
    expect(entries.map(({ note_id }) => note_id)).toEqual([notes.get(welcome ?? '')])
  })
})

describe('the timeline of a tag', () => {
  it('is widened by any, narrowed by all and none, four of each', async () => {
    const names = ['red', 'green', 'blue', 'red #green', 'red #blue', 'red #green #blue', 'grey', 'black']
    const ids: Record<string, string> = {}
    for (const name of names) ids[name] = (await post(alice, `#${name}`)).id
    const found = async (query: string) => {
      const feed = idsOf(await client.get(`/api/v1/timelines/tag/red?${query}`, bob))
      expect(idsOf(await client.get(`/api/v1/timelines/tag/red?${query}`))).toEqual(feed)
      expect(feed).toEqual([...feed].sort((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1)))
      return names.filter((name) => feed.includes(ids[name] ?? ''))
    }
    const red = ['red', 'red #green', 'red #blue', 'red #green #blue']
    expect(await found('')).toEqual(red)
    expect(await found('any[]=Green')).toEqual(names.filter((name) => /red|green/.test(name)))
    expect(await found('any[]=unheard&any[]=green&any[]=blue')).toEqual(names.slice(0, 6))
    expect(await found('all[]=green')).toEqual(['red #green', 'red #green #blue'])
    expect(await found('all[]=green&all[]=BLUE')).toEqual(['red #green #blue'])
    expect(await found('all[]=unheard')).toEqual([])
    expect(await found('none[]=green&none[]=unheard')).toEqual(['red', 'red #blue'])
    expect(await found('any[]=grey&none[]=red')).toEqual(['grey'])
    expect(await found('any[]=a&any[]=b&any[]=c&any[]=grey&any[]=black')).toEqual([...red, 'grey'])
    expect(await found('all=green&local=true')).toEqual(['red #green', 'red #green #blue'])
    expect(await found('any[]=green&only_media=true')).toEqual([])
    expect(await found('any[]=green&remote=true')).toEqual([])
    expect(await found('any[x]=1&all[]=')).toEqual(red)
  })

  it('is read to its end by following next, each note once, whatever it is widened by', async () => {
    const written: string[] = []
    for (const tags of ['#ebb', '#flood', '#ebb #flood', '#flood', '#ebb'])
      written.unshift((await post(alice, tags)).id)
    const read: string[] = []
    for (let path: string | undefined = '/api/v1/timelines/tag/ebb?any[]=flood&limit=2'; path; ) {
      const response: Response = await client.call(path, { as: bob })
      read.push(...idsOf(await response.json()))
      const { next } = linksOf(response)
      path = next && new URL(next).pathname + new URL(next).search
    }
    expect(read).toEqual(written)
    const upward = `/api/v1/timelines/tag/ebb?any[]=flood&limit=2&min_id=${written[4]}`
    expect(idsOf(await client.get(upward, bob))).toEqual(written.slice(2, 4))
  })
})
