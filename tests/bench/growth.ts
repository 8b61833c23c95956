import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Client as Sql } from 'pg'
import { growthRow } from './growth-row.ts'
import { type Inbox, withSenders } from './inbound.ts'
import { dealer, follow, makePeople, type Person } from './people.ts'
import { writeNotes } from './post.ts'
import { type PageReaders, pagesFor, read, warm } from './reads.ts'
import type { Row } from './report.ts'
import { seedFolder } from './seed-folder.ts'
import { type Cost, type Hall, middleOf, openSite, type Site } from './site.ts'

// Two servers, one with few notes and one with many, measured in turn: what else the machine does meanwhile meets both.

const few = 10_000
const rounds = 5
// Five times this and the warm-up are under what one stranger may ask for in five minutes.
const readsPerRound = 260
const postsPerRound = 60
const arrivalsPerRound = 80
const warmUp = 150
const pageTarget = 1.3

type Place = { site: Site; pages: PageReaders; author: Person; reader: Person }

/** What each thing costs with so many notes held, against the same with 10,000. */
export async function measureGrowth(hall: Hall, many: number): Promise<Row[]> {
  const places = [await openPlace(hall, few), await openPlace(hall, many)]
  const [small, large] = places
  if (!small || !large) return []
  hall.progress.step(`Reading, posting and receiving with ${many.toLocaleString('en')} notes`)
  const rows: Row[] = []
  const compare = async (name: string, measure: (place: Place) => Promise<Cost>, atMost?: number) => {
    const costs: [Cost[], Cost[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      costs[0].push(await measure(small))
      costs[1].push(await measure(large))
    }
    rows.push(
      growthRow({
        name: `${name}, growth`,
        of: middleOf(costs[1]),
        before: middleOf(costs[0]),
        beforeIs: `the same with ${few.toLocaleString('en')} notes`,
        ...(atMost !== undefined && { atMost }),
      }),
    )
  }
  for (const [index, page] of pagesFor(small.pages).entries()) {
    const pageOf = (place: Place) => pagesFor(place.pages)[index] ?? page
    for (const place of places) await warm(place.site, pageOf(place), warmUp)
    await compare(page.name, (place) => read(place.site, pageOf(place), readsPerRound), pageTarget)
  }
  for (const { site, author } of places) await writeNotes(site, author, postsPerRound)
  await compare('post', ({ site, author }) => site.cost(() => writeNotes(site, author, postsPerRound)))
  await withSenders(small.site, small.reader, (toSmall) =>
    withSenders(large.site, large.reader, async (toLarge) => {
      const inboxes = new Map<Place, Inbox>([
        [small, toSmall],
        [large, toLarge],
      ])
      await compare('inbound', async (place) => {
        const cost = await inboxes.get(place)?.costOfArrival({ warmUp: 20, measured: arrivalsPerRound })
        if (!cost) throw new Error('There is no such place')
        return cost
      })
    }),
  )
  for (const { site } of places) await site.stop()
  return rows
}

/** A server with so many notes. Who reads there was here before, and so follows and hears as others do. */
async function openPlace(hall: Hall, notes: number): Promise<Place> {
  const dataDir = mkdtempSync(join(hall.folder, 'grown-'))
  const first = await openSite(hall, { dataDir })
  const another = dealer(await makePeople(first, 12))
  const two = (): Person[] => [another(), another()]
  const readers = {
    home: two(),
    notifications: two(),
    public: two(),
    thread: two(),
    status: two(),
    account: two(),
  }
  // Without the server it takes half as long.
  await first.stop()
  await seedFolder({ ...hall, dataDir, notes })
  const site = await openSite(hall, { dataDir, port: Number(new URL(first.url).port) })
  // These came later, so that nobody follows them but who is told to.
  const newcomer = dealer(await makePeople(site, 4, 'newcomer'))
  const [author, reader] = [newcomer(), newcomer()]
  for (const follower of [newcomer(), newcomer()]) await follow(site.sql, follower.id, author.id)
  const pages = {
    ...readers,
    thread: { readers: readers.thread, noteIds: await listThreads(site.sql) },
    status: { readers: readers.status, noteIds: await listNotes(site.sql) },
    account: { readers: readers.account, accountIds: await listAuthors(site.sql) },
  }
  return { site, pages, author, reader }
}

const idsOf = async (sql: Sql, text: string): Promise<string[]> =>
  (await sql.query<{ id: string }>(text)).rows.map(({ id }) => id)

/** With about twenty answers each. */
function listThreads(sql: Sql): Promise<string[]> {
  return idsOf(
    sql,
    `select root.id from notes as root
     join notes as answer on answer.conversation_uri = root.conversation_uri and answer.boost_of_id is null
     where root.id in (select id from notes where replies_count > 5 order by id desc limit 400)
       and root.in_reply_to_uri is null and root.boost_of_id is null
     group by root.id having count(*) between 20 and 24 order by root.id desc limit 20`,
  )
}

/** From everywhere in time. */
function listNotes(sql: Sql): Promise<string[]> {
  return idsOf(
    sql,
    `select id from notes where visibility = 'public' and boost_of_id is null and hashint8(id) % 97 = 0
     order by hashint8(id) limit 40`,
  )
}

function listAuthors(sql: Sql): Promise<string[]> {
  return idsOf(
    sql,
    `select id from accounts where domain is not null and notes_count between 60 and 200 order by hashint8(id) limit 20`,
  )
}
