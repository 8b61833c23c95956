import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NotificationKind } from '#src/db/tables.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity, idsOf, linksOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let others: TestPerson[]
let noteIds: string[]

const grouped = '/api/v2/notifications'

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  alice = await server.person('alice')
  others = await Promise.all(['bob', 'carol', 'dave', 'erin', 'frank'].map((name) => server.person(name)))
  noteIds = []
  for (const status of ['one', 'two', 'three'])
    noteIds.push(String((await client.post('/api/v1/statuses', alice, { status })).id))
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.app.db.deleteFrom('notifications').execute()
  await server.app.db.deleteFrom('likes').execute()
  await server.app.db.deleteFrom('follows').execute()
})

const like = (person: TestPerson | undefined, noteId: string | undefined) =>
  client.post(`/api/v1/statuses/${noteId}/favourite`, person as TestPerson)

const groupsOf = async (query = ''): Promise<Entity> =>
  (await client.get(`${grouped}?${query}`, alice)).notification_groups

const hourNow = () => Math.floor(Date.now() / 3_600_000)

/** Makes the groups there are so many hours older. */
async function age(hours: number): Promise<void> {
  await sql`
    update notifications set group_key = regexp_replace(group_key, '\\d+$', '') || ${hourNow() - hours}::text
    where group_key is not null`.execute(server.app.db)
}

