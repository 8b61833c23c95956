import { AsyncLocalStorage } from 'node:async_hooks'
import type { Message, MessageQueue, MessageQueueEnqueueOptions } from '@fedify/fedify'
import type { Kysely, Transaction } from 'kysely'
import { type Clock, systemClock } from '#src/base/clock.ts'
import { findActivityBody } from '#src/db/activity-bodies.ts'
import { countWaitingJobs } from '#src/db/jobs.ts'
import type { Database } from '#src/db/tables.ts'
import type { JobName, JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure, RetryLater } from '#src/jobs/failures.ts'
import { type Enqueued, type EnqueueOptions, enqueueMany } from '#src/jobs/queue.ts'
import type { JobHandlers, RunningJob } from '#src/jobs/run-job.ts'
import { startWorker } from '#src/jobs/worker.ts'
import { createLetters, type Letter } from './letters.ts'
import {
  createBodyStore,
  isMessage,
  type OutboxMessage,
  parseOutboxMessage,
  type SenderKeys,
  toDelivery,
  toFanoutJob,
  toOutboxMessage,
} from './outbox-message.ts'

export type FederationQueueOptions = {
  db: Kysely<Database>
  /** Of the same database, for the connection that `listen` listens on. */
  url: string
  /** The private keys, as JWK, of those key ids that still exist. */
  loadKeys: (keyIds: readonly string[]) => Promise<SenderKeys>
  clock?: Clock
}

type ProcessMessage = (message: Message) => Promise<void>

/**
 * Fedify's queues over our job table. Rows carry neither private keys, which are looked up when a message is handled,
 * nor the activity, which is stored once. Retries are ours, over days.
 */
export type FederationQueue = {
  inbox: MessageQueue
  outbox: MessageQueue
  fanout: MessageQueue
  /** For Fedify's `outboxRetryPolicy`. It never gives up: our backoff decides which try was the last. */
  retries: { maxAttempts: number }
  /** What a `deliver` job carries. Throws PermanentFailure when it is gone. */
  letterOf(job: RunningJob): Promise<Letter>
  /** The outbox message that a `deliver` job stands for. Throws PermanentFailure when its keys are gone. */
  assemble(delivery: JobPayload<'deliver'>, letter: Letter, job: RunningJob): Promise<OutboxMessage>
  /** Has Fedify process such a message; throws RetryLater when Fedify wants to see it again. */
  deliver(process: ProcessMessage, message: OutboxMessage): Promise<void>
  /** What a worker does with these jobs; `process` is `federation.processQueuedTask` with its context data. */
  handlers(process: ProcessMessage): Pick<JobHandlers, 'fedifyFanout' | 'deliver'>
}

// Fedify retries by enqueuing a copy of the message it handles. The copy would be committed apart from the row's end,
// so that a crash between them delivers twice: the row itself is put off instead.
type Handling = { messageId: string; putBack?: { delayMs: number } }

