import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { TestProject } from 'vitest/node'
import { connect } from '#src/db/connect.ts'
import { startEmbeddedPostgres } from '#src/db/embedded-postgres.ts'
import { migrateToLatest } from '#src/db/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A URL of the run's Postgres, of its database `postgres`. */
    postgresUrl: string
  }
}

export const templateDatabase = 'pinxit_template'

/** One Postgres for the whole run, with one migrated database that every test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pinxit-test-'))
  const postgres = await startEmbeddedPostgres({
    dataDir,
    // The folder does not outlive the run: no need to wait for the disk.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  await makeTemplate(postgres.url)
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function makeTemplate(url: string): Promise<void> {
  const admin = connect(url, { maxConnections: 1 })
  await sql`create database ${sql.id(templateDatabase)}`.execute(admin.db)
  await admin.close()
  const template = connect(withDatabase(url, templateDatabase), { maxConnections: 1 })
  await migrateToLatest(template.db)
  await template.close()
}

/** The same server's URL with another database's name. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}
