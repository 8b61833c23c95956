import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '#src/base/clock.ts'
import { buryJob, type ClaimedJob, deleteJobs, rescheduleJob, setJobProgress } from '#src/db/jobs.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { maxAttempts, retryDelayMs } from './backoff.ts'
import { isJobName, type JobName, type JobPayload, jobCatalogue, jobEntry } from './catalogue.ts'
import { describeFailure, LeaseLost, PermanentFailure, RetryLater } from './failures.ts'

/** What a handler knows of the job it runs. */
export type RunningJob = {
  id: Id
  /** From 1. A try that ended with its worker's death counts. */
  attempt: number
  bodyHash: string | null
  /** Aborted when the time is up, the lease is lost or the worker has to go. */
  signal: AbortSignal
  /**
   * Ends the job inside the handler's own last transaction, so that what it did and the job's end are one: not done
   * again after a crash. Throws LeaseLost, to roll back with, when another worker has the job.
   */
  complete(trx: Transaction<Database>): Promise<void>
  /** How far an earlier run came, in its own words; undefined for a first one. */
  progress: string | undefined
  /** Remembers how far it came, in the transaction that came so far. Throws LeaseLost as `complete` does. */
  advance(trx: Transaction<Database>, progress: string): Promise<void>
}

export type JobHandlers = { [N in JobName]?: (payload: JobPayload<N>, job: RunningJob) => Promise<void> }

export type Outcome = 'done' | 'completed' | 'retried' | 'buried'

type Environment = { db: Kysely<Database>; handlers: JobHandlers; clock: Clock }

/** Deaths of its worker that a job survives beyond its tries; one that kills its worker each time must end. */
const survivableDeaths = 3

/**
 * Runs a claimed job and records a failure. A 'done' job's row is still to be deleted, which the worker does for many
 * at once; a 'completed' one has ended itself.
 */
export async function runJob(
  { db, handlers, clock }: Environment,
  job: ClaimedJob,
  abort: AbortController,
): Promise<{ outcome: Outcome; error?: unknown }> {
  let isCompleted = false
  const running: RunningJob = {
    id: job.id,
    attempt: job.attempt,
    bodyHash: job.bodyHash,
    signal: abort.signal,
    complete: async (trx) => {
      const gone = await deleteJobs(trx, [job])
      if (gone.length === 0) throw new LeaseLost()
      isCompleted = true
    },
    progress: progressOf(job.payload),
    advance: async (trx, progress) => {
      if (!(await setJobProgress(trx, job, progress))) throw new LeaseLost()
    },
  }
  try {
    if (!isJobName(job.name)) throw new PermanentFailure(`There is no job named ${job.name}`)
    if (job.attempt > maxAttempts(jobCatalogue[job.name].backoff) + survivableDeaths)
      throw new PermanentFailure('Its worker died each time')
    await withDeadline(
      handle(handlers, job.name, job.payload, running),
      jobCatalogue[job.name].timeoutMs,
      abort,
    )
    return { outcome: isCompleted ? 'completed' : 'done' }
  } catch (error) {
    return { outcome: await recordFailure({ db, clock }, job, error), error }
  }
}

/** It lies in the payload, beside what the handler is given. */
function progressOf(payload: unknown): string | undefined {
  const isThere = typeof payload === 'object' && payload !== null && 'progress' in payload
  return isThere && typeof payload.progress === 'string' ? payload.progress : undefined
}

async function handle<N extends JobName>(
  handlers: JobHandlers,
  name: N,
  rawPayload: unknown,
  job: RunningJob,
): Promise<void> {
  const payload = jobEntry(name).payload.safeParse(rawPayload)
  if (!payload.success) throw new PermanentFailure(`Not a payload of ${name}`, { cause: payload.error })
  const handler = handlers[name]
  if (!handler) throw new PermanentFailure(`No handler for ${name}`)
  await handler(payload.data, job)
}

async function withDeadline(work: Promise<void>, timeoutMs: number, abort: AbortController): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`Took longer than ${timeoutMs} ms`)
      abort.abort(error)
      reject(error)
    }, timeoutMs)
  })
  try {
    await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

async function recordFailure(
  { db, clock }: Pick<Environment, 'db' | 'clock'>,
  job: ClaimedJob,
  error: unknown,
): Promise<Outcome> {
  const next = nextAttempt(job, error, clock.now())
  if (!next) {
    await buryJob(db, job, describeFailure(error))
    return 'buried'
  }
  await rescheduleJob(db, job, next)
  return 'retried'
}

function nextAttempt(job: ClaimedJob, error: unknown, now: Date) {
  if (error instanceof PermanentFailure || !isJobName(job.name)) return undefined
  const { backoff, retryLane } = jobCatalogue[job.name]
  const asked = error instanceof RetryLater ? error : undefined
  const isAttempt = asked?.isAttempt ?? true
  const delayMs = retryDelayMs(backoff, { attempt: job.attempt, retryAfterMs: asked?.retryAfterMs })
  if (isAttempt && delayMs === undefined) return undefined
  return {
    runAt: asked?.runAt ?? new Date(now.getTime() + (delayMs ?? asked?.retryAfterMs ?? 0)),
    lane: retryLane,
    error: describeFailure(error),
    isAttempt,
    payload: asked?.payload,
  }
}
