import { Kysely, PostgresDialect, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storeRemoteNotes } from '#federation/remote/store-notes.ts'
import { type Account, getAccount } from '#src/db/accounts.ts'
import { buryUri } from '#src/db/remote-notes.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// Notes of other servers that are stored together, in one transaction.

const as = (term: string) => `https://www.w3.org/ns/activitystreams#${term}`
const id = (uri: string) => ({ '@id': uri })
const text = (value: string) => [{ '@value': value }]

let server: TestServer
let alice: TestPerson
let bob: Account
let carol: Account
let made = 0

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  bob = await remoteAccount('bob')
  carol = await remoteAccount('carol')
  await followBob(alice)
})
afterAll(() => server.close())

async function remoteAccount(username: string): Promise<Account> {
  const uri = `https://far.example/users/${username}`
  return server.app.db
    .insertInto('accounts')
    .values({
      username,
      domain: 'far.example',
      uri,
      url: uri,
      inbox_uri: `${uri}/inbox`,
      followers_uri: `${uri}/followers`,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function followBob(person: TestPerson): Promise<void> {
  await followAccount(server.app, person.accountId, bob.id)
  await server.app.db.updateTable('follows').set({ state: 'accepted' }).execute()
}

const newUri = () => `https://far.example/notes/${++made}`

/** As it comes out of an expansion. */
function noteBy(author: Account, changes: Record<string, unknown> = {}) {
  const node = {
    '@id': newUri(),
    '@type': [as('Note')],
    [as('attributedTo')]: [id(author.uri)],
    [as('to')]: [id(as('Public'))],
    [as('cc')]: [id(`${author.uri}/followers`)],
    [as('content')]: text('<p>Hello</p>'),
    ...changes,
  }
  return { node, author, uri: String(node['@id']) }
}

const answering = (uri: string) => ({ [as('inReplyTo')]: [id(uri)] })
const mentioning = (...people: Account[]) => ({
  [as('tag')]: people.map(({ uri }) => ({ '@type': [as('Mention')], [as('href')]: [id(uri)] })),
})
const tagged = (...names: string[]) => ({
  [as('tag')]: names.map((name) => ({ '@type': [as('Hashtag')], [as('name')]: text(`#${name}`) })),
})

const store = (...notes: ReturnType<typeof noteBy>[]) =>
  storeRemoteNotes(server.app, notes, { isAsked: false })
const row = (uri: string) =>
  server.app.db.selectFrom('notes').selectAll().where('uri', '=', uri).executeTakeFirst()
const countOf = async (account: Account) => (await getAccount(server.app.db, account.id)).notes_count
const homeOf = async (person: TestPerson, ids: (Id | undefined)[]) =>
  (
    await server.app.db
      .selectFrom('home_entries')
      .select('note_id')
      .where('account_id', '=', person.accountId)
      .where(
        'note_id',
        'in',
        ids.filter((one) => one !== undefined),
      )
      .execute()
  ).map(({ note_id }) => note_id)

describe('notes that are stored together', () => {
  it('each have what is theirs', async () => {
    const before = await countOf(bob)
    const plain = noteBy(bob)
    const both = noteBy(bob, tagged('boats', `new${made}`))
    const told = noteBy(carol, mentioning(alice.account))
    const ids = await store(plain, both, told)
    expect(ids).toEqual([expect.any(String), expect.any(String), expect.any(String)])
    expect(await Promise.all([plain, both, told].map(({ uri }) => row(uri)))).toMatchObject([
      { id: ids[0], account_id: bob.id },
      { id: ids[1], account_id: bob.id },
      { id: ids[2], account_id: carol.id },
    ])
    const tags = await sql<{ note_id: Id; name: string }>`
      select note_id, name from note_tags join tags on tags.id = tag_id where note_id = any(${ids}::bigint[])
      order by name`.execute(server.app.db)
    expect(tags.rows).toEqual([
      { note_id: ids[1], name: 'boats' },
      { note_id: ids[1], name: expect.stringMatching(/^new\d+$/) },
    ])
    expect(await countOf(bob)).toBe(before + 2)
    expect((await homeOf(alice, ids)).sort()).toEqual([ids[0], ids[1]].sort())
    const notifications = await server.app.db
      .selectFrom('notifications')
      .select(['kind', 'note_id', 'from_account_id'])
      .where('account_id', '=', alice.accountId)
      .execute()
    expect(notifications).toEqual([{ kind: 'mention', note_id: ids[2], from_account_id: carol.id }])
  })

  it('answer one another, whichever stands first', async () => {
    const root = noteBy(bob)
    const late = noteBy(carol, answering(root.uri))
    const early = noteBy(bob, answering(late.uri))
    // Of Carol's, whom nobody here follows, the answers to Bob's are wanted.
    const [earlyId, lateId, rootId] = await store(early, late, root)
    expect(await row(root.uri)).toMatchObject({ id: rootId, replies_count: 1 })
    expect(await row(late.uri)).toMatchObject({ id: lateId, in_reply_to_id: rootId, replies_count: 1 })
    expect(await row(early.uri)).toMatchObject({ id: earlyId, in_reply_to_id: lateId })
    const parent = noteBy(bob)
    const child = noteBy(bob, answering(parent.uri))
    await store(child, parent)
    expect(await row(parent.uri)).toMatchObject({ replies_count: 1 })
    expect(await homeOf(alice, [(await row(child.uri))?.id])).toHaveLength(1)
  })

  it('are stored once where one comes twice, and not where it was deleted before it came', async () => {
    const before = await countOf(bob)
    const twice = noteBy(bob)
    const buried = noteBy(bob)
    const { app } = server
    await app.db
      .transaction()
      .execute((trx) => buryUri(trx, { uri: buried.uri, byUri: bob.uri, kind: 'note', now: app.clock.now() }))
    const ids = await store(twice, buried, twice)
    expect(ids).toEqual([expect.any(String), undefined, ids[0]])
    expect(await row(buried.uri)).toBeUndefined()
    expect(await store(twice, buried)).toEqual([ids[0], undefined])
    expect(await countOf(bob)).toBe(before + 1)
  })

  it('leave out what nobody here has a reason to get, and what is not its author’s', async () => {
    const stranger = noteBy(carol)
    const forged = noteBy(bob, { [as('attributedTo')]: [id(carol.uri)] })
    const elsewhere = noteBy(bob, { '@id': 'https://other.example/notes/1' })
    const wanted = noteBy(bob)
    expect(await store(stranger, forged, elsewhere, wanted)).toEqual([
      undefined,
      undefined,
      undefined,
      expect.any(String),
    ])
  })

  it('count exactly, though several transactions write by the same people and answer the same note', async () => {
    const root = noteBy(bob)
    await store(root)
    const before = [await countOf(bob), await countOf(carol)]
    const batch = (first: Account, second: Account) =>
      Array.from({ length: 6 }, (_, index) => noteBy(index % 2 ? first : second, answering(root.uri)))
    const batches = Array.from({ length: 8 }, (_, index) =>
      index % 2 ? batch(bob, carol) : batch(carol, bob),
    )
    // Each twice, at once.
    await Promise.all([...batches, ...batches].map((notes) => store(...notes)))
    expect(await row(root.uri)).toMatchObject({ replies_count: 48 })
    expect([await countOf(bob), await countOf(carol)]).toEqual(before.map((count) => count + 24))
  })

  it('take as many statements as one does', async () => {
    const fewest = await countStatements(1)
    expect(await countStatements(40)).toBe(fewest)
    expect(fewest).toBeLessThanOrEqual(18)
  })
})

async function countStatements(notes: number): Promise<number> {
  let statements = 0
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: server.app.pool }),
    log: () => {
      statements += 1
    },
  })
  await store(noteBy(bob, tagged('counted')))
  const arrivals = Array.from({ length: notes }, () => noteBy(bob, tagged('counted')))
  const ids = await storeRemoteNotes({ ...server.app, db }, arrivals, { isAsked: false })
  expect(ids.filter((one) => one !== undefined)).toHaveLength(notes)
  return statements
}
