import { expect, test } from 'vitest'
import { connect } from '#src/db/connect.ts'
import { countWaitingJobs } from '#src/db/jobs.ts'
import { LeaseLost, RetryLater } from '#src/jobs/failures.ts'
import { enqueue, enqueueMany } from '#src/jobs/queue.ts'
import { delivery, gate, useJobs } from './setup.ts'

const floor = useJobs()
const { work, commit, countListeners } = floor
const hour = 3_600_000

const messages = (count: number, key?: string) =>
  Array.from({ length: count }, (_, n) => ({ payload: { message: n }, orderingKey: key }))

test('what was committed is run, and nothing that was rolled back', async () => {
  const seen: unknown[] = []
  const worker = work({ fedifyInbox: async ({ message }) => void seen.push(message) })
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 'kept' }))
  await commit(async (trx) => {
    await enqueue(trx, 'fedifyInbox', { message: 'lost' })
    throw new Error('rolled back')
  }).catch(() => undefined)
  await worker.settle()
  expect(seen).toEqual(['kept'])
  expect(await countWaitingJobs(floor.database.db, floor.clock.now())).toMatchObject({ queued: 0 })
})

test('a payload comes through as it was, what jsonb would refuse included', async () => {
  const odd = { nul: '\u0000', half: '\ud800', number: 1e-7, list: [null, '\\', '"', '{}'] }
  const seen: unknown[] = []
  const worker = work({ fedifyInbox: async ({ message }) => void seen.push(message) })
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: odd }, { orderingKey: 'x'.repeat(9_000) }))
  await worker.settle()
  expect(seen).toEqual([odd])
})

test('twenty workers at once run no job twice', async () => {
  const runs = new Map<unknown, number>()
  const workers = Array.from({ length: 20 }, () =>
    work({ fedifyInbox: async ({ message }) => void runs.set(message, (runs.get(message) ?? 0) + 1) }),
  )
  await commit((trx) => enqueueMany(trx, 'fedifyInbox', messages(500)))
  await Promise.all(workers.map((worker) => worker.settle()))
  expect(runs.size).toBe(500)
  expect(new Set(runs.values())).toEqual(new Set([1]))
})

test('jobs of one ordering key go one at a time and in order, whoever takes them', async () => {
  const seen: Record<string, unknown[]> = { a: [], b: [] }
  const inFlight: Record<string, number> = { a: 0, b: 0 }
  const handlers = {
    fedifyInbox: async ({ message }: { message?: unknown }) => {
      const { key, n } = Object(message)
      inFlight[key] = (inFlight[key] ?? 0) + 1
      expect(inFlight[key]).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
      seen[key]?.push(n)
      inFlight[key] -= 1
    },
  }
  const workers = Array.from({ length: 5 }, () => work(handlers))
  const order = Array.from({ length: 20 }, (_, n) => n)
  await Promise.all(
    ['a', 'b'].map(async (key) => {
      for (const n of order)
        await commit((trx) => enqueue(trx, 'fedifyInbox', { message: { key, n } }, { orderingKey: key }))
    }),
  )
  await Promise.all(workers.map((worker) => worker.settle()))
  expect(seen).toEqual({ a: order, b: order })
})

test('what follows a failed job under its ordering key waits for its next try', async () => {
  const seen: unknown[] = []
  const worker = work({
    fedifyInbox: async ({ message }, job) => {
      if (message === 0 && job.attempt === 1) throw new Error('not yet')
      seen.push(message)
    },
  })
  await commit((trx) =>
    enqueueMany(trx, 'fedifyInbox', [...messages(3, 'note'), { payload: { message: 'free' } }]),
  )
  await worker.settle()
  expect(seen).toEqual(['free'])
  floor.clock.advance(12_000)
  await worker.settle()
  expect(seen).toEqual(['free', 0, 1, 2])
})

