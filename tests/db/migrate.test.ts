import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Connection, connect } from '#src/db/connect.ts'
import { isMigrated, migrateToLatest } from '#src/db/migrate.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
const others: Connection[] = []

beforeAll(async () => {
  database = await createTestDatabase()
})

afterAll(async () => {
  for (const other of others) await other.close()
  await database.destroy()
})

function anotherConnection(): Connection {
  const other = connect(database.url)
  others.push(other)
  return other
}

test('a copy of the template is migrated', async () => {
  expect(await isMigrated(database.db)).toBe(true)
})

test('two processes that start at once leave one migrated schema', async () => {
  await sql`drop schema public cascade`.execute(database.db)
  await sql`create schema public`.execute(database.db)
  expect(await isMigrated(database.db)).toBe(false)
  const starts = [anotherConnection(), anotherConnection(), anotherConnection()]
  await Promise.all(starts.map((start) => migrateToLatest(start.db)))
  expect(await isMigrated(database.db)).toBe(true)
})

test('what a number cannot hold comes as a string', async () => {
  const { rows } = await sql`
    select 9007199254740993::bigint as id, 0.1::numeric as price, '{"a":1}'::jsonb as json,
      '2026-01-02T03:04:05Z'::timestamptz as at`.execute(database.db)
  expect(rows).toEqual([
    { id: '9007199254740993', price: '0.1', json: { a: 1 }, at: new Date('2026-01-02T03:04:05Z') },
  ])
})

test('a connection that Postgres ends while idle is replaced', async () => {
  const lost: Error[] = []
  const watched = connect(database.url, { maxConnections: 1, onConnectionLost: (error) => lost.push(error) })
  others.push(watched)
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(watched.db)
  await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.db)
  await expect.poll(() => lost.length).toBe(1)
  expect((await sql`select 1 as one`.execute(watched.db)).rows).toEqual([{ one: 1 }])
})
