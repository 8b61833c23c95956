import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { countTrends } from '#src/timelines/trends.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
/** They let themselves be found. */
let people: TestPerson[]
let shy: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  people = await Promise.all(['anna', 'ben', 'cleo', 'dan'].map((name) => server.person(name)))
  shy = await server.person('shy')
  for (const person of [...people, shy])
    await client.call('/api/v1/accounts/update_credentials', {
      as: person,
      json: { discoverable: person !== shy },
      method: 'PATCH',
    })
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.app.db.deleteFrom('notes').execute()
})

const some = (count: number) => people.slice(0, count)

async function write(by: TestPerson[], status: string, form: object = {}): Promise<string[]> {
  const ids: string[] = []
  for (const person of by) ids.push((await client.post('/api/v1/statuses', person, { status, ...form })).id)
  return ids
}

/** As if they had been written then: an id is a moment. */
async function moveBack(ids: string[], days: number): Promise<void> {
  const { db } = server.app
  for (const id of ids) {
    const earlier = String(BigInt(id) - (BigInt(days * 86_400_000) << 16n))
    await sql`insert into notes select (jsonb_populate_record(notes, jsonb_build_object(
      'id', ${earlier}::bigint, 'uri', uri || ${`?${days}`}, 'url', url))).* from notes where id = ${id}`.execute(
      db,
    )
    await sql`insert into note_tags (note_id, tag_id) select ${earlier}::bigint, tag_id from note_tags
      where note_id = ${id}`.execute(db)
    await db.deleteFrom('notes').where('id', '=', id).execute()
  }
}

async function trending(kind: string, query = '', as?: TestPerson) {
  await countTrends(server.app)
  return client.get(`/api/v1/trends/${kind}${query}`, as)
}

const namesOf = (tags: { name: string }[]) => tags.map(({ name }) => name)

describe('hashtags trend', () => {
  it('by how many people use them, not how often', async () => {
    await write(some(3), 'A #harbour')
    await write(some(2), 'A #boat')
    await write([...some(1), ...some(1), ...some(1), ...some(1)], 'My #product')
    const tags = await trending('tags')
    expect(namesOf(tags)).toEqual(['harbour', 'boat'])
    const [{ history, url }] = tags
    expect(url).toContain('/tags/harbour')
    expect(history).toHaveLength(7)
    expect(history[0]).toEqual({ day: expect.stringMatching(/^\d+$/), uses: '3', accounts: '3' })
    expect(Number(history[0].day) - Number(history[1].day)).toBe(86_400)
    expect(history[1]).toMatchObject({ uses: '0', accounts: '0' })
  })

  it('when more people use them than in the days before', async () => {
    for (let day = 1; day <= 7; day += 1) await moveBack(await write(some(3), 'Again #monday'), day)
    await write(some(3), 'Again #monday')
    await write(some(2), 'Look, #snow')
    expect(namesOf(await trending('tags'))).toEqual(['snow'])
    await write(people.slice(3), 'And again #monday')
    expect(namesOf(await trending('tags'))).toEqual(['snow', 'monday'])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['what is not public', () => write(some(3), 'A #secret', { visibility: 'unlisted' })],
    ['who does not want to be found', () => write([shy, ...some(1)], 'A #secret')],
    ['what was long ago', async () => moveBack(await write(some(3), 'A #secret'), 2)],
  ])('but not by %s', async (_, prepare) => {
    await prepare()
    await write(some(2), 'An open #door')
    expect(namesOf(await trending('tags'))).toEqual(['door'])
  })

  it('page by page', async () => {
    for (const tag of ['one', 'two', 'three']) await write(some(2), `#${tag}`)
    await countTrends(server.app)
    const first = await client.call('/api/v1/trends/tags?limit=2')
    const { next, prev } = linksOf(first)
    expect(prev).toBeUndefined()
    const rest = await client.call(next?.replace(server.url, '') ?? '')
    const names = namesOf([...(await first.json()), ...(await rest.json())])
    expect(new Set(names)).toEqual(new Set(['one', 'two', 'three']))
    expect(linksOf(rest)).toEqual({ prev: expect.stringContaining('offset=0') })
    expect(await client.get('/api/v1/trends/tags?offset=99')).toEqual([])
  })
})

