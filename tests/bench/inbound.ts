import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { SignatureScheme } from '../support/http-signatures.ts'
import { between, type Limits } from './limits.ts'
import { repeat, until } from './load.ts'
import { type MastodonLike, type SignedPost, startMastodonLike } from './mastodon.ts'
import { makePeople, meet, type Person } from './people.ts'
import { pick } from './reads.ts'
import { type Row, targetOf } from './report.ts'
import { type Cost, costRow, type Hall, openSite, type Site } from './site.ts'
import type { Stage } from './stage.ts'

const warmUp = 100
const measured = 800
const concurrency = 8
/** None of them sends more at once than one server may. */
const senders = 4

const schemes: { scheme: SignatureScheme; title: string }[] = [
  { scheme: 'draft-cavage', title: 'cavage' },
  { scheme: 'rfc9421', title: 'RFC 9421' },
]

/** Creates of distinct notes by people who are followed here, from the socket to the row in the home feed. */
export async function measureInbound(stage: Stage, limits: Limits): Promise<Row[]> {
  const rows: Row[] = []
  const measure = (scheme: SignatureScheme) =>
    withSenders(stage, stage.alice, (inbox) => inbox.costOfArrival({ scheme, warmUp, measured }))
  // Until V8 has compiled what is called often, which takes some thousand of them, each costs up to half as much again.
  for (const { scheme } of schemes) await measure(scheme)
  for (const { scheme, title } of schemes) {
    const before = limits.verification()
    const cost = await measure(scheme)
    const limit = between(before, limits.verification())
    const insert = await limits.insert(stage)
    const target = targetOf([
      [40, limit],
      [3, insert],
    ])
    rows.push(costRow({ name: `inbound, ${title}`, cost, limit, target }))
  }
  return rows
}

/** The same until the answer, on a server where nobody takes up the jobs: what is said before the work is done. */
export async function measureAccepting(hall: Hall, limits: Limits): Promise<Row[]> {
  const site = await openSite(hall, { dataDir: mkdtempSync(join(hall.folder, 'web-')), role: 'web' })
  const [alice] = await makePeople(site, 1)
  if (!alice) return []
  const rows: Row[] = []
  for (const { scheme, title } of schemes) {
    const limit = limits.verification()
    const cost = await withSenders(site, alice, (inbox) =>
      inbox.costOfAnswer({ scheme, warmUp: 3 * warmUp, measured: measured / 2 }),
    )
    rows.push(costRow({ name: `inbound until 202, ${title}`, cost, limit }))
  }
  await site.stop()
  return rows
}

export type Arrivals = { scheme?: SignatureScheme; warmUp: number; measured: number }

export type Inbox = {
  /** Until all is in the home feed. */
  costOfArrival(arrivals: Arrivals): Promise<Cost>
  /** Until all is answered. */
  costOfAnswer(arrivals: Arrivals): Promise<Cost>
}

/** With some servers that have an account each that `reader` follows. */
export async function withSenders<T>(
  site: Site,
  reader: Person,
  work: (inbox: Inbox) => Promise<T>,
): Promise<T> {
  const servers = await Promise.all(Array.from({ length: senders }, () => startMastodonLike()))
  try {
    const bobIds: string[] = []
    for (const server of servers) bobIds.push(await meet(site.sql, reader, { server, username: 'bob' }))
    return await work(createInbox(site, servers, { readerId: reader.id, bobIds }))
  } finally {
    await Promise.all(servers.map((server) => server.close()))
  }
}

type Ends = { readerId: string; bobIds: string[] }

function createInbox(site: Site, servers: MastodonLike[], ends: Ends): Inbox {
  let stored = 0
  let written = 0
  const arrive = async (posts: SignedPost[]): Promise<number> => {
    stored += await send(site, posts)
    const isStored = () => areStored(site, ends, stored)
    await until('all is in the home feed', isStored, { atMostMs: 60_000 })
    return posts.length
  }
  // Signed beforehand, so that the sender never waits for a processor.
  const sign = ({ scheme = 'draft-cavage', ...counts }: Arrivals): SignedPost[] =>
    Array.from({ length: counts.warmUp + counts.measured }, () =>
      pick(servers, written).createFor(site.uris.sharedInbox, written++, { scheme }),
    )
  return {
    costOfArrival: async (arrivals) => {
      const posts = sign(arrivals)
      await arrive(posts.slice(0, arrivals.warmUp))
      return site.cost(() => arrive(posts.slice(arrivals.warmUp)))
    },
    costOfAnswer: async (arrivals) => {
      const posts = sign(arrivals)
      await send(site, posts.slice(0, arrivals.warmUp))
      return site.costUnsettled(() => send(site, posts.slice(arrivals.warmUp)))
    },
  }
}

/** Answers how many it was, all of them accepted. */
export async function send(
  { client, uris, progress }: Pick<Site, 'client' | 'uris' | 'progress'>,
  posts: SignedPost[],
  atMostMs = 30_000,
): Promise<number> {
  const path = new URL(uris.sharedInbox).pathname
  const load = { count: posts.length, atMostMs, concurrency, progress }
  return repeat(load, async (index) => void (await client.call({ path, ...posts[index] })))
}

/** Both the notes and their entries in the feed of the one who follows. */
async function areStored({ sql }: Site, { readerId, bobIds }: Ends, count: number): Promise<boolean> {
  const { rows } = await sql.query<{ notes: number; entries: number }>(
    `select (select count(*)::int from notes where account_id = any($1)) as notes,
      (select count(*)::int from home_entries where account_id = $2 and author_id = any($1)) as entries`,
    [bobIds, readerId],
  )
  return rows[0]?.notes === count && rows[0].entries === count
}