export function createFederationQueue(options: FederationQueueOptions): FederationQueue {
  const handling = new AsyncLocalStorage<Handling>()
  const letters = createLetters(options.db)

  const letterOf: FederationQueue['letterOf'] = async ({ bodyHash }) => {
    const letter = bodyHash === null ? undefined : await letters(bodyHash)
    if (!letter) throw new PermanentFailure('The activity to deliver is gone')
    return letter
  }

  const assemble: FederationQueue['assemble'] = async (delivery, letter, job) => {
    const keys = await loadKeysOf(options, letter.keyIds)
    return toOutboxMessage(delivery, letter, { keys, failures: job.attempt - 1 })
  }

  const deliver: FederationQueue['deliver'] = async (process, message) => {
    const current: Handling = { messageId: message.id }
    await handling.run(current, () => process(message))
    if (current.putBack)
      throw new RetryLater('The host asked to wait', { retryAfterMs: current.putBack.delayMs })
  }

  const handlers: FederationQueue['handlers'] = (process) => ({
    fedifyFanout: async ({ message, keyIds }, job) => {
      const found = job.bodyHash === null ? undefined : await findActivityBody(options.db, job.bodyHash)
      if (!found) throw new PermanentFailure('The activity to deliver is gone')
      const keys = await loadKeysOf(options, keyIds)
      await process(asMessage({ ...message, keys, activity: JSON.parse(found.body) }))
    },
    deliver: async (delivery, job) => {
      await deliver(process, await assemble(delivery, await letterOf(job), job))
    },
  })

  const takeBack = (message: unknown, delayMs: number): boolean => {
    const current = handling.getStore()
    if (!current) return false
    const again = parseOutboxMessage(message)
    if (again.id !== current.messageId) return false
    current.putBack = { delayMs }
    return true
  }

  return {
    inbox: createQueue(options, {
      name: 'fedifyInbox',
      toJobs: async (messages) => messages.map((message) => ({ payload: { message } })),
      handle: (process) => ({ fedifyInbox: async ({ message }) => process(message) }),
    }),
    outbox: createQueue(options, {
      name: 'deliver',
      toJobs: (messages, trx, delayMs) =>
        eachWithBodies(
          trx,
          messages.filter((message) => !takeBack(message, delayMs)),
          toDelivery,
        ),
      handle: (process) => ({ deliver: handlers(process).deliver }),
    }),
    fanout: createQueue(options, {
      name: 'fedifyFanout',
      toJobs: (messages, trx) => eachWithBodies(trx, messages, toFanoutJob),
      handle: (process) => ({ fedifyFanout: handlers(process).fedifyFanout }),
    }),
    retries: { maxAttempts: Number.POSITIVE_INFINITY },
    letterOf,
    assemble,
    deliver,
    handlers,
  }
}

type QueueOf<N extends JobName> = {
  name: N
  toJobs(messages: readonly unknown[], trx: Transaction<Database>, delayMs: number): Promise<Enqueued<N>[]>
  handle(process: (message: unknown) => Promise<void>): JobHandlers
}

function createQueue<N extends JobName>(options: FederationQueueOptions, queue: QueueOf<N>): MessageQueue {
  const { db, url, clock = systemClock } = options
  const put = async (messages: readonly unknown[], how: MessageQueueEnqueueOptions = {}): Promise<void> => {
    const delayMs = how.delay?.total('milliseconds') ?? 0
    const common: EnqueueOptions = {
      orderingKey: how.orderingKey,
      runAt: delayMs > 0 ? new Date(clock.now().getTime() + delayMs) : undefined,
    }
    await db.transaction().execute(async (trx) => {
      const jobs = await queue.toJobs(messages, trx, delayMs)
      await enqueueMany(
        trx,
        queue.name,
        jobs.map((job) => ({ ...job, ...common })),
      )
    })
  }
  return {
    nativeRetrial: true,
    enqueue: (message, how) => put([message], how),
    enqueueMany: put,
    getDepth: () => countWaitingJobs(db, clock.now(), queue.name),
    listen: async (handler, { signal } = {}) => {
      const worker = startWorker({
        db,
        url,
        clock,
        handlers: queue.handle(async (message) => handler(message)),
      })
      await untilAborted(signal)
      await worker.stop()
    },
  }
}

async function eachWithBodies<N extends JobName>(
  trx: Transaction<Database>,
  messages: readonly unknown[],
  toJob: (message: unknown, store: ReturnType<typeof createBodyStore>) => Promise<Enqueued<N>>,
): Promise<Enqueued<N>[]> {
  const store = createBodyStore(trx)
  const jobs: Enqueued<N>[] = []
  for (const message of messages) jobs.push(await toJob(message, store))
  return jobs
}

async function loadKeysOf(
  { loadKeys }: FederationQueueOptions,
  keyIds: readonly string[],
): Promise<SenderKeys> {
  const keys = await loadKeys(keyIds)
  if (keys.length === 0) throw new PermanentFailure('The keys of the sender are gone')
  return keys
}

function asMessage(message: unknown): Message {
  if (!isMessage(message)) throw new PermanentFailure('Not a message of Fedify')
  return message
}

function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve()
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}
