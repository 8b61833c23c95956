import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Connection, connect } from '#src/db/connect.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'

let database: TestDatabase
/** Has one connection: all that is said is said over it. */
let own: Connection
beforeAll(async () => {
  database = await createTestDatabase()
  own = connect(database.url, { maxConnections: 1 })
  await sql`create table things (id bigint generated always as identity, name text unique)`.execute(own.db)
})
afterAll(async () => {
  await own.close()
  await database.destroy()
})

const preparedTexts = async () => {
  const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(
    own.db,
  )
  return rows.map(({ statement }) => statement)
}

it('keeps the plan of a statement from its second time on, and not of one that came once', async () => {
  const ask = (number: number) => sql`select ${number}::int as twice`.execute(own.db)
  await sql`select ${1}::int as once`.execute(own.db)
  expect((await ask(1)).rows).toEqual([{ twice: 1 }])
  expect(await preparedTexts()).toEqual([])
  expect((await ask(2)).rows).toEqual([{ twice: 2 }])
  expect((await ask(3)).rows).toEqual([{ twice: 3 }])
  const texts = await preparedTexts()
  expect(texts.filter((text) => text.includes('twice'))).toHaveLength(1)
  expect(texts.filter((text) => text.includes('once'))).toEqual([])
})

it('bounds how many plans it keeps', async () => {
  for (let index = 0; index < 1_100; index += 1) {
    const text = `select ${index} as "number ${index}"`
    await sql.raw(text).execute(own.db)
    await sql.raw(text).execute(own.db)
  }
  const texts = await preparedTexts()
  expect(texts.length).toBeGreaterThan(900)
  expect(texts.length).toBeLessThanOrEqual(1_000)
  const { rows } = await sql<{ late: number }>`select 7 as late`.execute(own.db)
  expect(rows).toEqual([{ late: 7 }])
})

it('reads a table anew that another version changed meanwhile', async () => {
  const fresh = connect(database.url, { maxConnections: 1 })
  const read = (handle = fresh.db) => sql`select * from things where id = ${1}`.execute(handle)
  await sql`insert into things (name) values ('first')`.execute(fresh.db)
  for (let time = 0; time < 3; time += 1) expect((await read()).rows).toEqual([{ id: '1', name: 'first' }])
  await sql`alter table things add column colour text default 'red'`.execute(database.db)
  expect((await read()).rows).toEqual([{ id: '1', name: 'first', colour: 'red' }])
  await sql`alter table things drop column colour`.execute(database.db)
  // What was begun cannot go on; what is begun again can.
  const transaction = () => fresh.db.transaction().execute((trx) => read(trx))
  await read()
  await read()
  await sql`alter table things add column size int`.execute(database.db)
  await expect(transaction()).rejects.toThrow('cached plan')
  expect((await transaction()).rows).toEqual([{ id: '1', name: 'first', size: null }])
  await fresh.close()
})

it('plans for the limit that is asked for', async () => {
  const plan = await own.db.selectFrom('notes').select('id').orderBy('id').limit(20).explain()
  expect(own.db.selectFrom('notes').select('id').limit(20).compile()).toMatchObject({
    sql: 'select "id" from "notes" limit 20',
    parameters: [],
  })
  expect(plan.length).toBeGreaterThan(0)
})
