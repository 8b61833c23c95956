import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createExponentialBackoffPolicy, createFederation, type Message } from '@fedify/fedify'
import { testMessageQueue } from '@fedify/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createKvStore } from '#federation/delivery/kv.ts'
import { createFederationQueue, type FederationQueue } from '#federation/delivery/queue.ts'
import { pruneActivityBodies } from '#src/db/activity-bodies.ts'
import { everyInbox } from '#src/db/audiences.ts'
import { listDeadJobs } from '#src/db/dead-jobs.ts'
import { listTargets } from '#src/db/deliveries.ts'
import { enqueueDeliveries } from '#src/jobs/deliveries.ts'
import { startWorker, type Worker } from '#src/jobs/worker.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createMovedClock } from '#tests/support/moved-clock.ts'
import { envelopeOf } from '../jobs/setup.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.destroy())
afterEach(async () => {
  await database.db.deleteFrom('jobs').execute()
  await database.db.deleteFrom('dead_jobs').execute()
  await database.db.deleteFrom('activity_bodies').execute()
})

const minute = 60_000
const activity = { id: 'https://a.test/create/1', type: 'Create', blurhash: 'LEHV6nWB2yk8', 'x:\u0000': 1.5 }
const keys = [{ keyId: 'https://a.test/alice#main-key', privateKey: { kty: 'RSA', d: 'the-private-part' } }]
const loadKeys = async (keyIds: readonly string[]) => keys.filter(({ keyId }) => keyIds.includes(keyId))

function outboxMessage(inbox: string) {
  return {
    type: 'outbox',
    id: crypto.randomUUID(),
    baseUrl: 'https://a.test',
    keys,
    activity,
    activityId: activity.id,
    activityType: 'https://www.w3.org/ns/activitystreams#Create',
    inbox,
    sharedInbox: true,
    actorIds: ['https://b.test/bob'],
    started: '2026-11-21T12:00:00.000Z',
    attempt: 0,
    headers: { 'X-One': '1' },
    orderingKey: 'https://a.test/notes/1\nhttps://b.test',
    traceContext: {},
  } as const
}

test('Fedify finds a message queue that keeps its rules, order included', async () => {
  const { db, url } = database
  const getQueue = () => createFederationQueue({ db, url, loadKeys }).inbox
  await testMessageQueue(getQueue, ({ controller }) => controller.abort(), { testOrderingKey: true })
}, 60_000)

