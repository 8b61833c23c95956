import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type MastodonLike, makeKeys, startMastodonLike } from './mastodon.ts'
import {
  addRemoteAccount,
  dealer,
  follow,
  makePeople,
  meet,
  type Person,
  post,
  type Sender,
  textOf,
} from './people.ts'
import { totalOf, type Usage } from './processes.ts'
import { type PageReaders, pagesFor, pick } from './reads.ts'
import { type Row, shortNumber } from './report.ts'
import { seedFolder } from './seed-folder.ts'
import { type Sink, startSinks } from './sinks.ts'
import { type Hall, openSite, type Site } from './site.ts'
import { floorsOf, growthPerHour, type Sample } from './statistics.ts'

// A server under a load that it bears with ease, for as long as one likes: what grows and does not come back shows.

const seededNotes = 10_000
const sampleEveryMs = 5_000
const restMs = 20_000
/** In a second. */
const rates = { reads: 12, arrivals: 3, strangers: 1, posts: 0.5 }
const followers = 40
/** MB in an hour, of server or database, that count for nothing. */
const flatMb = 10
/** Shorter runs say little of an hour: caches are still filling. */
const tellingMinutes = 20

type Scene = {
  site: Site
  pages: PageReaders
  reader: Person
  author: Person
  mastodons: MastodonLike[]
  sinks: Sink[]
}

type Tally = { reads: number; arrivals: number; posts: number; faults: string[] }
type Memory = Usage & { seconds: number }

/** Memory of server and database at the end of so many minutes, and whether it was still growing. */
export async function soak(hall: Hall, minutes: number): Promise<Row[]> {
  const scene = await setScene(hall)
  const tally: Tally = { reads: 0, arrivals: 0, posts: 0, faults: [] }
  const memories: Memory[] = []
  const endsAt = performance.now() + minutes * 60_000
  hall.progress.step(`Soaking for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`)
  await Promise.all([
    ...loadsOn(scene, tally).map((load) => load(endsAt)),
    watch({ scene, tally, memories, endsAt }),
  ])
  await scene.site.settle()
  await delay(restMs)
  const rested = scene.site.memory()
  await scene.site.stop()
  return [...rowsOf(memories, rested, minutes), faultsRow(tally)]
}

async function setScene(hall: Hall): Promise<Scene> {
  const dataDir = mkdtempSync(join(hall.folder, 'soak-'))
  const site = await openSite(hall, { dataDir })
  const another = dealer(await makePeople(site, 24))
  // Each person may ask five times a second for long.
  const some = (): Person[] => [another(), another(), another()]
  const readers = { home: some(), public: some(), thread: some(), notifications: some(), status: some() }
  const pages = { ...readers, account: some() }
  await seedFolder({ ...hall, dataDir, notes: seededNotes })
  const [author, reader] = [another(), another()]
  const keys = makeKeys()
  const mastodons = await Promise.all(Array.from({ length: 20 }, () => startMastodonLike(keys)))
  const sinks = await startSinks({ isSecure: true, isKept: true }, hall.authority, followers)
  hall.atEnd(async () => {
    await Promise.all([...mastodons, ...sinks].map((server) => server.close()))
  })
  for (const [index, { url, host }] of sinks.entries()) {
    const uri = `${url}/users/fan${index}`
    const fan = { username: `fan${index}`, domain: host, uri, inbox: `${uri}/inbox` }
    await follow(site.sql, await addRemoteAccount(site.sql, fan), author.id)
  }
  for (const server of mastodons) await meet(site.sql, reader, { server, username: 'bob' })
  const { rows } = await site.sql.query<{ id: string; account_id: string }>(
    'select id, account_id from notes where replies_count > 5 and boost_of_id is null order by id desc limit 200',
  )
  const noteIds = rows.map(({ id }) => id)
  const accountIds = rows.map(({ account_id }) => account_id)
  return {
    site,
    pages: {
      ...pages,
      thread: { readers: pages.thread, noteIds },
      status: { readers: pages.status, noteIds },
      account: { readers: pages.account, accountIds },
    },
    reader,
    author,
    mastodons,
    sinks,
  }
}

