import { expect, test } from 'vitest'
import { countDeadJobs, listDeadJobs } from '#src/db/dead-jobs.ts'
import { LeaseLost, PermanentFailure } from '#src/jobs/failures.ts'
import { enqueue, enqueueMany } from '#src/jobs/queue.ts'
import { completeAll, type RunningJob } from '#src/jobs/run-job.ts'
import type { WorkerPace } from '#src/jobs/worker.ts'
import { gate, useJobs } from './setup.ts'

// Handlers that take several jobs of one name at once.

const floor = useJobs()
const { work, commit } = floor

type Batch = readonly { payload: { message?: unknown }; job: RunningJob }[]

const add = (...messages: unknown[]) =>
  commit((trx) =>
    enqueueMany(
      trx,
      'fedifyInbox',
      messages.map((message) => ({ payload: { message } })),
    ),
  )
const messagesOf = (batch: Batch) => batch.map(({ payload }) => payload.message)
const allDone = (batch: Batch): PromiseSettledResult<void>[] =>
  batch.map(() => ({ status: 'fulfilled', value: undefined }))
const left = () =>
  floor.database.db.selectFrom('jobs').select(['payload', 'attempts', 'lease_token']).orderBy('id').execute()

/** A worker whose batches wait for `held`. */
function workHeld(pace: Partial<WorkerPace>) {
  const batches: unknown[][] = []
  const held = gate()
  const together = async (batch: Batch) => {
    batches.push(messagesOf(batch))
    await held.opened
    return allDone(batch)
  }
  const worker = work({ fedifyInbox: { together } }, { pace })
  return { worker, batches, held }
}

test('what is due runs in one go, and what comes meanwhile gathers for the next', async () => {
  const { batches, held } = workHeld({ longMs: 60_000, pollEveryMs: 60_000 })
  await add('first')
  await expect.poll(() => batches).toHaveLength(1)
  for (let n = 0; n < 60; n += 1) await add(n)
  expect(batches).toEqual([['first']])
  held.open()
  await expect.poll(left).toEqual([])
  const gathered = batches.slice(1)
  expect(gathered.flat()).toEqual(Array.from({ length: 60 }, (_, n) => n))
  expect(gathered.map(({ length }) => length)).toEqual([50, 10])
})

test('what takes long holds up nobody until three are under way', async () => {
  const { worker, batches, held } = workHeld({ longMs: 0 })
  for (const busy of [1, 2, 3]) {
    await add(`batch ${busy}`)
    await expect.poll(() => batches).toHaveLength(busy)
  }
  await add('late')
  await add('later')
  held.open()
  await worker.settle()
  expect(batches).toEqual([['batch 1'], ['batch 2'], ['batch 3'], ['late', 'later']])
})

test('each has an end of its own', async () => {
  const outcomes: string[] = []
  const worker = work(
    {
      fedifyInbox: {
        together: async (batch) => {
          const completed = batch.filter(({ payload }) => payload.message === 'completed')
          await commit((trx) =>
            completeAll(
              trx,
              completed.map(({ job }) => job),
            ),
          )
          return Promise.allSettled(
            messagesOf(batch).map(async (message) => {
              if (message === 'hopeless') throw new PermanentFailure('never')
              if (message === 'failed') throw new Error('not yet')
            }),
          )
        },
      },
    },
    { onFinished: ({ outcome }) => outcomes.push(outcome) },
  )
  await commit((trx) =>
    trx.insertInto('jobs').values({ name: 'fedifyInbox', lane: 'inbox', payload: '"no payload"' }).execute(),
  )
  await add('done', 'completed', 'hopeless', 'completed', 'failed')
  await worker.settle()
  expect(outcomes.sort()).toEqual(['buried', 'buried', 'done', 'done', 'done', 'retried'])
  expect(await left()).toMatchObject([{ payload: { message: 'failed' }, attempts: 1 }])
  const dead = await listDeadJobs(floor.database.db)
  expect(dead.map(({ payload }) => payload)).toEqual([{ message: 'hopeless' }, 'no payload'])
})

