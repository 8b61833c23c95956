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

/** Jobs of one name that are run together; answers how each ended, in their order. When it throws, all of them failed with that. */
export type Together<N extends JobName> = (
  jobs: readonly { payload: JobPayload<N>; job: RunningJob }[],
) => Promise<readonly PromiseSettledResult<void>[]>

type Alone<N extends JobName> = (payload: JobPayload<N>, job: RunningJob) => Promise<void>

/** A name that is run together has a lane of its own. */
export type JobHandlers = { [N in JobName]?: Alone<N> | { together: Together<N> } }

/** Those that run one by one. */
export type SingleHandlers = { [N in JobName]?: Alone<N> }

export type Outcome = 'done' | 'completed' | 'retried' | 'buried'

/** How a job ended. A 'done' job's row is still to be deleted; a 'completed' one has ended itself. */
export type Ended = { outcome: Outcome; error?: unknown }

/** A claimed job, and what aborts it alone. */
export type Claimed = { job: ClaimedJob; abort: AbortController }

type Environment = { db: Kysely<Database>; handlers: JobHandlers; clock: Clock }

/** Deaths of its worker that a job survives beyond its tries; one that kills its worker each time must end. */
const survivableDeaths = 3

const leases = new WeakMap<RunningJob, { job: ClaimedJob; isCompleted: boolean }>()

/**
 * Runs claimed jobs of one name under one deadline and records the failures. Answers how each ended, in their order;
 * rejected where a failure could not be recorded.
 */
export async function runJobs(
  environment: Environment,
  claimed: readonly Claimed[],
): Promise<PromiseSettledResult<Ended>[]> {
  const members = claimed.map((each) => ({ ...each, running: asRunning(each) }))
  const results = await settleAll(environment.handlers, members)
  return Promise.allSettled(
    members.map(async ({ job, running }, index): Promise<Ended> => {
      const result = results[index]
      if (result?.status !== 'rejected')
        return { outcome: leases.get(running)?.isCompleted ? 'completed' : 'done' }
      const error: unknown = result.reason
      return { outcome: await recordFailure(environment, job, error), error }
    }),
  )
}

/**
 * Ends several jobs inside one transaction, in one statement. Throws LeaseLost when any is another worker's by now.
 * After a rollback, each must be completed again or fail: it counts as ended from here on.
 */
export async function completeAll(trx: Transaction<Database>, jobs: readonly RunningJob[]): Promise<void> {
  const held = jobs.map((job) => leases.get(job)).filter((lease) => lease !== undefined)
  const gone = await deleteJobs(
    trx,
    held.map(({ job }) => job),
  )
  if (gone.length < jobs.length) throw new LeaseLost()
  for (const lease of held) lease.isCompleted = true
}

function asRunning({ job, abort }: Claimed): RunningJob {
  const running: RunningJob = {
    id: job.id,
    attempt: job.attempt,
    bodyHash: job.bodyHash,
    signal: abort.signal,
    complete: (trx) => completeAll(trx, [running]),
    progress: progressOf(job.payload),
    advance: async (trx, progress) => {
      if (!(await setJobProgress(trx, job, progress))) throw new LeaseLost()
    },
  }
  leases.set(running, { job, isCompleted: false })
  return running
}

/** It lies in the payload, beside what the handler is given. */
function progressOf(payload: unknown): string | undefined {
  const isThere = typeof payload === 'object' && payload !== null && 'progress' in payload
  return isThere && typeof payload.progress === 'string' ? payload.progress : undefined
}

type Member = Claimed & { running: RunningJob }
type Result = PromiseSettledResult<void>

async function settleAll(handlers: JobHandlers, members: readonly Member[]): Promise<readonly Result[]> {
  const name = members[0]?.job.name ?? ''
  try {
    if (!isJobName(name)) throw new PermanentFailure(`There is no job named ${name}`)
    return await withDeadline(settleNamed(handlers, name, members), jobCatalogue[name].timeoutMs, members)
  } catch (error) {
    return members.map(() => failed(error))
  }
}

/** Those whose row cannot be run fail alone. */
async function settleNamed<N extends JobName>(
  handlers: JobHandlers,
  name: N,
  members: readonly Member[],
): Promise<readonly Result[]> {
  const handler = handlers[name]
  if (!handler) throw new PermanentFailure(`No handler for ${name}`)
  const sound: { payload: JobPayload<N>; job: RunningJob }[] = []
  const faults = members.map(({ job, running }): Result | undefined => {
    try {
      sound.push({ payload: readPayload(name, job), job: running })
      return undefined
    } catch (error) {
      return failed(error)
    }
  })
  const settled = sound.length === 0 ? [] : await callHandler(handler, sound)
  let next = 0
  return faults.map(
    (fault) => fault ?? settled[next++] ?? failed(new Error(`${name} did not say how it ended`)),
  )
}

function callHandler<N extends JobName>(
  handler: Alone<N> | { together: Together<N> },
  jobs: readonly { payload: JobPayload<N>; job: RunningJob }[],
): Promise<readonly Result[]> {
  if ('together' in handler) return handler.together(jobs)
  return Promise.allSettled(jobs.map(async ({ payload, job }) => handler(payload, job)))
}

function readPayload<N extends JobName>(name: N, job: ClaimedJob): JobPayload<N> {
  if (job.attempt > maxAttempts(jobCatalogue[name].backoff) + survivableDeaths)
    throw new PermanentFailure('Its worker died each time')
  const payload = jobEntry(name).payload.safeParse(job.payload)
  if (!payload.success) throw new PermanentFailure(`Not a payload of ${name}`, { cause: payload.error })
  return payload.data
}

const failed = (reason: unknown): Result => ({ status: 'rejected', reason })

async function withDeadline<T>(work: Promise<T>, timeoutMs: number, members: readonly Member[]): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`Took longer than ${timeoutMs} ms`)
      for (const { abort } of members) abort.abort(error)
      reject(error)
    }, timeoutMs)
  })
  try {
    return await Promise.race([work, deadline])
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
