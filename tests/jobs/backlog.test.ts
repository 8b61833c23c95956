import { type Kysely, sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { register } from '#src/accounts/register.ts'
import { connect } from '#src/db/connect.ts'
import {
  buryJob,
  type ClaimedJob,
  claimJobs,
  deleteJobs,
  hasDueJobs,
  releaseJobs,
  renewLeases,
  rescheduleJob,
} from '#src/db/jobs.ts'
import type { Database } from '#src/db/tables.ts'
import { listHome } from '#src/db/timelines.ts'
import { lanes } from '#src/jobs/catalogue.ts'
import { enqueueDeliveries } from '#src/jobs/deliveries.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { startWorker } from '#src/jobs/worker.ts'
import { createNote } from '#src/notes/create.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'
import { createTestDatabase } from '#tests/support/database.ts'
import { addFollowers } from '#tests/support/followers.ts'
import { createMovedClock } from '#tests/support/moved-clock.ts'
import { noteForm } from '#tests/support/notes.ts'
import { envelopeOf } from './setup.ts'

// A queue that is long, and one that is empty: what each costs, in rows that are looked at.

const clock = createMovedClock()
const followers = { count: 1, domain: 'far.example', inbox: 'https://far.example/inbox' }
const retry = {
  runAt: new Date(clock.now().getTime() + 60_000),
  lane: 'redelivery',
  error: '',
  isAttempt: true,
}

describe('among a hundred thousand rows', () => {
  let bare: BareApp
  let db: Kysely<Database>
  beforeAll(async () => {
    bare = await createBareApp()
    db = bare.app.db
    // As in life: the plans that are kept were made while the queue was empty, and it was analysed then.
    await sql`vacuum analyze jobs`.execute(db)
    for (let time = 0; time < 3; time += 1) await db.transaction().execute(useAll)
    await seed()
  }, 60_000)
  afterAll(() => bare.close())

  /** Hosts that are down, one that is slow, with what waits behind its deliveries, and an inbox that cannot keep up. */
  function seed(): Promise<unknown> {
    const now = clock.now()
    return sql`insert into jobs (name, lane, payload, run_at, attempts, ordering_key, dedupe_key)
      select name, lane, '{"inbox": "https://down.example/inbox", "sharedInbox": true}', run_at, 1, key || n, dedupe || n
      from (values
        ('deliver', 'redelivery', ${now}::timestamptz + interval '1 hour', 'note ', 'activity ', 40000),
        ('deliver', 'delivery', '-infinity', 'other note ', 'other activity ', 30000),
        ('fedifyInbox', 'inbox', '-infinity', null, null, 30000)
      ) as kind (name, lane, run_at, key, dedupe, count)
      cross join lateral generate_series(1, kind.count) as n`.execute(db)
  }

  /** How many rows of `jobs` some work looked at, by an index, and that it read the table nowhere as a whole. */
  function rowsRead(work: (trx: Transaction<Database>) => Promise<unknown>): Promise<number> {
    return db.transaction().execute(async (trx) => {
      const count = async () => {
        const { rows } = await sql<{ scans: number; fetched: number }>`
          select seq_scan::int as scans, idx_tup_fetch::int as fetched
          from pg_stat_xact_user_tables where relname = 'jobs'`.execute(trx)
        return rows[0] ?? { scans: 0, fetched: 0 }
      }
      const before = await count()
      await work(trx)
      const after = await count()
      expect(after.scans - before.scans).toBe(0)
      return after.fetched - before.fetched
    })
  }

  function claim(trx: Transaction<Database>, ofEach = 20): Promise<ClaimedJob[]> {
    const limits = new Map(lanes.map((lane) => [lane, ofEach]))
    return claimJobs(trx, {
      limits,
      now: clock.now(),
      leaseToken: crypto.randomUUID(),
      leaseMs: 9_000,
      exceptNames: [],
    })
  }

  /** Everything a worker and an enqueuer ever ask. */
  async function useAll(trx: Transaction<Database>): Promise<void> {
    await enqueue(trx, 'fedifyInbox', { message: 1 }, { orderingKey: 'one', dedupeKey: 'one' })
    await enqueue(trx, 'fedifyInbox', { message: 2 }, { orderingKey: 'two', dedupeKey: 'two' })
    await fanOut(trx, 2)
    const [one, two, three] = await claim(trx)
    if (!one || !two || !three) throw new Error('What was enqueued can be claimed')
    await renewLeases(trx, [one, two, three], 9_000)
    await rescheduleJob(trx, one, retry)
    await buryJob(trx, two, 'hopeless')
    await releaseJobs(trx, [three])
    await deleteJobs(trx, [one, two, three])
    await hasDueJobs(trx, clock.now())
    await trx.deleteFrom('jobs').where('id', '=', one.id).execute()
    await trx.deleteFrom('dead_jobs').where('id', '=', two.id).execute()
  }

  const fanOut = (trx: Transaction<Database>, count: number) =>
    enqueueDeliveries(trx, {
      envelope: envelopeOf({ id: 'https://a.test/create/1' }),
      activity: { type: 'Create' },
      orderingKey: 'https://a.test/notes/1',
      targets: Array.from({ length: count }, (_, n) => ({
        inbox: `https://host${n}.example/inbox`,
        is_shared: true,
        actor_ids: [],
      })),
    })

  test('a claim looks at little more than it takes', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      let claimed = 0
      const read = await rowsRead(async (trx) => {
        claimed = (await claim(trx)).length
      })
      expect(claimed).toBe(40)
      // Each one to find it, what shares its key, and itself again to mark it; and those that are in flight.
      expect(read).toBeLessThanOrEqual(claimed * (4 + turn))
    }
  })

  test('to enqueue one, as posting and reading do at most, looks at none but those of its key', async () => {
    const read = await rowsRead((trx) =>
      enqueue(
        trx,
        'deliverNote',
        { noteId: '1', activity: 'Create' },
        { orderingKey: 'note 7', dedupeKey: 'x' },
      ),
    )
    expect(read).toBeLessThanOrEqual(2)
    expect(await rowsRead((trx) => fanOut(trx, 100))).toBeLessThanOrEqual(100)
  })

  test('posting to a follower elsewhere, and reading it at home, look at none of them', async () => {
    const { app } = bare
    const email = 'alice@mail.example'
    const person = { username: 'alice', email, passwordHash: 'unused', role: 'user' } as const
    const { account } = await register(app, { ...person, confirmed: true, approved: true })
    await addFollowers({ app }, { accountId: account.id }, followers)
    const single = connect(app.databaseUrl, { maxConnections: 1 })
    const read = async () => {
      // What a connection did is counted when it says so.
      await sql`select pg_stat_force_next_flush()`.execute(single.db)
      const { rows } = await sql<{ scans: number; fetched: number }>`
        select seq_scan::int as scans, idx_tup_fetch::int as fetched
        from pg_stat_user_tables where relname = 'jobs'`.execute(single.db)
      return rows[0] ?? { scans: 0, fetched: 0 }
    }
    const before = await read()
    const { note } = await createNote({ ...app, db: single.db }, account, noteForm())
    const home = await listHome(single.db, account.id, { limit: 20 })
    const after = await read()
    expect(home.map(({ id }) => id)).toEqual([note.id])
    expect(after.scans - before.scans).toBe(0)
    expect(after.fetched - before.fetched).toBeLessThanOrEqual(2)
    const waiting = await db.selectFrom('jobs').select('name').where('ordering_key', '=', note.uri).execute()
    expect(waiting).toEqual([{ name: 'deliverNote' }])
    await single.close()
  })

  test('what ends, fails, dies, waits or goes back is found by its id', async () => {
    await rowsRead(async (trx) => {
      const [one, two, three, ...rest] = await claim(trx)
      if (!one || !two || !three) throw new Error('There is enough to claim')
      const cost = async (work: () => Promise<unknown>) => {
        const count = await sql<{ n: number }>`select idx_tup_fetch::int as n from pg_stat_xact_user_tables
          where relname = 'jobs'`.execute(trx)
        await work()
        const then = await sql<{ n: number }>`select idx_tup_fetch::int as n from pg_stat_xact_user_tables
          where relname = 'jobs'`.execute(trx)
        return (then.rows[0]?.n ?? 0) - (count.rows[0]?.n ?? 0)
      }
      expect(await cost(() => renewLeases(trx, rest, 9_000))).toBeLessThanOrEqual(3 * rest.length)
      expect(await cost(() => deleteJobs(trx, rest))).toBeLessThanOrEqual(3 * rest.length)
      expect(await cost(() => rescheduleJob(trx, one, retry))).toBeLessThanOrEqual(10)
      expect(await cost(() => buryJob(trx, two, 'hopeless'))).toBeLessThanOrEqual(5)
      expect(await cost(() => releaseJobs(trx, [three]))).toBeLessThanOrEqual(10)
    })
  })
})

test('an idle worker asks once each time it looks, whatever lanes there are', async () => {
  const database = await createTestDatabase()
  const own = connect(database.url)
  const asked: unknown[] = []
  const looks = vi.spyOn(globalThis, 'setTimeout')
  const pollEveryMs = 7
  const countLooks = () => looks.mock.calls.filter(([, ms]) => ms === pollEveryMs).length
  const worker = startWorker({
    db: own.db,
    url: database.url,
    handlers: { fedifyInbox: async () => undefined, deliver: async () => undefined },
    clock,
    pace: { pollEveryMs },
  })
  await worker.settle()
  own.pool.on('acquire', () => asked.push(undefined))
  const before = countLooks()
  await expect.poll(countLooks).toBeGreaterThan(before + 20)
  await worker.stop()
  // The first of them may have begun before, and the last after.
  expect(asked.length).toBeLessThanOrEqual(countLooks() - before + 1)
  expect(asked.length).toBeGreaterThan(10)
  looks.mockRestore()
  await own.close()
  await database.destroy()
})
