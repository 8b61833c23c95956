import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { seed } from './seed.ts'

const publicUrl = 'http://localhost:3000'
const silent = { step: () => undefined, count: () => undefined, line: () => undefined, end: () => undefined }
const wanted = 2_000

let database: TestDatabase
let sql: pg.Client
const newcomers: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  sql = new pg.Client({ connectionString: database.url })
  await sql.connect()
  await sql.query(
    `with person as (insert into accounts (username, uri, url, inbox_uri)
       values ('alice', 'urn:alice', 'urn:alice', 'urn:alice/inbox') returning id)
     insert into users (account_id, email, password_hash) select id, 'alice@mail.example', '-' from person`,
  )
  // Twice, since a database may be made larger still.
  for (const notes of [wanted / 2, wanted / 2]) {
    const giveKeys = async (ids: string[]) => void newcomers.push(...ids)
    await seed(sql, { notes, publicUrl, progress: silent, giveKeys, isChecked: true })
  }
})
afterAll(async () => {
  await sql.end()
  await database.destroy()
})

async function count(text: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(`select count(*)::int as count ${text}`)
  return rows[0]?.count ?? Number.NaN
}

describe('a seeded database', () => {
  it('holds as many notes as were asked for, whatever the schema has become', async () => {
    expect(await count('from notes')).toBe(wanted)
  })

  it.each([
    'mentions',
    'note_tags',
    'media',
    'likes',
    'follows',
    'home_entries',
    'notifications',
    'instances',
  ])('has rows in %s', async (table) => {
    expect(await count(`from ${table}`)).toBeGreaterThan(10)
  })

  it('has notes of here and elsewhere that answer and boost each other', async () => {
    const kinds = ['is_local', 'not is_local', 'in_reply_to_id is not null', 'boost_of_id is not null']
    for (const kind of kinds) expect(await count(`from notes where ${kind}`), kind).toBeGreaterThan(50)
  })

  it('counts what is there', async () => {
    const wrong = `from notes where
      replies_count <> (select count(*) from notes as other where other.in_reply_to_id = notes.id)
      or boosts_count <> (select count(*) from notes as other where other.boost_of_id = notes.id)
      or likes_count <> (select count(*) from likes where likes.note_id = notes.id)`
    expect(await count(wrong)).toBe(0)
    const wrongAccounts = `from accounts where
      notes_count <> (select count(*) from notes where notes.account_id = accounts.id)
      or followers_count <> (select count(*) from follows where followee_id = accounts.id)
      or following_count <> (select count(*) from follows where follower_id = accounts.id)`
    expect(await count(wrongAccounts)).toBe(0)
  })

  it('has ids of the moment each note was published, none of them to come', async () => {
    const wrong = `from notes
      where abs((id >> 16) - extract(epoch from published_at) * 1000) > 1 or published_at > now()`
    expect(await count(wrong)).toBe(0)
  })

  it('has a conversation that answers share with what they answer', async () => {
    const wrong = `from notes join notes as parent on parent.id = notes.in_reply_to_id
      where notes.conversation_uri <> parent.conversation_uri or notes.in_reply_to_uri <> parent.uri
        or notes.in_reply_to_account_id <> parent.account_id`
    expect(await count(wrong)).toBe(0)
  })

  it('shows people of here what they follow, and tells them what concerns them', async () => {
    const strange = `from home_entries as entry where author_id <> entry.account_id and not exists (
      select from follows where follower_id = entry.account_id and followee_id = entry.author_id)`
    expect(await count(strange)).toBe(0)
    expect(
      await count('from notifications join accounts on accounts.id = account_id where domain is not null'),
    ).toBe(0)
  })

  it('lets who was here before follow and hear as the others do, and followed by nobody elsewhere', async () => {
    const alice = `(select id from accounts where username = 'alice')`
    expect(await count(`from home_entries where account_id = ${alice}`)).toBeGreaterThan(10)
    expect(await count(`from notifications where account_id = ${alice}`)).toBeGreaterThan(5)
    const distant = `from follows join accounts on accounts.id = follower_id
      where followee_id = ${alice} and domain is not null`
    expect(await count(distant)).toBe(0)
  })

  it('asks for keys for everyone who came new to this server', async () => {
    expect(newcomers).toHaveLength(await count(`from users where email not like 'alice%'`))
  })

  it('leaves nothing behind on its connection', async () => {
    const { rows } = await sql.query('show session_replication_role')
    expect(rows).toEqual([{ session_replication_role: 'origin' }])
    expect(await count(`from pg_tables where tablename like 'seed_%'`)).toBe(0)
  })
})
