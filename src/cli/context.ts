import { mkdirSync } from 'node:fs'
import { firstAddress } from '#src/accounts/address.ts'
import type { App } from '#src/app.ts'
import { systemClock } from '#src/base/clock.ts'
import { type Config, ConfigError } from '#src/base/config.ts'
import { loadSecretKey } from '#src/base/secret-key.ts'
import { createUris } from '#src/base/uris.ts'
import { checkDatabase, connect } from '#src/db/connect.ts'
import { joinEmbeddedPostgres } from '#src/db/embedded-postgres.ts'
import { migrateToLatest } from '#src/db/migrate.ts'
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
      if (config.databaseUrl) await checkDatabase(db)
      await migrateToLatest(db)
      // A command may run without the server's environment.
      const { publicUrl, handleHost } = await firstAddress(db, configuredAddress(config))
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

function configuredAddress({ publicUrl, handleHost }: Config): { publicUrl: string; handleHost: string } {
  if (publicUrl === undefined) throw new ConfigError(['PUBLIC_URL: needed, since PORT is 0'])
  return { publicUrl, handleHost: handleHost ?? new URL(publicUrl).host }
}
