import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '#src/db/connect.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.destroy())

const endConnections = () =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(database.db)

it('survives the loss of a connection between two statements of a transaction', async () => {
  const { db, pool, close } = connect(database.url)
  const ended = new Promise((resolve) => pool.once('connect', (client) => client.once('end', resolve)))
  const transaction = db.transaction().execute(async (trx) => {
    await sql`select 1`.execute(trx)
    await endConnections()
    // The end of the connection arrives here, while nobody waits for an answer.
    await ended
    await sql`select 2`.execute(trx)
  })
  await expect(transaction).rejects.toThrow()
  const { rows } = await sql<{ answer: number }>`select 42 as answer`.execute(db)
  expect(rows).toEqual([{ answer: 42 }])
  await close()
})

it('reads what a number cannot hold as a string', async () => {
  const { rows } = await sql`select 9007199254740993::bigint as id, now() as at`.execute(database.db)
  expect(rows).toEqual([{ id: '9007199254740993', at: expect.any(Date) }])
})
