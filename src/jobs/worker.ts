import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { type Clock, systemClock } from '#src/base/clock.ts'
import {
  type ClaimedJob,
  claimJobs,
  deleteJobs,
  hasDueJobs,
  jobsChannel,
  type Lease,
  releaseJobs,
  renewLeases,
} from '#src/db/jobs.ts'
import { listenTo } from '#src/db/notify.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { jobNames, type Lane } from './catalogue.ts'
import { LeaseLost } from './failures.ts'
import { createPlaces } from './places.ts'
import { type Claimed, type Ended, type JobHandlers, runJobs } from './run-job.ts'
import { createSchedule } from './schedule.ts'

type Log = {
  warn(message: string, properties: Record<string, unknown>): void
  error(message: string, properties: Record<string, unknown>): void
}

export type WorkerOptions = {
  db: Kysely<Database>
  /** Of the same database, for the connection that listens. */
  url: string
  handlers: JobHandlers
  clock?: Clock
  /** How many jobs of a lane this worker runs at once. */
  concurrency?: Partial<Record<Lane, number>>
  log?: Log
  /** Hears of each job that ended, for metrics. */
  onFinished?: (finished: {
    name: string
    outcome: 'done' | 'retried' | 'buried' | 'lost'
    durationMs: number
  }) => void
  /** How long `stop` lets jobs finish. */
  drainMs?: number
  pace?: Partial<WorkerPace>
}

export type WorkerPace = {
  /** How long a job is its worker's without a word from it. */
  leaseMs: number
  renewEveryMs: number
  /** How long an idle worker sleeps that nobody wakes. */
  pollEveryMs: number
  /** How long ends gather before their rows are removed, and others claimed, in one statement each. */
  gatherMs: number
  /** How long jobs that are run together take before others of their name are run beside them. */
  longMs: number
}

export type Worker = {
  /** Takes no more, lets what runs finish, gives the rest back. */
  stop(): Promise<void>
  /** Works until nothing is due by the clock, in anyone's hands; answers how many jobs this worker ended meanwhile. */
  settle(): Promise<number>
  /** Whether it reached the database lately. */
  isConsuming(): boolean
}

const defaultConcurrency: Record<Lane, number> = {
  inbox: 10,
  asking: 10,
  delivery: 60,
  redelivery: 20,
  fetch: 8,
  paint: 4,
  mail: 2,
  default: 8,
}
/** With a poll each second, what a dead worker held is taken up within ten. */
export const defaultPace: WorkerPace = {
  leaseMs: 9_000,
  renewEveryMs: 3_000,
  pollEveryMs: 1_000,
  gatherMs: 20,
  longMs: 250,
}
/** Nor do more ends than these gather. */
const mostGathered = 30
const retryEveryMs = 500
const consumingWithinMs = 5_000

/** Jobs that run as one, mostly a single one. */
type Unit = { ended: Promise<void> }
type Running = Claimed & { unit: Unit }

/** Runs jobs until stopped. Any number of workers may share a database. */
export function startWorker(options: WorkerOptions): Worker {
  return new JobWorker(options)
}

