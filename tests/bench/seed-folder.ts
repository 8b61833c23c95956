import { existsSync } from 'node:fs'
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

type Folder = { dataDir: string; notes: number }

/**
 * Seeds the embedded database of a server that was started there before, whether it runs now or not.
 * @throws Error for a folder without one
 */
export async function seedFolder({ dataDir, notes }: Folder, progress: Progress): Promise<void> {
  if (!existsSync(clusterPaths(dataDir).cluster)) throw new Error(`No server was ever started in ${dataDir}`)
  const postgres = await joinEmbeddedPostgres({ dataDir })
  try {
    await seedDatabase({ dataDir, notes, progress })
    progress.end()
  } finally {
    await postgres.stop()
  }
}

/** The same where the database runs. */
export async function seedDatabase({
  dataDir,
  notes,
  progress,
}: Folder & { progress: Progress }): Promise<void> {
  const connectionString = urlOf(clusterPaths(dataDir))
  const { db, close } = connect(connectionString, { maxConnections: 1 })
  const sql = new pg.Client({ connectionString })
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
