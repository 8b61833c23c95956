import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { clusterPaths } from '#src/db/embedded/cluster.ts'
import { startChild } from './children.ts'
import { createClient, repeat } from './load.ts'
import { cpuSeconds, totalOf } from './processes.ts'
import type { Row } from './report.ts'
import type { Person, Stage } from './stage.ts'

const home = '/api/v1/timelines/home?limit=20'
const concurrency = 8
// Together under the 1,500 requests that a person has in five minutes.
const warmUp = 400
const measured = 2_000
const countedPages = 25

/** A home page of 20 notes, by two people in turn, against a bare Hono GET. */
export async function measureHome(stage: Stage): Promise<Row[]> {
  const read = async (index: number) => {
    const { token } = stage.readers[index % 2 === 0 ? 0 : 1]
    await stage.client.call({ path: home, token })
  }
  await expectNotes(stage, stage.readers[0], 20)
  await expectNotes(stage, stage.readerOfOne, 1)
  await repeat({ count: warmUp, atMostMs: 8_000, concurrency }, read)
  const { perSecond, note } = await stage.cost(() =>
    repeat({ count: measured, atMostMs: 15_000, concurrency }, read),
  )
  const [ofTwenty, ofOne] = [
    await countStatements(stage, stage.readers[0]),
    await countStatements(stage, stage.readerOfOne),
  ]
  const queries = `${ofTwenty} queries for 20 notes, ${ofOne} for one`
  return [readRow('home', perSecond, await bareReadsPerSecond(stage), `${note}; ${queries}`)]
}

/** The actor document as another server asks for it. */
export async function measureActor(stage: Stage): Promise<Row[]> {
  const path = `/ap/users/${stage.alice.id}`
  const read = async () => {
    await stage.client.call({ path, headers: { accept: 'application/activity+json' } })
  }
  await repeat({ count: warmUp, atMostMs: 8_000, concurrency }, read)
  const { perSecond, note } = await stage.cost(() =>
    repeat({ count: measured, atMostMs: 15_000, concurrency }, read),
  )
  return [readRow('actor', perSecond, await bareReadsPerSecond(stage), note)]
}

function readRow(name: string, ours: number, limit: number, note: string): Row {
  return { name, unit: 'GET/CPU-s', ours, limit, limitIs: 'a bare Hono GET', better: 'higher', note }
}

async function bareReadsPerSecond(stage: Pick<Stage, 'settle'>): Promise<number> {
  await stage.settle()
  const child = await startChild('bare-hono-child.mjs')
  const client = createClient(child.url)
  try {
    const read = async () => void (await client.call({ path: '/' }))
    await repeat({ count: 3_000, atMostMs: 5_000, concurrency }, read)
    const before = totalOf(cpuSeconds(child.pid))
    const count = await repeat({ count: 12_000, atMostMs: 10_000, concurrency }, read)
    return count / (totalOf(cpuSeconds(child.pid)) - before)
  } finally {
    await client.close()
    await child.stop()
  }
}

async function expectNotes({ client }: Stage, { token }: Person, count: number): Promise<void> {
  const notes: unknown = JSON.parse(await client.call({ path: home, token }))
  const found = Array.isArray(notes) ? notes.length : 0
  if (found !== count) throw new Error(`The home page has ${found} notes instead of ${count}`)
}

/** How many statements Postgres ran for one home page, by its own log: those that each of several pages needed. */
async function countStatements({ client, sql, dataDir }: Stage, { token }: Person): Promise<number> {
  const log = () => readFileSync(clusterPaths(dataDir).logFile, 'utf8')
  const logStatements = async (which: 'all' | 'none') => {
    await sql.query(`alter system set log_statement = '${which}'`)
    await sql.query('select pg_reload_conf()')
    await delay(300)
  }
  await logStatements('all')
  const from = log().length
  for (let page = 0; page < countedPages; page += 1) await client.call({ path: home, token })
  await delay(100)
  const written = log().slice(from)
  await logStatements('none')
  const counts = new Map<string, number>()
  for (const [, statement = ''] of written.matchAll(/LOG: {2}(?:statement|execute [^:]+): (.*)/g)) {
    counts.set(statement, (counts.get(statement) ?? 0) + 1)
  }
  return [...counts.values()].reduce((sum, count) => sum + Math.floor(count / countedPages), 0)
}