test('of equal jobs one waits, and one more may while it runs', async () => {
  const held = gate()
  const started = gate()
  let runs = 0
  const handlers = {
    fedifyInbox: async () => {
      runs += 1
      started.open()
      await held.opened
    },
  }
  // With room for two at once, the second would be taken up too and leave its place to a third.
  const worker = work(handlers, { concurrency: { inbox: 1 } })
  const add = () => commit((trx) => enqueue(trx, 'fedifyInbox', { message: 1 }, { dedupeKey: 'same' }))
  expect(await add()).toBe(true)
  await started.opened
  expect([await add(), await add(), await add()]).toEqual([true, false, false])
  held.open()
  await worker.settle()
  expect(runs).toBe(2)
})

test('a failed job gives way to an equal one that came to wait meanwhile', async () => {
  let runs = 0
  const worker = work({
    fedifyInbox: async () => {
      runs += 1
      if (runs > 1) return
      await commit((trx) =>
        enqueue(trx, 'fedifyInbox', { message: 2 }, { dedupeKey: 'same', orderingKey: 'x' }),
      )
      throw new Error('failed')
    },
  })
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 1 }, { dedupeKey: 'same', orderingKey: 'x' }))
  await worker.settle()
  expect(runs).toBe(2)
  expect(await countWaitingJobs(floor.database.db, floor.clock.now())).toMatchObject({ queued: 0 })
})

test('a job for later runs when its time has come', async () => {
  const seen: unknown[] = []
  const worker = work({ fedifyInbox: async ({ message }) => void seen.push(message) })
  const runAt = new Date(floor.clock.now().getTime() + 60_000)
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 1 }, { runAt }))
  floor.clock.advance(59_999)
  await worker.settle()
  expect(seen).toEqual([])
  floor.clock.advance(1)
  await worker.settle()
  expect(seen).toEqual([1])
})

test('deliveries that hang do not hold up the inbox', async () => {
  const held = gate()
  const seen: unknown[] = []
  work({
    deliver: () => held.opened,
    fedifyInbox: async ({ message }) => void seen.push(message),
  })
  await commit((trx) =>
    enqueueMany(
      trx,
      'deliver',
      Array.from({ length: 100 }, (_, n) => ({ payload: delivery(n) })),
    ),
  )
  await commit((trx) => enqueueMany(trx, 'fedifyInbox', messages(50)))
  await expect.poll(() => seen).toHaveLength(50)
  held.open()
})

test('an idle worker is woken by a commit, and asks nothing until it is', async () => {
  const seen: unknown[] = []
  const own = connect(floor.database.url)
  let queries = 0
  own.pool.on('acquire', () => {
    queries += 1
  })
  const worker = work(
    { fedifyInbox: async ({ message }) => void seen.push(message) },
    { db: own.db, pace: { pollEveryMs: hour } },
  )
  const rounds = [0, 1, 2, 3, 4]
  for (const round of rounds) {
    await commit((trx) => enqueue(trx, 'fedifyInbox', { message: round }))
    await expect.poll(() => seen).toHaveLength(round + 1)
    // No turn follows the one that removes the row and this one, so that the next commit finds it asleep.
    await expect.poll(() => floor.database.db.selectFrom('jobs').select('id').execute()).toEqual([])
    await worker.settle()
  }
  expect(queries).toBeLessThanOrEqual(10 * rounds.length)
  expect(worker.isConsuming()).toBe(true)
  await worker.stop()
  await own.close()
})

test('a worker that stops lets jobs finish', async () => {
  const started = gate()
  const asked = gate()
  const signals: AbortSignal[] = []
  const worker = work(
    {
      fedifyInbox: async (_, job) => {
        signals.push(job.signal)
        started.open()
        await asked.opened
      },
    },
    { drainMs: hour },
  )
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 1 }))
  await started.opened
  await expect.poll(countListeners).toBe(1)
  const stopped = worker.stop()
  expect(worker.isConsuming()).toBe(false)
  // Once it no longer listens, it only waits for what runs.
  await expect.poll(countListeners).toBe(0)
  asked.open()
  await stopped
  expect(signals.map((signal) => signal.aborted)).toEqual([false])
  expect(await floor.database.db.selectFrom('jobs').selectAll().execute()).toEqual([])
})

