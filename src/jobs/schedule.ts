import type { Kysely } from 'kysely'
import { takePeriod } from '#src/db/jobs.ts'
import type { Database } from '#src/db/tables.ts'
import { type JobName, jobCatalogue } from './catalogue.ts'
import { enqueue } from './queue.ts'

/** Answers when each periodic job that falls due was enqueued, by whichever worker came first. */
export type Schedule = { enqueueDue(db: Kysely<Database>, now: Date): Promise<void> }

/**
 * Enqueues the periodic jobs among `names` once per period, however many workers ask. A period that passed while no
 * worker ran is not made up for, but for the latest. Asks the database only at the start of a period.
 */
export function createSchedule(names: readonly JobName[]): Schedule {
  const asked = new Map<JobName, number>()
  return {
    async enqueueDue(db, now) {
      for (const name of names) {
        const everyMs = jobCatalogue[name].everyMs
        if (everyMs === undefined) continue
        const period = Math.floor(now.getTime() / everyMs)
        if (asked.get(name) === period) continue
        await enqueuePeriod(db, name, new Date(period * everyMs))
        asked.set(name, period)
      }
    },
  }
}

function enqueuePeriod(db: Kysely<Database>, name: JobName, periodStart: Date): Promise<void> {
  return db.transaction().execute(async (trx) => {
    if (await takePeriod(trx, name, periodStart)) await enqueue(trx, name, {}, { dedupeKey: 'periodic' })
  })
}
