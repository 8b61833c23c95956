import { sql } from 'kysely'
import { describe, expect, test, vi } from 'vitest'
import { countDeadJobs, dropDeadJobs, listDeadJobs, replayDeadJobs } from '#src/db/dead-jobs.ts'
import { claimJobs } from '#src/db/jobs.ts'
import { maxAttempts, retryDelayMs } from '#src/jobs/backoff.ts'
import { PermanentFailure, RetryLater } from '#src/jobs/failures.ts'
import { enqueue, enqueueMany } from '#src/jobs/queue.ts'
import { runJobs } from '#src/jobs/run-job.ts'
import { delivery, useJobs } from './setup.ts'

const floor = useJobs()
const { work, commit } = floor
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

describe('the time until the next try', () => {
  const delays = (random: number) =>
    Array.from({ length: maxAttempts('delivery') }, (_, n) =>
      retryDelayMs('delivery', { attempt: n + 1, random: () => random }),
    )

  test('of a delivery grows from a minute to twelve hours, into the seventh day', () => {
    const table = delays(0)
    expect(table.slice(0, 7)).toEqual([
      minute,
      5 * minute,
      30 * minute,
      2 * hour,
      6 * hour,
      12 * hour,
      12 * hour,
    ])
    expect(table.at(-1)).toBeUndefined()
    const total = table.reduce<number>((sum, delay) => sum + (delay ?? 0), 0)
    expect(total).toBeGreaterThan(6 * day)
    expect(total).toBeLessThanOrEqual(7 * day)
  })

  test('is spread by up to a tenth, and no shorter than the host asks, within a day', () => {
    expect(delays(1)[0]).toBeCloseTo(1.1 * minute)
    const afterFirst = (retryAfterMs: number) =>
      retryDelayMs('delivery', { attempt: 1, retryAfterMs, random: () => 0 })
    expect([10_000, 10 * minute, 900 * day].map(afterFirst)).toEqual([minute, 10 * minute, day])
  })
})

test('a delivery is tried over seven days, then buried', async () => {
  const triedAt: number[] = []
  const started = floor.clock.now().getTime()
  const worker = work({
    deliver: async () => {
      triedAt.push(floor.clock.now().getTime() - started)
      throw new Error('connect ECONNREFUSED')
    },
  })
  await commit((trx) => enqueue(trx, 'deliver', delivery(1)))
  for (let elapsed = 0; elapsed < 8 * 24; elapsed += 0.5) {
    await worker.settle()
    floor.clock.advance(hour / 2)
  }
  expect(triedAt).toHaveLength(maxAttempts('delivery'))
  expect(triedAt.at(-1)).toBeGreaterThan(6 * day)
  expect(await listDeadJobs(floor.database.db)).toMatchObject([
    { name: 'deliver', attempts: triedAt.length, error: 'Error: connect ECONNREFUSED' },
  ])
}, 60_000)

test('a host that is up again after three days gets its delivery', async () => {
  let delivered = 0
  const upAt = floor.clock.now().getTime() + 3 * day
  const worker = work({
    deliver: async () => {
      if (floor.clock.now().getTime() < upAt) throw new Error('down')
      delivered += 1
    },
  })
  await commit((trx) => enqueue(trx, 'deliver', delivery(1)))
  for (let elapsed = 0; elapsed < 4 * 24; elapsed += 1) {
    await worker.settle()
    floor.clock.advance(hour)
  }
  expect(delivered).toBe(1)
  expect(await countDeadJobs(floor.database.db)).toBe(0)
})

test('Retry-After is waited for', async () => {
  let tries = 0
  const worker = work({
    deliver: async () => {
      tries += 1
      if (tries === 1) throw new RetryLater('429', { retryAfterMs: 20 * minute })
    },
  })
  await commit((trx) => enqueue(trx, 'deliver', delivery(1)))
  await worker.settle()
  floor.clock.advance(20 * minute - 1)
  await worker.settle()
  expect(tries).toBe(1)
  floor.clock.advance(1)
  await worker.settle()
  expect(tries).toBe(2)
})