test('a worker that stops gives back what does not finish', async () => {
  const held = gate()
  const started = gate()
  const signals: AbortSignal[] = []
  const worker = work(
    {
      fedifyInbox: async (_, job) => {
        signals.push(job.signal)
        started.open()
        await held.opened
      },
    },
    { drainMs: 50 },
  )
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 'slow' }))
  await started.opened
  await worker.stop()
  expect(signals.map((signal) => signal.aborted)).toEqual([true])
  const left = await floor.database.db.selectFrom('jobs').selectAll().execute()
  expect(left).toMatchObject([{ payload: { message: 'slow' }, lease_token: null, attempts: 0 }])
  held.open()
})

test('a job can end in its own last transaction, and not once its lease is lost', async () => {
  const { db } = floor.database
  const errors: unknown[] = []
  const worker = work({
    fedifyInbox: async ({ message }, job) => {
      if (message === 'robbed' && job.attempt === 1)
        await db.updateTable('jobs').set({ lease_token: 'another' }).where('id', '=', job.id).execute()
      await commit(async (trx) => {
        await enqueue(trx, 'deliver', delivery(1))
        await job.complete(trx)
      }).catch((error: unknown) => {
        errors.push(error)
        throw error
      })
    },
  })
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 'owned' }))
  await worker.settle()
  expect(await db.selectFrom('jobs').select(['name']).execute()).toEqual([{ name: 'deliver' }])

  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 'robbed' }))
  await expect.poll(() => errors).toEqual([expect.any(LeaseLost)])
  expect(await db.selectFrom('jobs').select(['name', 'lease_token']).orderBy('id').execute()).toEqual([
    { name: 'deliver', lease_token: null },
    { name: 'fedifyInbox', lease_token: 'another' },
  ])
  await db.deleteFrom('jobs').execute()
})

test('a job whose lease another took is aborted, and the new owner’s row stays', async () => {
  const { db } = floor.database
  let signal: AbortSignal | undefined
  const outcomes: string[] = []
  const worker = work(
    {
      fedifyInbox: async (_, job) => {
        signal = job.signal
        await db.updateTable('jobs').set({ lease_token: 'another' }).where('id', '=', job.id).execute()
        await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()))
      },
    },
    { onFinished: ({ outcome }) => outcomes.push(outcome), pace: { renewEveryMs: 20 } },
  )
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 1 }))
  await expect.poll(() => outcomes).toEqual(['lost'])
  expect(signal?.reason).toBeInstanceOf(LeaseLost)
  await worker.stop()
  expect(await db.selectFrom('jobs').select('lease_token').execute()).toEqual([{ lease_token: 'another' }])
})

test('a handler that asks to wait is not counted as tried if nothing was', async () => {
  const attempts: number[] = []
  const worker = work({
    fedifyInbox: async ({ message }, job) => {
      attempts.push(job.attempt)
      if (message === 'first')
        throw new RetryLater('held', {
          isAttempt: false,
          runAt: new Date(floor.clock.now().getTime() + 1_000),
          payload: { message: 'second' },
        })
    },
  })
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 'first' }))
  await worker.settle()
  floor.clock.advance(1_000)
  await worker.settle()
  expect(attempts).toEqual([1, 1])
})

test('what comes behind a job that waits, waits with it and out of the way', async () => {
  const { db } = floor.database
  const add = () => commit((trx) => enqueue(trx, 'deliver', delivery(1), { orderingKey: 'note' }))
  // Both are there before the first can fail: one that is committed in that very moment stays where it was.
  await add()
  await add()
  const worker = work({
    deliver: async () => {
      throw new Error('the host is down')
    },
  })
  await worker.settle()
  await worker.stop()
  await add()
  const rows = await db.selectFrom('jobs').select(['lane', 'run_at', 'attempts']).orderBy('id').execute()
  expect(rows.map((row) => row.attempts)).toEqual([1, 0, 0])
  expect(new Set(rows.map((row) => row.lane))).toEqual(new Set(['redelivery']))
  expect(new Set(rows.map((row) => row.run_at.getTime())).size).toBe(1)
})