/** What people, other servers, and strangers whose keys nobody has seen do, each at its own pace. */
function loadsOn({ site, pages, reader, author, mastodons }: Scene, tally: Tally) {
  const { client, uris } = site
  // Strangers have fewer requests than people, so that they read less.
  const known = pagesFor(pages).filter(({ name }) => name !== 'public, stranger')
  const path = new URL(uris.sharedInbox).pathname
  const arrive = async (sender: Sender, index: number) => {
    const { username } = sender
    await client.call({ path, ...sender.server.createFor(uris.sharedInbox, index, { username }) })
    tally.arrivals += 1
  }
  const works: [perSecond: number, work: (index: number) => Promise<void>][] = [
    [
      rates.reads,
      async (index) => {
        await client.call(pick(known, index).request(Math.floor(index / known.length)))
        tally.reads += 1
      },
    ],
    [rates.arrivals, (index) => arrive({ server: pick(mastodons, index), username: 'bob' }, index)],
    [
      rates.strangers,
      async (index) => {
        const stranger = { server: pick(mastodons, index), username: `stranger${index}` }
        await meet(site.sql, reader, stranger)
        await arrive(stranger, index)
      },
    ],
    [
      rates.posts,
      async (index) => {
        await post(client, author, { status: textOf(index) })
        tally.posts += 1
      },
    ],
  ]
  return works.map(
    ([perSecond, work]) =>
      (endsAt: number) =>
        atPace(perSecond, endsAt, (index) =>
          work(index).catch((error: unknown) => void tally.faults.push(String(error))),
        ),
  )
}

/** One after the other, not faster than so many a second; what a slow answer delays is not made up for. */
async function atPace(perSecond: number, endsAt: number, work: (index: number) => Promise<void>) {
  for (let index = 0; performance.now() < endsAt; index += 1) {
    const nextAt = performance.now() + 1_000 / perSecond
    await work(index)
    await delay(Math.max(0, nextAt - performance.now()))
  }
}

type Watch = { scene: Scene; tally: Tally; memories: Memory[]; endsAt: number }

/** A look at memory every few seconds, and a line each minute. */
async function watch({ scene, tally, memories, endsAt }: Watch): Promise<void> {
  const startedAt = performance.now()
  let minute = 0
  while (performance.now() < endsAt) {
    await delay(Math.min(sampleEveryMs, Math.max(0, endsAt - performance.now())))
    const seconds = (performance.now() - startedAt) / 1_000
    const { server, database } = scene.site.memory()
    memories.push({ seconds, server, database })
    if (Math.round(seconds) < (minute + 1) * 60) continue
    minute += 1
    const { rows } = await scene.site.sql.query<{ jobs: number }>('select count(*)::int as jobs from jobs')
    const delivered = scene.sinks.reduce((sum, sink) => sum + sink.received(), 0)
    const counts = `${tally.reads} reads, ${tally.arrivals} arrivals, ${tally.posts} posts, ${delivered} deliveries`
    const waiting = `${rows[0]?.jobs ?? 0} jobs waiting, ${tally.faults.length} faults`
    const memory = `server ${shortNumber(server)} MB, database ${shortNumber(database)} MB`
    scene.site.progress.line(`minute ${minute}: ${memory}; ${counts}; ${waiting}`)
  }
}

function faultsRow({ faults }: Tally): Row {
  const [first] = faults
  return {
    name: 'soak, failed requests',
    unit: 'requests',
    ours: faults.length,
    target: { atMost: 0, is: 'none' },
    ...(first !== undefined && { note: `the first with ${first}` }),
  }
}

function rowsOf(memories: Memory[], rested: Usage, minutes: number): Row[] {
  const half = memories.slice(Math.floor(memories.length / 2))
  const growthOf = (part: 'server' | 'database'): Row => {
    const samples = half.map((memory): Sample => ({ seconds: memory.seconds, value: memory[part] }))
    return {
      name: `soak, growth of ${part} in an hour`,
      unit: 'MB',
      ours: growthPerHour(floorsOf(samples, 60)),
      ...(minutes >= tellingMinutes
        ? { target: { atMost: flatMb, is: `${flatMb} MB, which counts as flat` } }
        : { note: `says nothing: it takes ${tellingMinutes} minutes until caches are full` }),
    }
  }
  const { server, database } = memories.at(-1) ?? { server: Number.NaN, database: Number.NaN }
  const memoryRow = (name: string, parts: Usage): Row => ({ name, unit: 'MB', parts, ours: totalOf(parts) })
  return [
    growthOf('server'),
    growthOf('database'),
    memoryRow('soak, memory under load', { server, database }),
    memoryRow(`soak, memory at rest for ${restMs / 1000} s`, rested),
  ]
}