describe('a delivery', () => {
  const clock = createMovedClock()

  async function withWorker(
    process: (message: Message) => Promise<void>,
    work: (queue: FederationQueue, worker: Worker) => Promise<void>,
    load = loadKeys,
  ): Promise<void> {
    const { db, url } = database
    const queue = createFederationQueue({ db, url, clock, loadKeys: load })
    const worker = startWorker({ db, url, clock, handlers: queue.handlers(process) })
    try {
      await work(queue, worker)
    } finally {
      await worker.stop()
    }
  }

  const wholeDatabase = async (): Promise<string> => {
    const { db } = database
    const jobs = await db.selectFrom('jobs').selectAll().execute()
    return JSON.stringify([jobs, await db.selectFrom('activity_bodies').selectAll().execute()])
  }

  test('lies in the table without keys, its activity once, and is whole again when handled', async () => {
    const { db, url } = database
    const idle = createFederationQueue({ db, url, clock, loadKeys })
    const sent = [1, 2, 3].map((n) => outboxMessage(`https://b.test/inbox/${n}`))
    await idle.outbox.enqueueMany?.(sent)

    expect(await wholeDatabase()).not.toContain('the-private-part')
    expect(await db.selectFrom('activity_bodies').selectAll().execute()).toHaveLength(1)
    const seen: Message[] = []
    await withWorker(
      async (message) => void seen.push(message),
      async (_, worker) => void (await worker.settle()),
    )
    const withoutIds = (messages: readonly object[]) =>
      messages
        .map((message) => ({ ...message, id: '', orderingKey: '', started: '' }))
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
    expect(withoutIds(seen)).toEqual(withoutIds(sent))
  })

  test('is one row per inbox and activity, from a list or from a query', async () => {
    const { db } = database
    const envelope = { ...envelopeOf(activity), keyIds: ['https://a.test/alice#main-key'] }
    const deliveries = { envelope, activity, orderingKey: 'https://a.test/notes/1' }
    const target = (n: number) => ({
      inbox: `https://b.test:8080/inbox/${n}`,
      is_shared: false,
      actor_ids: [`https://b.test/${n}`],
    })
    await db
      .insertInto('accounts')
      .values([remoteAccount('bob', 4), remoteAccount('eve', 5)])
      .execute()
    const added = await db.transaction().execute(async (trx) => [
      await enqueueDeliveries(trx, { ...deliveries, targets: [target(1), target(2), target(2)] }),
      await enqueueDeliveries(trx, { ...deliveries, targets: [target(2), target(3)] }),
      await enqueueDeliveries(trx, {
        ...deliveries,
        targets: await listTargets(trx, everyInbox(), { after: undefined, limit: 10 }),
      }),
    ])
    expect(added).toEqual([2, 1, 2])
    const rows = await db.selectFrom('jobs').selectAll().orderBy('id').execute()
    expect(rows.map((row) => row.ordering_key)).toEqual([
      ...[1, 2, 3].map((n) => `https://a.test/notes/1\n${target(n).inbox}`),
      ...[4, 5].map((n) => `https://a.test/notes/1\nhttps://b.test/inbox/${n}`),
    ])
    const seen: Message[] = []
    await withWorker(
      async (message) => void seen.push(message),
      async (_, worker) => void (await worker.settle()),
    )
    const inboxes = seen.flatMap((message) => (message.type === 'outbox' ? [message.inbox] : []))
    expect(inboxes.sort()).toEqual(
      [4, 5, 1, 2, 3].map((n) => (n < 4 ? target(n).inbox : `https://b.test/inbox/${n}`)),
    )
    const first = seen.find((message) => message.type === 'outbox' && message.inbox === target(1).inbox)
    expect(first).toMatchObject({
      activity,
      keys,
      actorIds: ['https://b.test/1'],
      attempt: 0,
      sharedInbox: false,
    })
  })

  test('that Fedify puts back stays one row, later, and counts as tried', async () => {
    const attempts: number[] = []
    let queue: FederationQueue | undefined
    const process = async (message: Message): Promise<void> => {
      if (message.type !== 'outbox') return
      attempts.push(message.attempt)
      // As Fedify does upon 429 with Retry-After.
      const delay = { total: () => 20 * minute } as unknown as Temporal.Duration
      await queue?.outbox.enqueue({ ...message, attempt: message.attempt + 1 }, { delay })
    }
    await withWorker(process, async (created, worker) => {
      queue = created
      await created.outbox.enqueue(outboxMessage('https://b.test/inbox'))
      await worker.settle()
      clock.advance(19 * minute)
      await worker.settle()
      expect(attempts).toEqual([0])
      expect(await created.outbox.getDepth?.()).toEqual({ queued: 1, ready: 0, delayed: 1 })
      clock.advance(minute)
      await worker.settle()
      expect(attempts).toEqual([0, 1])
    })
  })

  test('of someone whose keys are gone is buried', async () => {
    await withWorker(
      async () => undefined,
      async (queue, worker) => {
        await queue.outbox.enqueue(outboxMessage('https://b.test/inbox'))
        await worker.settle()
      },
      async () => [],
    )
    expect(await listDeadJobs(database.db)).toMatchObject([{ error: expect.stringContaining('keys') }])
  })

  test('keeps its activity for as long as a row refers to it', async () => {
    const { db, url } = database
    const queue = createFederationQueue({ db, url, clock, loadKeys })
    await queue.outbox.enqueue(outboxMessage('https://b.test/inbox'))
    const anHourAgo = new Date(Date.now() - 61 * minute)
    await db.updateTable('activity_bodies').set({ last_used_at: anHourAgo }).execute()
    expect(await pruneActivityBodies(db)).toBe(0)
    await db.deleteFrom('jobs').execute()
    expect(await pruneActivityBodies(db)).toBe(1)
  })
})

test('Fedify’s own fan-out goes through rows without keys', async () => {
  const { db, url } = database
  const queue = createFederationQueue({ db, url, loadKeys })
  const message = {
    type: 'fanout',
    id: crypto.randomUUID(),
    baseUrl: 'https://a.test',
    keys,
    inboxes: { 'https://b.test/inbox': { actorIds: ['https://b.test/bob'], sharedInbox: true } },
    activity,
    activityType: 'https://www.w3.org/ns/activitystreams#Create',
    traceContext: {},
  }
  await queue.fanout.enqueue(message)
  expect(JSON.stringify(await db.selectFrom('jobs').selectAll().execute())).not.toContain('the-private-part')
  const seen: Message[] = []
  const worker = startWorker({ db, url, handlers: queue.handlers(async (each) => void seen.push(each)) })
  await worker.settle()
  await worker.stop()
  expect(seen).toEqual([message])
})