test('poison is buried at once, and the rest go on', async () => {
  const { db } = floor.database
  const seen: unknown[] = []
  const worker = work({
    deliver: async () => undefined,
    fedifyInbox: async ({ message }) => {
      if (message === 'hopeless') throw new PermanentFailure('never\u0000')
      seen.push(message)
    },
  })
  await sql`insert into jobs (name, lane, payload) values ('noSuchJob', 'default', '{}'), ('deliver', 'delivery', '[1]')`.execute(
    db,
  )
  await commit((trx) =>
    enqueueMany(
      trx,
      'fedifyInbox',
      ['hopeless', 'fine'].map((message) => ({ payload: { message } })),
    ),
  )
  await worker.settle()
  expect(seen).toEqual(['fine'])
  const dead = await listDeadJobs(db)
  expect(dead.map(({ name }) => name).sort()).toEqual(['deliver', 'fedifyInbox', 'noSuchJob'])
})

test('a job that kills its worker each time is buried in the end', async () => {
  const { db } = floor.database
  const worker = work({ fedifyInbox: async () => undefined })
  await sql`insert into jobs (name, lane, payload, attempts, lease_token, lease_until)
    values ('fedifyInbox', 'inbox', '{}', 99, 'dead', now() - interval '1 s')`.execute(db)
  await worker.settle()
  expect(await listDeadJobs(db)).toMatchObject([{ error: expect.stringContaining('died') }])
})

test('a try that takes too long is aborted and counts as failed', async () => {
  const { db } = floor.database
  await commit((trx) => enqueue(trx, 'deliver', delivery(1)))
  const [job] = await claimJobs(db, {
    limits: new Map([['delivery', 1]]),
    now: floor.clock.now(),
    leaseToken: 'mine',
    leaseMs: 10_000,
    exceptNames: [],
  })
  if (!job) throw new Error('nothing was claimed')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const abort = new AbortController()
    const handlers = { deliver: () => new Promise<void>(() => undefined) }
    const ended = runJobs({ db, handlers, clock: floor.clock }, [{ job, abort }])
    await vi.advanceTimersByTimeAsync(minute)
    expect(await ended).toMatchObject([{ value: { outcome: 'retried' } }])
    expect(abort.signal.aborted).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('jobs that are run together share one deadline', async () => {
  const { db } = floor.database
  await commit((trx) =>
    enqueueMany(
      trx,
      'fedifyInbox',
      [1, 2].map((message) => ({ payload: { message } })),
    ),
  )
  const jobs = await claimJobs(db, {
    limits: new Map([['inbox', 2]]),
    now: floor.clock.now(),
    leaseToken: 'mine',
    leaseMs: 10_000,
    exceptNames: [],
  })
  const claimed = jobs.map((job) => ({ job, abort: new AbortController() }))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const handlers = { fedifyInbox: { together: () => new Promise<never>(() => undefined) } }
    const ended = runJobs({ db, handlers, clock: floor.clock }, claimed)
    await vi.advanceTimersByTimeAsync(5 * minute)
    expect(await ended).toMatchObject(Array(2).fill({ value: { outcome: 'retried' } }))
    expect(claimed.map(({ abort }) => abort.signal.aborted)).toEqual([true, true])
  } finally {
    vi.useRealTimers()
  }
})

test('the dead can be listed, replayed and dropped', async () => {
  const { db } = floor.database
  let isMended = false
  const seen: unknown[] = []
  const worker = work({
    fedifyInbox: async ({ message }) => {
      if (!isMended) throw new PermanentFailure('broken')
      seen.push(message)
    },
  })
  await commit((trx) =>
    enqueueMany(
      trx,
      'fedifyInbox',
      [1, 2, 3].map((message) => ({ payload: { message } })),
    ),
  )
  await worker.settle()
  const [third, second] = await listDeadJobs(db, { limit: 2 })
  if (!third || !second) throw new Error('nobody is dead')
  expect([third.payload, second.payload]).toEqual([{ message: 3 }, { message: 2 }])
  expect(await listDeadJobs(db, { before: second.id, name: 'fedifyInbox' })).toMatchObject([
    { payload: { message: 1 } },
  ])
  expect(await dropDeadJobs(db, { ids: [third.id] })).toBe(1)
  expect(await replayDeadJobs(db, { name: 'deliver' })).toBe(0)
  isMended = true
  expect(await replayDeadJobs(db, {})).toBe(2)
  await worker.settle()
  expect([seen.sort(), await countDeadJobs(db)]).toEqual([[1, 2], 0])
})
