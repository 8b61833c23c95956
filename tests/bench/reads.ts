import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { clusterPaths } from '#src/db/embedded/cluster.ts'
import { between, type Limits } from './limits.ts'
import { type Call, repeat } from './load.ts'
import type { Person } from './people.ts'
import { type Row, timesLimit } from './report.ts'
import { type Cost, costRow, middleOf, type Site } from './site.ts'
import type { Stage } from './stage.ts'

/** Who reads which pages. No two pages share a reader, of whom each has 1,500 requests in five minutes. */
export type PageReaders = {
  home: Person[]
  public: Person[]
  thread: { readers: Person[]; noteIds: string[] }
  notifications: Person[]
  status: { readers: Person[]; noteIds: string[] }
  account: { readers: Person[]; accountIds: string[] }
}

export type Page = {
  name: string
  request(index: number): Call
  /** How many things a body must show, lest an empty page be measured. */
  count(body: string): number
  expected: number
}

const concurrency = 8
const warmUp = 150
const rounds = 3
// All together under what one stranger may ask for in five minutes.
const pagesPerRound = 430
// Nobody counts how many documents are read, and they cost so little that it takes many to tell.
const documentsPerRound = 1_500
const countedPages = 25

/** The pages of Mastodon's API that apps ask for most. */
export function pagesFor(readers: PageReaders): Page[] {
  const page = (name: string, of: Person[], path: (index: number) => string, count = countItems): Page => ({
    name,
    request: (index) => ({ path: path(index), token: pick(of, index).token }),
    count,
    expected: 20,
  })
  const { thread, status, account } = readers
  const timeline = '/api/v1/timelines/public?limit=20'
  return [
    page('home', readers.home, () => '/api/v1/timelines/home?limit=20'),
    page('public', readers.public, () => timeline),
    { name: 'public, stranger', request: () => ({ path: timeline }), count: countItems, expected: 20 },
    page(
      'thread',
      thread.readers,
      (index) => `/api/v1/statuses/${pick(thread.noteIds, index)}/context`,
      countContext,
    ),
    page('notifications', readers.notifications, () => '/api/v1/notifications?limit=20'),
    {
      ...page('status', status.readers, (index) => `/api/v1/statuses/${pick(status.noteIds, index)}`),
      count: () => 1,
      expected: 1,
    },
    page(
      'account',
      account.readers,
      (index) => `/api/v1/accounts/${pick(account.accountIds, index)}/statuses?limit=20`,
    ),
  ]
}

/** Pages each against a bare Hono GET. */
export async function measurePages(stage: Stage, limits: Limits, names: string[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const page of pagesFor(stage.pages)) {
    if (!names.includes(page.name)) continue
    const queries = await countStatements(stage, page.request(0))
    const ofOne = page.name === 'home' ? await countHomeOfOne(stage) : undefined
    const note = `${queries} queries${ofOne === undefined ? '' : ` for 20 notes, ${ofOne} for one`}`
    rows.push(await measureRead(stage, limits, { page, perRound: pagesPerRound, note }))
  }
  return rows
}

/** What other servers ask for: `actor`, `note`, and `note, 304`, one that they have already. */
export async function measureDocuments(stage: Stage, limits: Limits, names: string[]): Promise<Row[]> {
  const headers = { accept: 'application/activity+json' }
  const [noteId = ''] = stage.pages.status.noteIds
  const note = { path: new URL(stage.uris.note(noteId)).pathname, headers }
  const actor = { path: new URL(stage.uris.actor(stage.alice.id)).pathname, headers }
  const etag = String((await stage.client.ask(note)).headers.etag)
  const known = { ...note, headers: { ...headers, 'if-none-match': etag }, allowed: 304 }
  const one = { count: (body: string) => Number(body !== ''), expected: 1 }
  const documents: Page[] = [
    { ...one, name: 'actor', request: () => actor },
    { ...one, name: 'note', request: () => note },
    { ...one, name: 'note, 304', request: () => known, expected: 0 },
  ]
  const rows: Row[] = []
  for (const page of documents.filter(({ name }) => names.includes(name)))
    rows.push(await measureRead(stage, limits, { page, perRound: documentsPerRound }))
  return rows
}

// So many times a bare Hono GET is what each may cost.
const targets: Record<string, number> = { home: 60, actor: 4 }

type Reading = { page: Page; perRound: number; note?: string }

async function measureRead(stage: Stage, limits: Limits, { page, perRound, note }: Reading): Promise<Row> {
  const costs: Cost[] = []
  await warm(stage, page, warmUp)
  const before = await limits.get()
  for (let round = 0; round < rounds; round += 1) costs.push(await read(stage, page, perRound))
  const limit = between(before, await limits.get())
  const times = targets[page.name]
  return costRow({
    name: page.name,
    cost: middleOf(costs),
    limit,
    ...(times !== undefined && { target: timesLimit(times, limit) }),
    ...(note !== undefined && { note }),
  })
}

/** @throws Error where a page does not show what it should */
export async function warm(site: Site, page: Page, times: number): Promise<void> {
  const found = page.count(await site.client.call(page.request(0)))
  if (found < page.expected || (page.expected === 0 && found > 0))
    throw new Error(`${page.name} shows ${found} instead of ${page.expected}`)
  await repeat({ count: times, atMostMs: 8_000, concurrency }, async (index) => {
    await site.client.call(page.request(index))
  })
}

export function read(site: Site, page: Page, times: number): Promise<Cost> {
  const load = { count: times, atMostMs: 15_000, concurrency, progress: site.progress }
  return site.cost(() => repeat(load, async (index) => void (await site.client.call(page.request(index)))))
}

async function countHomeOfOne(stage: Stage): Promise<number> {
  const request = { path: '/api/v1/timelines/home?limit=20', token: stage.readerOfOne.token }
  const found = countItems(await stage.client.call(request))
  if (found !== 1) throw new Error(`The home feed of one note shows ${found}`)
  return countStatements(stage, request)
}

/** How many statements Postgres ran for one page, by its own log: those that each of several pages needed. */
async function countStatements({ client, sql, dataDir }: Site, request: Call): Promise<number> {
  const log = () => readFileSync(clusterPaths(dataDir).logFile, 'utf8')
  const logStatements = async (which: 'all' | 'none') => {
    await sql.query(`alter system set log_statement = '${which}'`)
    await sql.query('select pg_reload_conf()')
    await delay(300)
  }
  await logStatements('all')
  const from = log().length
  for (let page = 0; page < countedPages; page += 1) await client.call(request)
  await delay(100)
  const written = log().slice(from)
  await logStatements('none')
  const counts = new Map<string, number>()
  for (const [, statement = ''] of written.matchAll(/LOG: {2}(?:statement|execute [^:]+): (.*)/g)) {
    counts.set(statement, (counts.get(statement) ?? 0) + 1)
  }
  return [...counts.values()].reduce((sum, count) => sum + Math.floor(count / countedPages), 0)
}

function countItems(body: string): number {
  const items: unknown = JSON.parse(body)
  return Array.isArray(items) ? items.length : 0
}

function countContext(body: string): number {
  const { ancestors, descendants }: Record<string, unknown[]> = JSON.parse(body)
  return (ancestors?.length ?? 0) + (descendants?.length ?? 0)
}

export function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('There is nothing to choose from')
  return item
}
