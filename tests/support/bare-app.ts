import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '#src/app.ts'
import { parseConfig } from '#src/base/config.ts'
import { createSafeFetch } from '#src/base/fetch.ts'
import { createMetrics } from '#src/base/metrics.ts'
import { createUris } from '#src/base/uris.ts'
import { createEventHub } from '#src/db/events.ts'
import { createDiskStorage } from '#src/media/disk-storage.ts'
import { createPictureProcessor } from '#src/media/process.ts'
import { createRemoteFiles } from '#src/media/remote-files.ts'
import { isAddressBlocked } from '#src/policies/domain-blocks.ts'
import { createTestDatabase } from './database.ts'
import { createMovedClock, type MovedClock } from './moved-clock.ts'

export type BareApp = { app: App; clock: MovedClock; close(): Promise<void> }

/** An App over a database of its own, without a port, a worker or other servers, at a time that stands still. */
export async function createBareApp(environment: Record<string, string> = {}): Promise<BareApp> {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'pinxit-test-'))
  const config = parseConfig({ PUBLIC_URL: 'https://pinxit.example', DATA_DIR: dataDir, ...environment })
  const publicUrl = config.publicUrl ?? 'https://pinxit.example'
  const clock = createMovedClock()
  const safeFetch = createSafeFetch({ allowPrivateAddresses: true, userAgent: 'Pinxit test' })
  const pictures = createPictureProcessor()
  const metrics = createMetrics()
  const events = createEventHub(database.url)
  const ground = {
    publicUrl,
    db: database.db,
    clock,
    secretKey: 'a secret of tests, and of nothing else',
    storage: createDiskStorage({ dir: join(dataDir, 'media'), baseUrl: `${publicUrl}/media` }),
    pictures,
    safeFetch,
  }
  const remoteFiles = createRemoteFiles({
    ...ground,
    mediaUrl: config.mediaUrl,
    isBlocked: (address) => isAddressBlocked(database.db, address),
  })
  const app: App = {
    ...ground,
    config,
    version: '0.0.0',
    handleHost: config.handleHost ?? new URL(publicUrl).host,
    uris: createUris(publicUrl),
    pool: database.pool,
    changes: database.changes,
    databaseUrl: database.url,
    events,
    remoteFiles,
    metrics,
    images: { unavailable: 'no pictures in this test' },
    lookup: { account: async () => undefined, note: async () => undefined },
  }
  const close = async (): Promise<void> => {
    await remoteFiles.close()
    await pictures.close()
    await safeFetch.close()
    metrics.close()
    await events.close()
    await database.destroy()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { app, clock, close }
}