describe('notes trend', () => {
  const like = async (id: string, ...by: TestPerson[]) => {
    for (const person of by) await client.post(`/api/v1/statuses/${id}/favourite`, person)
  }
  const idsOf = (notes: { id: string }[]) => notes.map(({ id }) => id)

  it('by how many others like or boost them', async () => {
    const [author, ...others] = people
    if (!author) throw new Error('Nobody is there')
    const [liked = '', boosted = '', own = ''] = await write([author, author, author], 'Look')
    await like(liked, ...others)
    for (const person of others.slice(0, 2)) await client.post(`/api/v1/statuses/${boosted}/reblog`, person)
    await like(own, author, ...others.slice(0, 1))
    expect(idsOf(await trending('statuses'))).toEqual([liked, boosted])
  })

  it('not when they are sensitive, or of who does not want to be found', async () => {
    const [sensitive = ''] = await write(some(1), 'Hm', { sensitive: true, spoiler_text: 'Hm' })
    const [shyOne = ''] = await write([shy], 'Hm')
    const [open = ''] = await write(some(1), 'Aha')
    for (const id of [sensitive, shyOne, open]) await like(id, ...people.slice(1))
    expect(idsOf(await trending('statuses'))).toEqual([open])
  })

  it('not for whom their author is blocked by, or blocks', async () => {
    const [author, reader] = people
    if (!author || !reader) throw new Error('Nobody is there')
    const [id = ''] = await write([author], 'Look')
    await like(id, ...people.slice(1))
    expect(idsOf(await trending('statuses', '', reader))).toEqual([id])
    await client.post(`/api/v1/accounts/${author.accountId}/mute`, reader)
    expect(await trending('statuses', '', reader)).toEqual([])
    await client.post(`/api/v1/accounts/${author.accountId}/unmute`, reader)
    await client.post(`/api/v1/accounts/${reader.accountId}/block`, author)
    expect(await trending('statuses', '', reader)).toEqual([])
    expect(idsOf(await trending('statuses'))).toEqual([id])
    await client.post(`/api/v1/accounts/${reader.accountId}/unblock`, author)
  })

  it('until they are deleted', async () => {
    const [id = ''] = await write(some(1), 'Look')
    await like(id, ...people.slice(1))
    expect(idsOf(await trending('statuses'))).toEqual([id])
    await client.call(`/api/v1/statuses/${id}`, { as: people[0], method: 'DELETE' })
    expect(await client.get('/api/v1/trends/statuses')).toEqual([])
  })
})

describe('links trend', () => {
  it('by how many people give them', async () => {
    const card = await server.app.db
      .insertInto('preview_cards')
      .values({ url: 'https://news.example/1', title: 'News', state: 'found' })
      .returning('id')
      .executeTakeFirstOrThrow()
    for (const id of await write(some(3), 'Read this'))
      await server.app.db
        .updateTable('notes')
        .set({ preview_card_id: card.id })
        .where('id', '=', id)
        .execute()
    const links = await trending('links')
    expect(links).toMatchObject([{ url: 'https://news.example/1', title: 'News', type: 'link' }])
    expect(links[0].history[0]).toMatchObject({ uses: '3', accounts: '3' })
  })
})

it('nonsense in the query is drawn into bounds', async () => {
  for (const query of ['?limit=0', '?limit=-5', '?limit=x&offset=-1', '?offset=1e99', '?limit[]=3'])
    for (const kind of ['tags', 'links', 'statuses'])
      expect(await client.status(`/api/v1/trends/${kind}${query}`)).toBe(200)
})
