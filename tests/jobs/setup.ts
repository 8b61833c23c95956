import { sql, type Transaction } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Database } from '#src/db/tables.ts'
import { startWorker, type Worker, type WorkerOptions } from '#src/jobs/worker.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createMovedClock, type MovedClock } from '#tests/support/moved-clock.ts'

export type Floor = {
  readonly database: TestDatabase
  readonly clock: MovedClock
  work(handlers: WorkerOptions['handlers'], options?: Partial<WorkerOptions>): Worker
  commit<T>(write: (trx: Transaction<Database>) => Promise<T>): Promise<T>
  /** How many workers' connections listen at the moment. */
  countListeners(): Promise<number>
}

/** A database for a file's tests, a clock and workers that each test gets afresh. */
export function useJobs(): Floor {
  let database: TestDatabase
  let clock: MovedClock
  let workers: Worker[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  beforeEach(() => {
    clock = createMovedClock()
  })
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    workers = []
    for (const table of ['jobs', 'dead_jobs', 'job_schedules'] as const)
      await database.db.deleteFrom(table).execute()
  })
  afterAll(() => database.destroy())
  return {
    get database() {
      return database
    },
    get clock() {
      return clock
    },
    work: (handlers, options = {}) => {
      const worker = startWorker({ db: database.db, url: database.url, handlers, clock, ...options })
      workers.push(worker)
      return worker
    },
    commit: (write) => database.db.transaction().execute(write),
    countListeners: async () => {
      const { rows } = await sql`select from pg_stat_activity
        where datname = current_database() and application_name = 'pinxit listen'`.execute(database.db)
      return rows.length
    },
  }
}

/** A promise with its resolver, for tests that hold a job until they have looked. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

export const delivery = (n: number) => ({ inbox: `https://b.test/inbox/${n}`, sharedInbox: false })

/** What the deliveries of an activity share. */
export const envelopeOf = ({ id }: { id: string }) => ({
  baseUrl: 'https://a.test',
  activityId: id,
  activityType: 'https://www.w3.org/ns/activitystreams#Create',
  keyIds: ['https://a.test/alice#main-key'],
})
