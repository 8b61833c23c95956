import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import type { ImageProvider } from '#src/ai/provider.ts'
import type { Clock } from '#src/base/clock.ts'
import type { Config } from '#src/base/config.ts'
import type { SafeFetch } from '#src/base/fetch.ts'
import type { Metrics } from '#src/base/metrics.ts'
import type { Uris } from '#src/base/uris.ts'
import type { Changes } from '#src/db/changes.ts'
import type { EventHub } from '#src/db/events.ts'
import type { Database, Id } from '#src/db/tables.ts'
import type { PictureProcessor } from '#src/media/process.ts'
import type { RemoteFiles } from '#src/media/remote-files.ts'
import type { MediaStorage } from '#src/media/storage.ts'

/** One server: everything an operation may depend on. Two of them can live in one process. */
export type App = {
  config: Config
  /** Of Pinxit, as in its package.json. */
  version: string
  /** Origin without a trailing slash; permanent once accounts exist. */
  publicUrl: string
  /** The domain in handles, `@alice@here`. */
  handleHost: string
  uris: Uris
  db: Kysely<Database>
  pool: Pool
  /** Of what is shown, by this process: what is remembered of it is forgotten. */
  changes: Changes
  /** For connections of their own, such as LISTEN. */
  databaseUrl: string
  /** Wakes those who wait for something to change. */
  events: EventHub
  clock: Clock
  /** Root secret; derive from it by purpose, never use it as it is. */
  secretKey: string
  storage: MediaStorage
  pictures: PictureProcessor
  safeFetch: SafeFetch
  /** Other servers' media, as they are shown under our own address. */
  remoteFiles: RemoteFiles
  metrics: Metrics
  images: ImageProvider | { unavailable: string }
  /** Set by the composition root: the one way from here to other servers. */
  lookup: Lookup
}

/** Finds what other servers hold, storing it here. Undefined when there is no such thing or it is refused. */
export type Lookup = {
  /**
   * @param handleOrUrl `alice@example.com`, with or without a leading @, or an actor's address
   * @param options.fresh reads a known one anew
   * @param options.withinMs what is not found by then is undefined, and known the next time
   */
  account(handleOrUrl: string, options?: { fresh?: boolean; withinMs?: number }): Promise<Id | undefined>
  note(url: string): Promise<Id | undefined>
}