describe('a group', () => {
  it('holds the likes of one note, the boosts of one note, and the follows; all else stands alone', async () => {
    for (const person of others.slice(0, 2)) {
      await client.post(`/api/v1/accounts/${alice.accountId}/follow`, person)
      await like(person, noteIds[0])
      await like(person, noteIds[1])
      await client.post('/api/v1/statuses', person, { status: '@alice hello' })
      await client.call(`/api/v1/pleroma/statuses/${noteIds[0]}/reactions/🔥`, { as: person, method: 'PUT' })
    }
    await client.post(`/api/v1/statuses/${noteIds[2]}/reblog`, others[0] as TestPerson)
    const groups = await groupsOf()
    const told = groups.map((group: Entity) => [group.type, group.notifications_count])
    expect(told).toEqual([
      ['reblog', 1],
      ['pleroma:emoji_reaction', 1],
      ['mention', 1],
      ['favourite', 2],
      ['favourite', 2],
      ['follow', 2],
      ['pleroma:emoji_reaction', 1],
      ['mention', 1],
    ])
    const keys = groups.map((group: Entity) => group.group_key)
    expect(keys[0]).toMatch(new RegExp(`^reblog-${noteIds[2]}-\\d+$`))
    expect(keys[3]).toMatch(new RegExp(`^favourite-${noteIds[1]}-\\d+$`))
    expect(keys[5]).toMatch(/^follow-\d+$/)
    expect(keys[2]).toMatch(/^ungrouped-\d+$/)
    expect(new Set(keys).size).toBe(keys.length)
    const [newest] = await client.get('/api/v1/notifications?types[]=favourite&limit=1', alice)
    expect(newest.group_key).toBe(keys[3])
  })

  it.each([
    { hours: 0, groups: 1 },
    { hours: 11, groups: 1 },
    { hours: 12, groups: 2 },
    { hours: 30, groups: 2 },
  ])('is $groups when the second like comes $hours hours after the first', async ({ hours, groups }) => {
    await like(others[0], noteIds[0])
    await age(hours)
    await like(others[1], noteIds[0])
    expect(await groupsOf()).toHaveLength(groups)
  })

  it('names eight who did it last, counts all, and shows accounts and notes once each', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, (_, index) => server.person(`fan${index}`)))
    for (const person of [...others, ...many]) await like(person, noteIds[0])
    await like(others[0], noteIds[1])
    const page = await client.get(grouped, alice)
    expect(page.notification_groups).toHaveLength(2)
    const [, group] = page.notification_groups
    const likers = [...others, ...many].map(({ accountId }) => accountId).reverse()
    expect(group).toMatchObject({
      notifications_count: 10,
      sample_account_ids: likers.slice(0, 8),
      status_id: noteIds[0],
    })
    expect(idsOf(page.statuses).sort()).toEqual(noteIds.slice(0, 2))
    expect(idsOf(page.accounts).sort()).toEqual([others[0]?.accountId, ...likers.slice(0, 8)].sort())
    const text = await (await client.call(grouped, { as: alice })).text()
    // With all its digits: a number of JavaScript has not as many.
    expect(text).toContain(`"most_recent_notification_id":${group.page_max_id},`)

    const partial = await client.get(`${grouped}?expand_accounts=partial_avatars`, alice)
    expect(idsOf(partial.accounts).sort()).toEqual([others[0]?.accountId, likers[0]].sort())
    expect(idsOf(partial.partial_accounts)).toEqual(likers.slice(1, 8))
    expect(Object.keys(partial.partial_accounts[0]).sort()).toEqual(
      ['acct', 'avatar', 'avatar_static', 'bot', 'id', 'locked', 'url'].sort(),
    )
    expect(await client.status(`${grouped}?expand_accounts=all`, { as: alice })).toBe(422)
  })

  it('is read, listed by who is in it and dismissed by its key, and by its owner alone', async () => {
    for (const person of others) await like(person, noteIds[0])
    await like(others[0], noteIds[1])
    const [kept, group] = await groupsOf()
    const path = `${grouped}/${group.group_key}`
    const whole = await client.get(path, alice)
    expect(whole.notification_groups).toMatchObject([{ group_key: group.group_key, notifications_count: 5 }])
    expect(whole.notification_groups[0]).not.toHaveProperty('page_max_id')
    const first = await client.call(`${path}/accounts?limit=3`, { as: alice })
    const next = new URL(linksOf(first).next ?? '')
    const listed = [
      ...idsOf(await first.json()),
      ...idsOf(await client.get(next.pathname + next.search, alice)),
    ]
    expect(listed).toEqual(others.map(({ accountId }) => accountId).reverse())

    const stranger = others[0] as TestPerson
    expect(await client.status(path, { as: stranger })).toBe(404)
    expect(await client.get(`${path}/accounts`, stranger)).toEqual([])
    expect(await client.post(`${path}/dismiss`, stranger)).toEqual({})
    expect(await groupsOf()).toHaveLength(2)
    expect(await client.post(`${path}/dismiss`, alice)).toEqual({})
    expect((await groupsOf()).map((one: Entity) => one.group_key)).toEqual([kept.group_key])
    expect(await client.status(path, { as: alice })).toBe(404)
  })

  it('that is of one stands under its own id', async () => {
    await client.post('/api/v1/statuses', others[0] as TestPerson, { status: '@alice hello' })
    const [{ group_key: key }] = await groupsOf()
    const { notification_groups: found, statuses } = await client.get(`${grouped}/${key}`, alice)
    expect(found).toMatchObject([{ group_key: key, type: 'mention', status_id: statuses[0].id }])
    expect(idsOf(await client.get(`${grouped}/${key}/accounts`, alice))).toEqual([others[0]?.accountId])
    await client.post(`${grouped}/${key}/dismiss`, alice)
    expect(await groupsOf()).toEqual([])
    for (const junk of ['ungrouped-x', 'favourite-1', 'nothing-1-2', 'ungrouped-99999999999999999999'])
      expect(await client.status(`${grouped}/${junk}`, { as: alice })).toBe(404)
  })

  it('is only of the types that are asked for, and is counted as one', async () => {
    for (const person of others) {
      await like(person, noteIds[0])
      await client.post(`/api/v1/accounts/${alice.accountId}/follow`, person)
    }
    expect(await groupsOf()).toHaveLength(2)
    expect(await groupsOf('grouped_types[]=favourite')).toHaveLength(6)
    expect(await groupsOf('grouped_types[]=mention')).toHaveLength(10)
    expect(await groupsOf('types[]=follow')).toHaveLength(1)
    expect(await groupsOf('exclude_types[]=follow&exclude_types[]=favourite')).toEqual([])
    expect(await groupsOf(`account_id=${others[0]?.accountId}`)).toHaveLength(2)
    expect(await client.get(`${grouped}/unread_count`, alice)).toEqual({ count: 2 })
    expect(await client.get(`${grouped}/unread_count?limit=1`, alice)).toEqual({ count: 1 })
    expect(await client.get(`${grouped}/unread_count?grouped_types[]=follow`, alice)).toEqual({ count: 6 })
    expect(await client.get('/api/v1/notifications/unread_count', alice)).toEqual({ count: 10 })
    expect(await client.get('/api/v1/notifications/unread_count?limit=3', alice)).toEqual({ count: 3 })
    expect(await client.get('/api/v1/notifications/unread_count?types[]=follow', alice)).toEqual({ count: 5 })
    await client.post('/api/v2/notifications/clear', alice)
    expect(await client.get(`${grouped}/unread_count`, alice)).toEqual({ count: 0 })
  })
})

