import { existsSync } from 'node:fs'
import { totalmem } from 'node:os'
import pg from 'pg'
import { makeKeyPairs, storeKeyPairs } from '#src/accounts/keys.ts'
import { loadSecretKey } from '#src/base/secret-key.ts'
import { createUris } from '#src/base/uris.ts'
import { connect } from '#src/db/connect.ts'
import { clusterPaths, urlOf } from '#src/db/embedded/cluster.ts'
import { joinEmbeddedPostgres } from '#src/db/embedded-postgres.ts'
import { findSetting } from '#src/db/settings.ts'
import type { Progress } from './progress.ts'
import { seed } from './seed.ts'

type Folder = {
  dataDir: string
  notes: number
  progress: Progress
  /** Hears how to end the database, for whoever is stopped on the way. */
  atEnd?(step: () => Promise<void>): void
}

// Much is written at once and read back by nobody meanwhile: fewer checkpoints, and room for the indexes.
const bulkSettings = {
  shared_buffers: `${Math.min(1_024, Math.round(totalmem() / 4 / 1_048_576))}MB`,
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  full_page_writes: 'off',
  autovacuum: 'off',
}

/**
 * Seeds the embedded database of a server that was started there before and has ended: a million notes take some two
 * minutes. Where it still runs, they take twice as long.
 * @throws Error for a folder without one
 */
export async function seedFolder({ dataDir, notes, progress, atEnd }: Folder): Promise<void> {
  if (!existsSync(clusterPaths(dataDir).cluster)) throw new Error(`No server was ever started in ${dataDir}`)
  const postgres = await joinEmbeddedPostgres({ dataDir, settings: bulkSettings })
  atEnd?.(() => postgres.stop())
  try {
    await seedDatabase({ dataDir, notes, progress })
  } finally {
    await postgres.stop()
  }
}

async function seedDatabase({ dataDir, notes, progress }: Omit<Folder, 'atEnd'>): Promise<void> {
  const connectionString = urlOf(clusterPaths(dataDir))
  const { db, close } = connect(connectionString, { maxConnections: 1 })
  const sql = new pg.Client({ connectionString })
  // The database may be ended while it is filled.
  sql.on('error', () => undefined)
  await sql.connect()
  try {
    const publicUrl = await findSetting(db, 'public_url')
    if (typeof publicUrl !== 'string') throw new Error(`No server was ever started in ${dataDir}`)
    const keeper = { uris: createUris(publicUrl), secretKey: loadSecretKey(dataDir) }
    const keys = await makeKeyPairs()
    const giveKeys = async (accountIds: string[]) => {
      for (const accountId of accountIds) await storeKeyPairs(db, keeper, { accountId, keys })
    }
    await seed(sql, { notes, publicUrl, progress, giveKeys })
  } finally {
    await sql.end()
    await close()
  }
}
