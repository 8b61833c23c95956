import type { AppFederation } from '#federation/index.ts'
import type { App } from './app.ts'
import { createLog } from './base/log.ts'
import { trimHomeEntries } from './db/home-entries.ts'
import { deleteUnattachedMedia } from './db/media.ts'
import { housekeepingHandlers } from './jobs/housekeeping.ts'
import { enqueue } from './jobs/queue.ts'
import type { JobHandlers } from './jobs/run-job.ts'
import { startWorker, type Worker } from './jobs/worker.ts'
import { paintConcurrency, studioHandlers } from './studio/jobs.ts'

const hourMs = 3_600_000
const uploadLifetimeMs = 24 * hourMs
const pruneBatch = 500

/** Runs the jobs of this server until it is stopped: every name of the catalogue has its handler here. */
export function startJobs(app: App, federation: AppFederation): Worker {
  const log = createLog('jobs')
  return startWorker({
    db: app.db,
    url: app.databaseUrl,
    clock: app.clock,
    concurrency: { paint: paintConcurrency(app) },
    log,
    handlers: {
      ...housekeepingHandlers(app.db, app.clock),
      ...mediaHandlers(app),
      ...studioHandlers(app),
      ...federation.jobHandlers,
      trimHomeFeeds: async () => void (await trimHomeEntries(app.db)),
    },
    onFinished: ({ name, outcome, durationMs }) => {
      // A lost job is counted by the worker that has it now.
      if (outcome === 'lost') return
      app.metrics.countJob({ name, outcome, seconds: durationMs / 1000 })
    },
  })
}

function mediaHandlers(app: App): JobHandlers {
  return {
    deleteFiles: async ({ keys }) => {
      for (const key of keys) await app.storage.delete(key)
    },
    pruneUploads: async () => {
      const before = new Date(app.clock.now().getTime() - uploadLifetimeMs)
      for (let count = pruneBatch; count === pruneBatch; ) {
        // The rows and the order to delete their files go together, or a crash would leave files nobody knows.
        count = await app.db.transaction().execute(async (trx) => {
          const pruned = await deleteUnattachedMedia(trx, before, pruneBatch)
          if (pruned.keys.length > 0) await enqueue(trx, 'deleteFiles', { keys: pruned.keys })
          return pruned.count
        })
      }
    },
  }
}
