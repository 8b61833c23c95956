import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from './tables.ts'

// What must not come back with a backup: work that may have been done since, doors that were closed since, and
// what is only remembered for speed.
const leftOut = [
  'kysely_migration',
  'kysely_migration_lock',
  'activity_bodies',
  'jobs',
  'dead_jobs',
  'job_schedules',
  'key_value',
  'attempts',
  'sessions',
  'owner_links',
]

const rowsPerChunk = 1_000

/** Some rows of a table, as JSON in Postgres' own words: numbers beyond JavaScript's stay whole. */
export type Chunk = { table: string; rows: string[] }

export async function listMigrations(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}

/** Reads every table worth keeping as it stands at one moment, whatever is written meanwhile. */
export function dumpTables(db: Kysely<Database>, onChunk: (chunk: Chunk) => Promise<void>): Promise<void> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      await takeTime(trx)
      for (const table of await listTables(trx)) {
        await sql`declare dump no scroll cursor for select to_json(t)::text as row from ${sql.id(table)} as t`.execute(
          trx,
        )
        for (let isDone = false; !isDone; ) {
          const { rows } = await sql<{ row: string }>`fetch ${sql.lit(rowsPerChunk)} from dump`.execute(trx)
          if (rows.length > 0) await onChunk({ table, rows: rows.map(({ row }) => row) })
          isDone = rows.length < rowsPerChunk
        }
        await sql`close dump`.execute(trx)
      }
    })
}

/**
 * Puts these rows in the place of everything there is, all or nothing. Foreign keys are taken away meanwhile
 * and checked as a whole when they come back, since rows point in all directions.
 */
export async function replaceTables(db: Kysely<Database>, chunks: AsyncIterable<Chunk>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await takeTime(trx)
    const tables = await listTables(trx)
    const foreignKeys = await listForeignKeys(trx)
    const everything = [...tables, ...leftOut.filter((table) => !table.startsWith('kysely_'))]
    await sql`truncate ${sql.join(everything.map((table) => sql.id(table)))}`.execute(trx)
    for (const { table, name } of foreignKeys) {
      await sql`alter table ${sql.id(table)} drop constraint ${sql.id(name)}`.execute(trx)
    }
    for await (const { table, rows } of chunks) {
      if (!tables.includes(table)) throw new Error(`There is no table ${table} here`)
      await insertRows(trx, { table, rows })
    }
    for (const { table, name, definition } of foreignKeys) {
      await sql`alter table ${sql.id(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(
        trx,
      )
    }
  })
}

/** Whether anyone lives here: a server that was only started has no users and no notes. */
export async function isEmpty(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{ isEmpty: boolean }>`
    select not exists (select from users) and not exists (select from notes) as "isEmpty"`.execute(db)
  return rows[0]?.isEmpty ?? false
}

/** How many connections of Pinxit's are open to this database, this one included. */
export async function countConnections(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name like 'pinxit%'`.execute(db)
  return rows[0]?.count ?? 0
}

/** The files that rows speak of. */
export async function listFileKeys(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select unnest(array[original_key, file_key, small_key]) as key from media
    union select unnest(array[avatar_key, header_key]) from accounts`.execute(db)
  return rows.map(({ key }) => key).filter((key) => key !== null)
}

async function insertRows(trx: Transaction<Database>, { table, rows }: Chunk): Promise<void> {
  const json = `[${rows.join(',')}]`
  const target = sql.id(table)
  await sql`insert into ${target} overriding system value
    select * from json_populate_recordset(null::${target}, ${json}::json)`.execute(trx)
}

async function listTables(trx: Transaction<Database>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> all(${leftOut})
    order by relname`.execute(trx)
  return rows.map(({ name }) => name)
}

type ForeignKey = { table: string; name: string; definition: string }

async function listForeignKeys(trx: Transaction<Database>): Promise<ForeignKey[]> {
  const { rows } = await sql<ForeignKey>`
    select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by conname`.execute(
    trx,
  )
  return rows
}

// Copying a large server takes longer than any request may.
async function takeTime(trx: Transaction<Database>): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(trx)
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx)
}
