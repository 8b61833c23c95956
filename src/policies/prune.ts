import type { App } from '#src/app.ts'
import { createLog } from '#src/base/log.ts'
import { deleteEmptyRequests } from '#src/db/notification-requests.ts'
import { deleteForgottenRemoteFiles } from '#src/db/remote-files.ts'
import {
  deleteAgedDeadJobs,
  deleteAgedNotifications,
  deleteUnknownAccounts,
  deleteUntouchedNotes,
  deleteUnusedCards,
  listAgedAccounts,
  listAgedNotes,
  type NoteCursor,
} from '#src/db/retention.ts'
import type { Id } from '#src/db/tables.ts'
import type { JobHandlers } from '#src/jobs/run-job.ts'
import { trimRemoteFiles } from '#src/media/prune.ts'
import { readRetention } from './retention.ts'

type Keeper = Pick<App, 'db' | 'clock' | 'storage'>

const batchSize = 500
const dayMs = 24 * 3_600_000
/** Longer than a refusal counts: forgotten sooner, its address would be asked again at each showing. */
const forgottenDays = 30

/** The moment so many days ago; undefined for 0, which means for ever. */
function daysAgo({ clock }: Pick<App, 'clock'>, days: number): Date | undefined {
  return days === 0 ? undefined : new Date(clock.now().getTime() - days * dayMs)
}

/**
 * Deletes notes of other servers that are past their time and that nobody here touched; answers how many. Stops at the
 * signal, to go on the next time.
 */
export async function pruneRemoteNotes(app: Keeper, signal?: AbortSignal): Promise<number> {
  const { remoteNotesDays, followedNotesDays } = await readRetention(app.db)
  const before = daysAgo(app, remoteNotesDays)
  if (!before) return 0
  const followedBefore = daysAgo(app, followedNotesDays) ?? null
  let total = 0
  for (let after: NoteCursor | undefined; !signal?.aborted; ) {
    const aged = await listAgedNotes(app.db, { before, after, limit: batchSize })
    const ids = aged.map(({ id }) => id)
    // A batch may hold a whole thread; what answers go free is seen the next time round.
    for (let gone = aged.length; gone > 0 && !signal?.aborted; total += gone) {
      gone = await app.db.transaction().execute((trx) => deleteUntouchedNotes(trx, ids, followedBefore))
    }
    after = aged.at(-1)
    if (aged.length < batchSize) break
  }
  return total
}

/** Deletes what is known of people with whom nobody here has anything to do any more; answers how many. */
export async function pruneAccounts(app: Keeper, signal?: AbortSignal): Promise<number> {
  const before = daysAgo(app, (await readRetention(app.db)).accountsDays)
  if (!before) return 0
  let total = 0
  for (let after: Id | undefined; !signal?.aborted; ) {
    const ids = await listAgedAccounts(app.db, { before, after, limit: batchSize })
    if (ids.length > 0) {
      total += await app.db.transaction().execute((trx) => deleteUnknownAccounts(trx, ids))
    }
    after = ids.at(-1)
    if (ids.length < batchSize) break
  }
  return total
}

/** Old notifications, previews that no note shows, addresses nobody asks for, jobs long dead; answers how many. */
export async function pruneOldRows(app: Keeper, signal?: AbortSignal): Promise<number> {
  const { notificationsDays, cardsDays, deadJobsDays } = await readRetention(app.db)
  const kinds = [
    { days: notificationsDays, deleteSome: deleteAgedNotifications },
    { days: notificationsDays, deleteSome: deleteEmptyRequests },
    { days: cardsDays, deleteSome: deleteUnusedCards },
    { days: deadJobsDays, deleteSome: deleteAgedDeadJobs },
    { days: forgottenDays, deleteSome: deleteForgottenRemoteFiles },
  ]
  let total = 0
  for (const { days, deleteSome } of kinds) {
    const before = daysAgo(app, days)
    for (let count = batchSize; before && count === batchSize && !signal?.aborted; total += count) {
      count = await deleteSome(app.db, before, batchSize)
    }
  }
  return total
}

/** The periodic jobs that keep to what is decided about keeping. */
export function retentionHandlers(app: Keeper): JobHandlers {
  const log = createLog('retention')
  const report = (what: string, count: number) => {
    if (count > 0) log.info('Deleted {count} {what}', { count, what })
  }
  return {
    pruneRemoteNotes: async (_payload, job) =>
      report('notes of other servers', await pruneRemoteNotes(app, job.signal)),
    pruneAccounts: async (_payload, job) =>
      report('accounts of other servers', await pruneAccounts(app, job.signal)),
    pruneOldRows: async (_payload, job) => report('old rows', await pruneOldRows(app, job.signal)),
    trimRemoteFiles: async (_payload, job) => {
      const { remoteMediaMb } = await readRetention(app.db)
      const { count } = await trimRemoteFiles(app, {
        maxBytes: remoteMediaMb * 1_000_000,
        signal: job.signal,
      })
      report('copies of media', count)
    },
  }
}