test('a federation takes the queues and settings as they are', () => {
  const { db, url } = database
  const queue = createFederationQueue({ db, url, loadKeys })
  const { inbox, outbox, fanout } = queue
  const federation = createFederation<void>({
    kv: createKvStore(db),
    queue: { inbox, outbox, fanout },
    manuallyStartQueue: true,
    outboxRetryPolicy: createExponentialBackoffPolicy(queue.retries),
    circuitBreaker: false,
  })
  expect(federation).toBeDefined()
})

function remoteAccount(username: string, n: number) {
  const uri = `https://b.test/${username}`
  return {
    username,
    domain: 'b.test',
    uri,
    url: uri,
    inbox_uri: `https://b.test/inbox/${n}`,
    also_known_as: [uri],
    fields: '[]',
    emojis: '[]',
  }
}

describe('with Fedify sending', () => {
  /** A foreign inbox that answers with each of `answers` in turn, the last for ever. */
  async function withInbox(
    answers: readonly { status: number; headers?: Record<string, string> }[],
    work: (inbox: string, received: string[]) => Promise<void>,
  ): Promise<void> {
    const received: string[] = []
    const server = createServer(async (request, response) => {
      const body = await text(request)
      const { status, headers } = answers[Math.min(received.length, answers.length - 1)] ?? { status: 500 }
      received.push(body)
      response.writeHead(status, headers).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      await work(`http://127.0.0.1:${address.port}/inbox`, received)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }

  async function federationOver(inbox: string) {
    const { db, url } = database
    const clock = createMovedClock(new Date())
    const pair = await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-256',
      },
      true,
      ['sign', 'verify'],
    )
    const keyId = 'https://a.test/alice#main-key'
    const privateKey = await crypto.subtle.exportKey('jwk', pair.privateKey)
    const queue = createFederationQueue({ db, url, clock, loadKeys: async () => [{ keyId, privateKey }] })
    const federation = createFederation<void>({
      kv: createKvStore(db, clock),
      queue: { inbox: queue.inbox, outbox: queue.outbox, fanout: queue.fanout },
      manuallyStartQueue: true,
      firstKnock: 'draft-cavage-http-signatures-12',
      outboxRetryPolicy: createExponentialBackoffPolicy(queue.retries),
      circuitBreaker: false,
    })
    await db.transaction().execute((trx) =>
      enqueueDeliveries(trx, {
        envelope: { ...envelopeOf(activity), keyIds: [keyId] },
        activity: { '@context': 'https://www.w3.org/ns/activitystreams', ...activity },
        targets: [{ inbox, is_shared: true, actor_ids: [] }],
      }),
    )
    const handlers = queue.handlers((message) => federation.processQueuedTask(undefined, message))
    return { clock, worker: startWorker({ db, url, clock, handlers }), queue }
  }

  test('a 429 is waited out and a 500 tried again, in the one row, until the body arrives as it stands', async () => {
    // Two answers each: Fedify knocks twice.
    const busy = { status: 429, headers: { 'Retry-After': '600' } }
    const broken = { status: 500 }
    await withInbox([busy, busy, broken, broken, { status: 202 }], async (inbox, received) => {
      const { clock, worker, queue } = await federationOver(inbox)
      await worker.settle()
      const afterBusy = received.length
      expect(await queue.outbox.getDepth?.()).toEqual({ queued: 1, ready: 0, delayed: 1 })
      clock.advance(9 * minute)
      await worker.settle()
      expect(received).toHaveLength(afterBusy)
      clock.advance(minute)
      await worker.settle()
      expect(await queue.outbox.getDepth?.()).toEqual({ queued: 1, ready: 0, delayed: 1 })
      clock.advance(6 * minute)
      await worker.settle()
      await worker.stop()
      expect(await queue.outbox.getDepth?.()).toEqual({ queued: 0, ready: 0, delayed: 0 })
      expect(received.at(-1)).toBe(
        JSON.stringify({ '@context': 'https://www.w3.org/ns/activitystreams', ...activity }),
      )
    })
  })

  test('an inbox that is gone is not asked again', async () => {
    await withInbox([{ status: 410 }], async (inbox, received) => {
      const { clock, worker, queue } = await federationOver(inbox)
      await worker.settle()
      const asked = received.length
      clock.advance(24 * 60 * minute)
      await worker.settle()
      await worker.stop()
      expect(received).toHaveLength(asked)
      expect(await queue.outbox.getDepth?.()).toMatchObject({ queued: 0 })
    })
  })
})
