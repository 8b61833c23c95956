import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesWhatIsShown } from '#src/db/changes.ts'
import { type Connection, connect } from '#src/db/connect.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
let own: Connection
beforeAll(async () => {
  database = await createTestDatabase()
  own = connect(database.url, { maxConnections: 2 })
})
afterAll(async () => {
  await own.close()
  await database.destroy()
})

describe('a statement', () => {
  it.each([
    'insert into "notes" ("uri") values ($1)',
    'update "accounts" set "name" = $1',
    'delete from "blocks" where "id" = $1',
    'with gone as (delete from likes returning note_id) select * from gone',
    'with queued as (insert into jobs (name) values ($1)) update notes set likes_count = 0',
    '\n    insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = $2',
  ])('that writes what is shown is a change: %s', (text) => {
    expect(changesWhatIsShown(text)).toBe(true)
  })

  it.each([
    'select * from notes for update',
    'with recursive chain as (select id from notes) select * from chain',
    'insert into "jobs" ("name") values ($1) on conflict do update set run_at = now()',
    `with due as (select id from jobs for update skip locked)
      update jobs set lease_token = $1 from due where jobs.id = due.id`,
    'select id from notes for no key update of notes',
    'begin',
    'commit',
  ])('that reads, or writes what nobody is shown, is none: %s', (text) => {
    expect(changesWhatIsShown(text)).toBe(false)
  })
})

const mark = sql`insert into settings (name, value) values (gen_random_uuid()::text, '1')`

it('counts a change at once, and again when its transaction ends', async () => {
  const { db, changes } = own
  const before = changes.count
  await mark.execute(db)
  expect(changes.count).toBe(before + 1)
  await sql`select 1`.execute(db)
  let inside = 0
  await db.transaction().execute(async (trx) => {
    await mark.execute(trx)
    inside = changes.count
    await sql`select 1`.execute(trx)
  })
  expect(inside).toBe(before + 2)
  expect(changes.count).toBe(before + 3)
})

it('counts a change whose answer was an error, and no transaction that only read', async () => {
  const { db, changes } = own
  const before = changes.count
  await expect(sql`insert into settings (name) values (null)`.execute(db)).rejects.toThrow()
  expect(changes.count).toBe(before + 1)
  const idle = connect(database.url, { maxConnections: 1 })
  await idle.db.transaction().execute((trx) => sql`select 1`.execute(trx))
  expect(idle.changes.count).toBe(0)
  await idle.close()
})