const kinds: NotificationKind[] = ['like', 'boost', 'follow', 'mention']
type Row = { id: string; key: string }

/** Tells Alice of many things; each kind, person and note once, some of them in groups. */
async function tell(wanted: { kind: number; person: number; note: number; hour: number }[]): Promise<Row[]> {
  await server.app.db.deleteFrom('notifications').execute()
  const rows: Row[] = []
  const typeOf = { like: 'favourite', boost: 'reblog' } as Record<string, string>
  for (const { kind: index, person, note, hour } of wanted) {
    const kind = kinds[index] ?? 'like'
    const noteId = kind === 'follow' ? null : (noteIds[note] ?? null)
    const key = kind === 'mention' ? null : [kind, noteId, 100_000 + hour].filter(Boolean).join('-')
    const inserted = await server.app.db
      .insertInto('notifications')
      .values({
        account_id: alice.accountId,
        kind,
        from_account_id: others[person]?.accountId ?? '',
        note_id: noteId,
        group_key: key,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (inserted)
      rows.push({
        id: inserted.id,
        key: key ? `${typeOf[kind] ?? kind}${key.slice(kind.length)}` : `ungrouped-${inserted.id}`,
      })
  }
  return rows
}

/** The ids that the pages stand for, going along one relation until nothing comes any more. */
async function walk(rows: Row[], start: string, relation: 'next' | 'prev'): Promise<string[]> {
  const seen: string[] = []
  let path: string | undefined = start
  for (let pages = 0; path; pages++) {
    // More pages than there are notifications would be a loop.
    expect(pages).toBeLessThanOrEqual(rows.length + 1)
    const response: Response = await client.call(path, { as: alice })
    const { notification_groups: groups } = (await response.json()) as Entity
    for (const { group_key: key, page_min_id: least, page_max_id: most } of groups) {
      const within = ({ id }: Row) => BigInt(id) >= BigInt(least) && BigInt(id) <= BigInt(most)
      seen.push(...rows.filter((row) => row.key === key && within(row)).map(({ id }) => id))
    }
    const link: string | undefined = linksOf(response)[relation]
    path = link && new URL(link).pathname + new URL(link).search
  }
  return seen
}

it('pages through every notification once, in either direction', async () => {
  const one = fc.record({
    kind: fc.nat(3),
    person: fc.nat(4),
    note: fc.nat(2),
    hour: fc.nat(1),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(one, { maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      async (wanted, limit) => {
        const rows = await tell(wanted)
        const ids = rows.map(({ id }) => id).sort()
        expect((await walk(rows, `${grouped}?limit=${limit}`, 'next')).sort()).toEqual(ids)
        expect((await walk(rows, `${grouped}?limit=${limit}&min_id=0`, 'prev')).sort()).toEqual(ids)
      },
    ),
    { numRuns: 25 },
  )
}, 120_000)
