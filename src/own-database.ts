import { mkdirSync } from 'node:fs'
import { ConfigError } from './base/config.ts'
import { createLog } from './base/log.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './db/embedded-postgres.ts'

/** @throws ConfigError */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true })
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError([`DATA_DIR: the folder cannot be made: ${words}`])
  }
}

/** The database in `dataDir`, which keeps running until it is stopped, and says in the log what happens to it. */
export function startOwnDatabase(dataDir: string): Promise<EmbeddedPostgres> {
  const log = createLog('postgres')
  return startEmbeddedPostgres({ dataDir, log: (message) => log.info(message) })
}
