import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type pg from 'pg'
import { inject } from 'vitest'
import type { Changes } from '#src/db/changes.ts'
import { connect } from '#src/db/connect.ts'
import type { Database } from '#src/db/tables.ts'
import { templateDatabase, withDatabase } from './global-setup.ts'

export type TestDatabase = {
  db: Kysely<Database>
  pool: pg.Pool
  changes: Changes
  url: string
  /** Closes the pool and drops the database, whoever is still connected. */
  destroy(): Promise<void>
}

/** A migrated, empty database of its own, copied from the run's template in some tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdmin(async (admin) => {
    await sql`create database ${sql.id(name)} template ${sql.id(templateDatabase)} strategy file_copy`.execute(
      admin,
    )
  })
  const url = withDatabase(inject('postgresUrl'), name)
  const { db, pool, changes, close } = connect(url)
  const destroy = async (): Promise<void> => {
    await close()
    await asAdmin((admin) => sql`drop database if exists ${sql.id(name)} with (force)`.execute(admin))
  }
  return { db, pool, changes, url, destroy }
}

async function asAdmin(work: (admin: Kysely<Database>) => Promise<unknown>): Promise<void> {
  const admin = connect(inject('postgresUrl'), { maxConnections: 1 })
  try {
    await work(admin.db)
  } finally {
    await admin.close()
  }
}
