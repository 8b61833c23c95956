import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { once } from 'node:events'
import { type Child, startChild } from './children.ts'
import { createClient, repeat } from './load.ts'
import { cpuSeconds, totalOf } from './processes.ts'
import type { Limit } from './report.ts'
import { type Road, startSink } from './sinks.ts'
import type { Hall, Site } from './site.ts'

/** What this machine can do at most, now: CPU ms of each. */
export type Limits = {
  verification(): Limit
  signature(): Limit
  /** A bare Hono GET. */
  get(): Promise<Limit>
  /** A committed insert of one row by pg, client included. */
  insert(site: Site): Promise<Limit>
  /** A bare POST of a delivery's size, the client alone. */
  post(road: Road): Promise<Limit>
}

const warmUp = 3_000
const concurrency = 8

export function createLimits(hall: Hall): Limits {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = Buffer.alloc(300, 'a')
  const signature = sign('sha256', text, privateKey)
  return {
    verification: () => ({
      is: 'an RSA-2048 verification',
      value: msEach(() => void verify('sha256', text, publicKey, signature)),
    }),
    signature: () => ({
      is: 'an RSA-2048 signature',
      value: msEach(() => void sign('sha256', text, privateKey)),
    }),
    get: async () => ({ is: 'a bare Hono GET', value: await measureGet() }),
    insert: async (site) => ({ is: 'an insert of one row by pg', value: await measureInsert(site) }),
    post: async (road) => ({ is: 'a bare POST', value: await measurePost(hall, road) }),
  }
}

function msEach(work: () => void): number {
  for (let index = 0; index < 200; index += 1) work()
  const startedAt = process.cpuUsage()
  let count = 0
  let spentMs = 0
  while (spentMs < 400) {
    for (let index = 0; index < 50; index += 1) work()
    count += 50
    spentMs = ownMs(startedAt)
  }
  return spentMs / count
}

function ownMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

/** Of a process that has just started, and so is no better warmed up than the server beside it. */
async function measureGet(): Promise<number> {
  const child = await startChild('bare-hono-child.mjs')
  const client = createClient(child.url)
  const read = async () => void (await client.call({ path: '/' }))
  try {
    await repeat({ count: warmUp, atMostMs: 5_000, concurrency }, read)
    return await childMsEach(child, () => repeat({ count: 12_000, atMostMs: 10_000, concurrency }, read))
  } finally {
    await client.close()
    await child.stop()
  }
}

async function measureInsert({ sql, pid }: Site): Promise<number> {
  const count = 1_500
  const insertOne = (index: number) =>
    sql.query('insert into bench_rows (text) values ($1)', [`The row of number ${index}`])
  await sql.query('create table bench_rows (id bigserial primary key, text text not null)')
  try {
    for (let index = 0; index < 200; index += 1) await insertOne(index)
    const [here, there] = [process.cpuUsage(), cpuSeconds(pid).database]
    for (let index = 0; index < count; index += 1) await insertOne(index)
    return (ownMs(here) + (cpuSeconds(pid).database - there) * 1_000) / count
  } finally {
    await sql.query('drop table bench_rows')
  }
}

const deliverySize = 2_000
const deliveries = 3_000

async function measurePost({ authority, authorityFile }: Hall, road: Road): Promise<number> {
  const sink = await startSink(road, authority)
  const child = await startChild('bare-post-child.ts', { NODE_EXTRA_CA_CERTS: authorityFile })
  const post = async (count: number) => {
    const done = once(child.process, 'message')
    child.process.send({ url: sink.url, count, body: 'a'.repeat(deliverySize) })
    await done
    return count
  }
  try {
    await post(1_000)
    return await childMsEach(child, () => post(deliveries))
  } finally {
    await child.stop()
    await sink.close()
  }
}

async function childMsEach({ pid }: Child, work: () => Promise<number>): Promise<number> {
  const before = totalOf(cpuSeconds(pid))
  const count = await work()
  return ((totalOf(cpuSeconds(pid)) - before) * 1_000) / count
}

/** Both together, as one. */
export function plus(one: Limit, other: Limit): Limit {
  return { is: `${one.is} and ${other.is}`, value: one.value + other.value }
}

/** Measured before and after: the middle of both. */
export function between(before: Limit, after: Limit): Limit {
  return { is: before.is, value: (before.value + after.value) / 2 }
}
