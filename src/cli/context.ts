import { mkdirSync } from 'node:fs'
import type { App } from '#src/app.ts'
import { systemClock } from '#src/base/clock.ts'
import { type Config, ConfigError } from '#src/base/config.ts'
import { loadSecretKey } from '#src/base/secret-key.ts'
import { createUris } from '#src/base/uris.ts'
import { connect } from '#src/db/connect.ts'
import { joinEmbeddedPostgres } from '#src/db/embedded-postgres.ts'
import { migrateToLatest } from '#src/db/migrate.ts'
import { keepSetting } from '#src/db/settings.ts'
import { createStorage } from '#src/media/create-storage.ts'

/** As much of an App as commands need; there is no port, no worker and no federation. */
export type CommandApp = Pick<
  App,
  'config' | 'publicUrl' | 'handleHost' | 'uris' | 'db' | 'pool' | 'clock' | 'secretKey' | 'storage'
>

/**
 * Runs a command over the database of this server, whether the server runs or not: a running one's Postgres is
 * joined, else ours runs for as long as the command does.
 */
export async function withApp<T>(config: Config, work: (app: CommandApp) => Promise<T>): Promise<T> {
  mkdirSync(config.dataDir, { recursive: true })
  const embedded = config.databaseUrl ? undefined : await joinEmbeddedPostgres({ dataDir: config.dataDir })
  try {
    const { db, pool, close } = connect(config.databaseUrl ?? embedded?.url ?? '', { maxConnections: 3 })
    try {
      await migrateToLatest(db)
      const publicUrl = await keptAddress(db, 'public_url', config.publicUrl)
      const handleHost = await keptAddress(db, 'handle_host', config.handleHost ?? new URL(publicUrl).host)
      const secretKey = config.secretKey ?? loadSecretKey(config.dataDir)
      const storage = createStorage(config, publicUrl)
      const uris = createUris(publicUrl)
      return await work({
        config,
        publicUrl,
        handleHost,
        uris,
        db,
        pool,
        clock: systemClock,
        secretKey,
        storage,
      })
    } finally {
      await close()
    }
  } finally {
    await embedded?.stop()
  }
}

// The address that the accounts were made with; a command may run without the server's environment.
async function keptAddress(db: App['db'], name: string, configured: string | undefined): Promise<string> {
  if (configured === undefined) throw new ConfigError(['PUBLIC_URL: needed, since PORT is 0'])
  const kept = await keepSetting(db, name, configured)
  return typeof kept === 'string' ? kept : configured
}