test('when all of them failed, each goes alone from then on', async () => {
  const batches: unknown[][] = []
  const worker = work({
    fedifyInbox: {
      together: async (batch) => {
        batches.push(messagesOf(batch))
        if (messagesOf(batch).includes('poison')) throw new Error('one spoils the rest')
        return allDone(batch)
      },
    },
  })
  await add(1, 'poison', 2)
  await worker.settle()
  expect(batches).toEqual([[1, 'poison', 2]])
  floor.clock.advance(12_000)
  await worker.settle()
  expect(batches.slice(1).sort()).toEqual([[1], [2], ['poison']])
  expect(await left()).toMatchObject([{ payload: { message: 'poison' }, attempts: 2 }])
})

test('two of one ordering key are never in one batch, and keep their order', async () => {
  const batches: unknown[][] = []
  const worker = work({
    fedifyInbox: {
      together: async (batch) => {
        batches.push(messagesOf(batch))
        return allDone(batch)
      },
    },
  })
  await commit((trx) =>
    enqueueMany(
      trx,
      'fedifyInbox',
      ['a1', 'b1', 'a2', 'b2', 'a3'].map((message) => ({
        payload: { message },
        orderingKey: message.slice(0, 1),
      })),
    ),
  )
  await worker.settle()
  expect(batches).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']])
})

test('one whose lease another took is aborted alone, and ends nothing', async () => {
  const { db } = floor.database
  const aborted = new Map<unknown, unknown>()
  const errors: unknown[] = []
  const worker = work(
    {
      fedifyInbox: {
        together: async (batch) => {
          const [robbed] = batch
          if (batch.length < 3 || !robbed) return allDone(batch)
          await db
            .updateTable('jobs')
            .set({ lease_token: 'another' })
            .where('id', '=', robbed.job.id)
            .execute()
          await new Promise<void>((resolve) => robbed.job.signal.addEventListener('abort', () => resolve()))
          for (const { payload, job } of batch) aborted.set(payload.message, job.signal.reason)
          await commit((trx) =>
            completeAll(
              trx,
              batch.map(({ job }) => job),
            ),
          ).catch((error: unknown) => errors.push(error))
          const others = batch.slice(1)
          await commit((trx) =>
            completeAll(
              trx,
              others.map(({ job }) => job),
            ),
          )
          return allDone(batch)
        },
      },
    },
    { pace: { renewEveryMs: 20 } },
  )
  await add('robbed', 'kept', 'kept too')
  await expect.poll(left).toMatchObject([{ payload: { message: 'robbed' }, lease_token: 'another' }])
  expect(errors).toEqual([expect.any(LeaseLost)])
  expect(aborted.get('robbed')).toBeInstanceOf(LeaseLost)
  expect([aborted.get('kept'), aborted.get('kept too')]).toEqual([undefined, undefined])
  await worker.stop()
  await db.deleteFrom('jobs').execute()
})

test('a worker that stops gives back each that does not finish', async () => {
  const started = gate()
  const held = gate()
  const signals: AbortSignal[] = []
  const worker = work(
    {
      fedifyInbox: {
        together: async (batch) => {
          signals.push(...batch.map(({ job }) => job.signal))
          started.open()
          await held.opened
          return allDone(batch)
        },
      },
    },
    { drainMs: 50 },
  )
  await add(1, 2)
  await started.opened
  await worker.stop()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  expect(await left()).toMatchObject([
    { attempts: 0, lease_token: null },
    { attempts: 0, lease_token: null },
  ])
  held.open()
})

test('one that is not spoken of counts as failed', async () => {
  const worker = work({ fedifyInbox: { together: async (batch) => allDone(batch).slice(1) } })
  await add('spoken of', 'not spoken of')
  await worker.settle()
  expect(await left()).toMatchObject([{ payload: { message: 'not spoken of' }, attempts: 1 }])
  expect(await countDeadJobs(floor.database.db)).toBe(0)
})

test('a name that is run together must not share its lane', async () => {
  const together = async () => []
  expect(() => work({ deliverLike: { together }, deliverNote: async () => undefined })).toThrow(
    'shares a lane',
  )
  const worker = work({ deliverLike: { together } })
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 1 }))
  expect(await worker.settle()).toBe(0)
})
