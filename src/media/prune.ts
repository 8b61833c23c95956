import type { App } from '#src/app.ts'
import { deleteUnattachedMedia } from '#src/db/media.ts'
import { evictRemoteFiles, sumRemoteFiles } from '#src/db/remote-files.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { JobHandlers } from '#src/jobs/run-job.ts'

const uploadLifetimeMs = 24 * 3_600_000
const batchSize = 500

type Keeper = Pick<App, 'db' | 'clock' | 'storage'>

/**
 * Deletes uploads that nobody posted within a day; answers how many. Their files are left to a job unless
 * `deletesFiles`, for where no server may run.
 */
export async function pruneUploads(app: Keeper, { deletesFiles = false } = {}): Promise<number> {
  const before = new Date(app.clock.now().getTime() - uploadLifetimeMs)
  await app.storage.deleteUnfinished(before)
  for (let total = 0; ; ) {
    // The rows and the order to delete their files go together, or a crash would leave files nobody knows.
    const { count, keys } = await app.db.transaction().execute(async (trx) => {
      const pruned = await deleteUnattachedMedia(trx, before, batchSize)
      if (pruned.keys.length > 0) await enqueue(trx, 'deleteFiles', { keys: pruned.keys })
      return pruned
    })
    if (deletesFiles) await deleteFiles(app, keys)
    total += count
    if (count < batchSize) return total
  }
}

type Trimming = {
  maxBytes: number
  /** Goes even where there is room, when nobody asked for it since then. */
  unusedSince?: Date | undefined
  deletesFiles?: boolean
  signal?: AbortSignal
}

/**
 * Lets go of the copies of other servers' pictures that were not used for longest, until the rest fits. Files are left to
 * a job unless `deletesFiles`. Answers how many went, and how many bytes they had.
 */
export async function trimRemoteFiles(
  app: Keeper,
  { maxBytes, unusedSince, deletesFiles = false, signal }: Trimming,
): Promise<{ count: number; bytes: number }> {
  const trimmed = { count: 0, bytes: 0 }
  let excess = unusedSince ? Number.MAX_SAFE_INTEGER : (await sumRemoteFiles(app.db)) - maxBytes
  while (excess > 0 && !signal?.aborted) {
    const wanted = { bytes: excess, limit: batchSize, ...(unusedSince && { usedBefore: unusedSince }) }
    const { keys, bytes } = await app.db.transaction().execute(async (trx) => {
      const evicted = await evictRemoteFiles(trx, wanted)
      if (evicted.keys.length > 0) await enqueue(trx, 'deleteFiles', { keys: evicted.keys })
      return evicted
    })
    if (deletesFiles) await deleteFiles(app, keys)
    trimmed.count += keys.length
    trimmed.bytes += bytes
    excess -= bytes
    if (keys.length === 0) break
  }
  return trimmed
}

async function deleteFiles({ storage }: Keeper, keys: string[]): Promise<void> {
  for (const key of keys) await storage.delete(key)
}

export function mediaHandlers(app: Keeper): JobHandlers {
  return {
    deleteFiles: ({ keys }) => deleteFiles(app, keys),
    pruneUploads: async () => void (await pruneUploads(app)),
  }
}
