import type { AppFederation } from '#federation/index.ts'
import { recheckLinks, verifyLinks } from './accounts/verify-links.ts'
import type { App } from './app.ts'
import { sendReset } from './auth/change-password.ts'
import { createLog } from './base/log.ts'
import { housekeepingHandlers } from './jobs/housekeeping.ts'
import { startWorker, type Worker } from './jobs/worker.ts'
import { sendLetter } from './mail/send.ts'
import { mediaHandlers } from './media/prune.ts'
import { closePoll } from './notes/poll.ts'
import { fetchPreviewCard } from './notes/preview-card.ts'
import { postScheduledNote } from './notes/schedule.ts'
import { retentionHandlers } from './policies/prune.ts'
import { followBridge } from './relationships/bluesky.ts'
import { endFollowsOfDomain } from './relationships/domain-block.ts'
import { moveFollowers } from './relationships/move.ts'
import { paintConcurrency, studioHandlers } from './studio/jobs.ts'
import { countTrends } from './timelines/trends.ts'

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
      ...retentionHandlers(app),
      ...studioHandlers(app),
      ...federation.jobHandlers,
      fetchPreviewCard: ({ cardId }, job) => fetchPreviewCard(app, cardId, job.signal),
      copyRemoteFile: async ({ url }) => void (await app.remoteFiles.copy(url, 'small')),
      forgotPassword: (payload) => sendReset(app, payload),
      sendLetter: (payload, job) => sendLetter(app, payload, job),
      postScheduledNote: ({ scheduledNoteId }) => postScheduledNote(app, scheduledNoteId),
      closePoll: ({ noteId }) => closePoll(app, noteId),
      moveFollowers: (payload, job) => moveFollowers(app, payload, job),
      endFollowsOfDomain: (payload) => endFollowsOfDomain(app, payload),
      followBridge: ({ accountId }, job) => followBridge(app, accountId, job),
      verifyLinks: ({ accountId }) => verifyLinks(app, accountId),
      recheckLinks: () => recheckLinks(app),
      countTrends: () => countTrends(app),
    },
    onFinished: ({ name, outcome, durationMs }) => {
      // A lost job is counted by the worker that has it now.
      if (outcome === 'lost') return
      app.metrics.countJob({ name, outcome, seconds: durationMs / 1000 })
    },
  })
}