class JobWorker implements Worker {
  readonly #options: WorkerOptions
  readonly #clock: Clock
  readonly #pace: WorkerPace
  /** Left to workers that can handle them. */
  readonly #exceptNames: readonly string[]
  readonly #places
  readonly #schedule
  readonly #running = new Map<Id, Running>()
  /** Done, but still in the table. */
  #done: Lease[] = []
  #endedCount = 0
  #isStopping = false
  #isOutOfReach = false
  #lastReachedAt = Number.NEGATIVE_INFINITY
  #turn: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined
  #isAwake = false
  /** Whether a claim might find something: it does not follow every end. */
  #mayHaveMore = true
  #gathering: NodeJS.Timeout | undefined
  readonly #listening
  readonly #renewing: NodeJS.Timeout
  readonly #loop: Promise<void>

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#pace = { ...defaultPace, ...options.pace }
    const handled = jobNames.filter((name) => options.handlers[name])
    this.#exceptNames = jobNames.filter((name) => !options.handlers[name])
    this.#places = createPlaces(options.handlers, {
      concurrency: { ...defaultConcurrency, ...options.concurrency },
      longMs: this.#pace.longMs,
    })
    this.#schedule = createSchedule(handled)
    this.#listening = listenTo(options.url, {
      channels: { [jobsChannel]: (lane) => this.#lookForMore(lane) },
      onConnected: () => this.#lookForMore(),
      onLost: (error) => options.log?.warn('The listening connection was lost', { error }),
    })
    this.#renewing = setInterval(() => void this.#renew(), this.#pace.renewEveryMs)
    this.#loop = this.#keepWorking()
  }

  isConsuming(): boolean {
    return !this.#isStopping && performance.now() - this.#lastReachedAt < consumingWithinMs
  }

  async settle(): Promise<number> {
    const endedBefore = this.#endedCount
    const { db } = this.#options
    for (;;) {
      this.#mayHaveMore = true
      await this.#takeTurn()
      if (this.#isStopping) return this.#endedCount - endedBefore
      if (this.#running.size > 0) await Promise.race(this.#units().map(({ ended }) => ended))
      else if (!(await hasDueJobs(db, this.#clock.now(), this.#exceptNames)))
        return this.#endedCount - endedBefore
      // In another worker's hands.
      else if (this.#done.length === 0) await pause(20)
    }
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return this.#loop
    this.#isStopping = true
    this.#wakeUp()
    await Promise.all([this.#listening.close(), this.#loop])
    await Promise.race([this.#allEnded(), pause(this.#options.drainMs ?? 25_000)])
    clearInterval(this.#renewing)
    clearTimeout(this.#gathering)
    const leftOver = [...this.#running.values()]
    this.#running.clear()
    for (const { abort } of leftOver) abort.abort(new Error('The worker stops'))
    await this.#giveBack(leftOver.map(({ job }) => job))
  }

  async #giveBack(leases: readonly Lease[]): Promise<void> {
    try {
      await deleteJobs(this.#options.db, this.#done.splice(0))
      await releaseJobs(this.#options.db, leases)
    } catch (error) {
      this.#options.log?.error('Jobs could not be given back; their leases run out by themselves', { error })
    }
  }

  async #allEnded(): Promise<void> {
    await Promise.all(this.#units().map(({ ended }) => ended))
  }

  async #keepWorking(): Promise<void> {
    while (!this.#isStopping) {
      this.#isAwake = false
      try {
        await this.#takeTurn()
        if (!this.#isAwake) await this.#sleep()
      } catch (error) {
        // Said once, not twice a second for as long as it lasts.
        if (!this.#isOutOfReach) this.#options.log?.error('The job table is out of reach', { error })
        this.#isOutOfReach = true
        this.#mayHaveMore = true
        await pause(retryEveryMs)
      }
    }
  }

  /** One turn at a time, so that what ends during one is deleted together in the next. */
  #takeTurn(): Promise<void> {
    const turn = this.#turn.catch(() => undefined).then(() => this.#deleteAndClaim())
    this.#turn = turn
    return turn
  }

  async #deleteAndClaim(): Promise<void> {
    const { db } = this.#options
    const now = this.#clock.now()
    await this.#deleteDone()
    if (this.#isStopping) return
    await this.#schedule.enqueueDue(db, now)
    if (this.#mayHaveMore) await this.#claim(now)
    this.#lastReachedAt = performance.now()
    this.#isOutOfReach = false
  }

  async #claim(now: Date): Promise<void> {
    const limits = this.#places.room()
    if (limits.size === 0) return
    this.#mayHaveMore = false
    const { leaseMs } = this.#pace
    const claim = { limits, now, leaseToken: randomUUID(), leaseMs, exceptNames: this.#exceptNames }
    const jobs = await claimJobs(this.#options.db, claim)
    for (const unit of this.#places.fill(jobs, limits)) this.#start(unit)
  }

  async #deleteDone(): Promise<void> {
    if (this.#done.length === 0) return
    const done = this.#done
    this.#done = []
    try {
      await deleteJobs(this.#options.db, done)
    } catch (error) {
      this.#done = [...done, ...this.#done]
      throw error
    }
  }

  #units(): Unit[] {
    return [...new Set([...this.#running.values()].map(({ unit }) => unit))]
  }

  #start(jobs: readonly ClaimedJob[]): void {
    const unit: Unit = { ended: Promise.resolve() }
    const members = jobs.map((job) => ({ job, abort: new AbortController(), unit }))
    for (const member of members) this.#running.set(member.job.id, member)
    unit.ended = this.#run(members)
  }

  async #run(members: readonly Running[]): Promise<void> {
    const { db, handlers } = this.#options
    const startedAt = performance.now()
    const results = await runJobs({ db, handlers, clock: this.#clock }, members)
    const durationMs = performance.now() - startedAt
    for (const [index, member] of members.entries()) this.#finish(member, results[index], durationMs)
    this.#gather(members)
  }

  /** What ended is removed with what ends in the next moments, unless half of its lane waits to be filled by then. */
  #gather(ended: readonly Running[]): void {
    const lane = ended[0]?.job.lane ?? ''
    this.#places.leave(lane)
    const wasFilled = this.#places.wasFilled(lane)
    // There may be more where there was no room, and behind what held an ordering key.
    if (wasFilled || ended.some(({ job }) => job.orderingKey !== null)) this.#mayHaveMore = true
    if ((wasFilled && this.#places.isHalfFree(lane)) || this.#done.length >= mostGathered) this.#wakeUp()
    else this.#gathering ??= setTimeout(() => this.#endGathering(), this.#pace.gatherMs)
  }

  #endGathering(): void {
    this.#gathering = undefined
    this.#wakeUp()
  }

  #finish(member: Running, result: PromiseSettledResult<Ended> | undefined, durationMs: number): void {
    const { log, onFinished } = this.#options
    const { job, abort } = member
    const { id, name } = job
    if (result?.status === 'rejected')
      // It is tried again when its lease has run out.
      log?.error('Job {name} failed, and so did the record of it', { name, id, error: result.reason })
    const ended = result?.status === 'fulfilled' ? result.value : undefined
    if (ended?.error) log?.warn('Job {name} failed', { name, id, ...ended })
    const isLost = !ended || abort.signal.reason instanceof LeaseLost
    if (!isLost && ended.outcome === 'done') this.#done.push(job)
    // After a stop has given it back, it is no longer ours.
    if (this.#running.get(id) === member) this.#running.delete(id)
    this.#endedCount += 1
    const outcome = isLost ? 'lost' : ended.outcome === 'completed' ? 'done' : ended.outcome
    onFinished?.({ name, outcome, durationMs })
  }

  async #renew(): Promise<void> {
    const running = [...this.#running.values()]
    const leases = [...running.map(({ job }) => job), ...this.#done]
    if (leases.length === 0) return
    try {
      const kept = new Set(await renewLeases(this.#options.db, leases, this.#pace.leaseMs))
      for (const each of running) if (!kept.has(each.job.id)) this.#lose(each)
    } catch (error) {
      this.#options.log?.error('Leases could not be renewed', { error })
    }
  }

  #lose(running: Running): void {
    if (this.#running.get(running.job.id) !== running) return
    this.#running.delete(running.job.id)
    running.abort.abort(new LeaseLost())
    this.#options.log?.warn('The lease on job {id} was lost', { id: running.job.id, name: running.job.name })
  }

  /** @param lane where it is; in any when undefined */
  #lookForMore(lane?: string): void {
    this.#mayHaveMore = true
    // Where there is no room now, whoever makes some looks.
    if (lane === undefined || this.#places.hasRoom(lane)) this.#wakeUp()
  }

  #wakeUp(): void {
    this.#isAwake = true
    this.#wake()
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#mayHaveMore = true
        resolve()
      }, this.#pace.pollEveryMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
