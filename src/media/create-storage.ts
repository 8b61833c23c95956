import { join } from 'node:path'
import type { Config } from '#src/base/config.ts'
import { createDiskStorage } from './disk-storage.ts'
import { createS3Storage } from './s3-storage.ts'
import type { MediaStorage } from './storage.ts'

/** Where this server's files lie, by its configuration: a bucket if one is named, else below DATA_DIR. */
export function createStorage(config: Config, publicUrl: string): MediaStorage {
  const mediaUrl = config.mediaUrl ?? `${publicUrl}/media`
  if (config.s3) return createS3Storage({ ...config.s3, mediaUrl })
  return createDiskStorage({ dir: join(config.dataDir, 'media'), baseUrl: mediaUrl })
}
