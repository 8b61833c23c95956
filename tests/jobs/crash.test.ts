import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { enqueueDeliveries } from '#src/jobs/deliveries.ts'
import { enqueue, enqueueMany } from '#src/jobs/queue.ts'
import { defaultPace } from '#src/jobs/worker.ts'
import { delivery, envelopeOf, useJobs } from './setup.ts'

const floor = useJobs()
const { work, commit, countListeners } = floor
const fixture = new URL('./fixtures/worker-process.ts', import.meta.url).pathname

/** A worker in a process of its own, whose lines go to `lines`; answers what kills it. */
function startProcess(lines: string[]): () => Promise<void> {
  const child = spawn(process.execPath, [fixture, floor.database.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}

/** Rather than wait for the leases of the dead to run out; wakes nobody. */
async function expireLeases(): Promise<void> {
  await sql`update jobs set lease_until = now() where lease_token is not null`.execute(floor.database.db)
}

test('what a killed process held is taken up within ten seconds, and nothing is lost', async () => {
  const held: string[] = []
  const kill = startProcess(held)
  await commit((trx) =>
    enqueueMany(
      trx,
      'fedifyInbox',
      Array.from({ length: 30 }, (_, message) => ({
        payload: { message },
        orderingKey: `key ${message % 20}`,
      })),
    ),
  )
  await expect.poll(() => held).toHaveLength(10)
  await kill()

  const { db } = floor.database
  const { rows: leases } = await sql<{ ms: string }>`
    select extract(epoch from lease_until - clock_timestamp()) * 1000 as ms from jobs
    where lease_token is not null`.execute(db)
  expect(leases).toHaveLength(10)
  for (const { ms } of leases) expect(Number(ms) + defaultPace.pollEveryMs).toBeLessThanOrEqual(10_000)

  const runs = new Map<unknown, number>()
  work({
    fedifyInbox: async ({ message }, job) => void runs.set(message, held.includes(job.id) ? job.attempt : -1),
  })
  // The other ten wait behind those that are held.
  await expect.poll(() => runs.size).toBe(10)
  await expireLeases()
  await expect.poll(() => runs.size).toBe(30)
  expect([...runs.values()].filter((attempt) => attempt === 2)).toHaveLength(10)
})

test('a fan-out to 300 inboxes, killed thrice on its way, reaches each, few of them twice', async () => {
  await commit((trx) =>
    enqueueDeliveries(trx, {
      envelope: envelopeOf({ id: 'https://a.test/create/1' }),
      activity: { type: 'Create' },
      targets: Array.from({ length: 300 }, (_, n) => ({
        inbox: delivery(n).inbox,
        is_shared: false,
        actor_ids: [],
      })),
    }),
  )
  const sent: string[] = []
  for (const share of [30, 150, 270]) {
    const kill = startProcess(sent)
    await expect.poll(() => new Set(sent).size, { interval: 1 }).toBeGreaterThanOrEqual(share)
    await kill()
    await expireLeases()
  }
  const worker = work({ deliver: async ({ inbox }) => void sent.push(inbox) })
  await worker.settle()
  expect(new Set(sent).size).toBe(300)
  // Each time those that were under way, and those whose ends had gathered.
  expect(sent.length).toBeLessThanOrEqual(300 + 3 * (60 + 30))
  expect(await floor.database.db.selectFrom('jobs').select('id').execute()).toEqual([])
}, 60_000)

test('a worker whose connections were all cut goes on, and is woken again', async () => {
  const seen: unknown[] = []
  const problems: string[] = []
  const note = (message: string) => void problems.push(message)
  const worker = work(
    { fedifyInbox: async ({ message }) => void seen.push(message) },
    { log: { warn: note, error: note } },
  )
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 'before' }))
  await worker.settle()
  // One that is not there yet cannot be lost.
  await expect.poll(countListeners).toBe(1)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(floor.database.db)
  await expect.poll(() => problems).toContain('The listening connection was lost')
  await expect.poll(() => worker.isConsuming()).toBe(true)
  await commit((trx) => enqueue(trx, 'fedifyInbox', { message: 'after' }))
  await expect.poll(() => seen).toEqual(['before', 'after'])
  await expect.poll(countListeners).toBe(1)
})
