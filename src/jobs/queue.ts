import type { Transaction } from 'kysely'
import { insertJobs, type JobRow } from '#src/db/jobs.ts'
import type { Database } from '#src/db/tables.ts'
import { type JobInput, type JobName, jobCatalogue } from './catalogue.ts'

export type EnqueueOptions = {
  /** At once, unless told. */
  runAt?: Date | undefined
  /** Jobs that share it run one at a time, in the order they were enqueued. */
  orderingKey?: string | undefined
  /** Not enqueued while an equal one (same name, same key) waits. */
  dedupeKey?: string | undefined
  /** The stored activity (`storeActivityBody`) that the job needs, kept until the job is gone. */
  bodyHash?: string | undefined
}

export type Enqueued<N extends JobName> = EnqueueOptions & { payload: JobInput<N> }

/** Enqueues a job that exists from the moment `trx` commits; false when an equal one waits already. */
export async function enqueue<N extends JobName>(
  trx: Transaction<Database>,
  name: N,
  payload: JobInput<N>,
  options: EnqueueOptions = {},
): Promise<boolean> {
  return (await insertJobs(trx, [toRow(name, { payload, ...options })])) > 0
}

/** As `enqueue`, many at once in one statement; answers how many were new. */
export function enqueueMany<N extends JobName>(
  trx: Transaction<Database>,
  name: N,
  jobs: readonly Enqueued<N>[],
): Promise<number> {
  return insertJobs(
    trx,
    jobs.map((job) => toRow(name, job)),
  )
}

function toRow<N extends JobName>(name: N, job: Enqueued<N>): JobRow {
  return { ...job, name, lane: jobCatalogue[name].lane }
}
