import type { Client as Sql } from 'pg'
import { growthRow } from './growth-row.ts'
import { send } from './inbound.ts'
import type { Limits } from './limits.ts'
import { until } from './load.ts'
import { type MastodonLike, makeKeys, type SignedPost, startMastodonLike } from './mastodon.ts'
import { addSender, meet, type Sender } from './people.ts'
import type { Row } from './report.ts'
import { type Cost, costRow } from './site.ts'
import type { Stage } from './stage.ts'

// What one Create that comes in costs as those who send, and those who read it, become more.

/** Few enough from each that none is told to come back later. */
const fromOne = 200
const fromEachOfMany = 4
const servers = 100
/** Of those servers, and heard for the first time: the key of each is fetched. */
const strangers = 1_000
/** How many home feeds it comes into, and how often it is measured. */
const feeds = [
  { size: 1, times: 200 },
  { size: 100, times: 100 },
  { size: 10_000, times: 6 },
]
const warmUps = 2
const patienceMs = 240_000

export async function measureInboundGrowth(stage: Stage, limits: Limits): Promise<Row[]> {
  const keys = makeKeys()
  const mastodons = await Promise.all(Array.from({ length: servers }, () => startMastodonLike(keys)))
  try {
    return [
      ...(await measureSenders(stage, limits, mastodons)),
      ...(await measureFeeds(stage, limits, mastodons)),
    ]
  } finally {
    await Promise.all(mastodons.map((server) => server.close()))
  }
}

async function measureSenders(stage: Stage, limits: Limits, mastodons: MastodonLike[]): Promise<Row[]> {
  const [one, ...others] = mastodons
  if (!one) return []
  const many = [one, ...others]
  const bobIds = await meetAll(
    stage,
    many.map((server) => ({ server, username: 'bob' })),
  )
  const names = Array.from({ length: strangers }, (_, index) => ({
    server: many[index % many.length] ?? one,
    username: `stranger${index}`,
  }))
  const strangerIds = await meetAll(stage, names)
  const measure = arrivalsAt(stage)
  const limit = limits.verification()
  let index = 0
  const byBobs = (of: MastodonLike[], times: number) =>
    Array.from({ length: times }, () =>
      of.map((server) => server.createFor(stage.uris.sharedInbox, index++)),
    ).flat()
  await measure.arrive(byBobs(many, 1), bobIds)
  const single = await measure.cost(byBobs([one], fromOne), bobIds)
  const hundred = await measure.cost(byBobs(many, fromEachOfMany), bobIds)
  const first = names.map(({ server, username }) => server.createFor(stage.uris.sharedInbox, 0, { username }))
  const unheard = await measure.cost(first, strangerIds)
  const growth = {
    name: 'inbound, growth by senders',
    of: hundred,
    before: single,
    beforeIs: 'the same from 1 server',
  }
  return [
    costRow({ name: 'inbound from 1 server', cost: single, limit }),
    costRow({ name: `inbound from ${servers} servers`, cost: hundred, limit }),
    costRow({ name: `inbound from ${strangers} unheard`, cost: unheard, limit }),
    growthRow(growth),
  ]
}

/** One after the other from two servers, who have not sent much before. */
async function measureFeeds(stage: Stage, limits: Limits, mastodons: MastodonLike[]): Promise<Row[]> {
  const senders = mastodons.slice(-2)
  const popular = senders.map((server) => ({ server, username: 'popular' }))
  const ids: string[] = []
  for (const one of popular) ids.push(await addSender(stage.sql, one))
  const measure = arrivalsAt(stage)
  const limit = limits.verification()
  const rows: Row[] = []
  const eachFeed: Cost[] = []
  let index = 0
  const next = () => {
    const sender = senders[index % senders.length]
    if (!sender) throw new Error('Nobody sends')
    return sender.createFor(stage.uris.sharedInbox, index++, { username: 'popular' })
  }
  const posts = (count: number) => Array.from({ length: count }, next)
  for (const { size, times } of feeds) {
    for (const id of ids) await followFromHere(stage.sql, id, size)
    await measure.arrive(posts(warmUps), ids)
    const name = `inbound into ${size} ${size === 1 ? 'feed' : 'feeds'}`
    const cost = await measure.cost(posts(times), ids)
    rows.push(costRow({ name, cost, limit }))
    eachFeed.push({ ...cost, server: cost.server / size, database: cost.database / size })
  }
  const [, hundred, tenThousand] = eachFeed
  if (!hundred || !tenThousand) return rows
  const name = 'inbound, growth by feeds'
  return [...rows, growthRow({ name, of: tenThousand, before: hundred, beforeIs: 'each of 100 feeds' })]
}

function arrivalsAt(stage: Stage) {
  const { sql, cost } = stage
  const arrive = async (posts: SignedPost[], authorIds: string[]) => {
    const goal = (await countNotes(sql, authorIds)) + posts.length
    await send(stage, posts, patienceMs)
    const isThere = async () => (await countNotes(sql, authorIds)) === goal
    await until('all is stored', isThere, { atMostMs: patienceMs })
    return posts.length
  }
  return {
    arrive,
    cost: (posts: SignedPost[], authorIds: string[]) => cost(() => arrive(posts, authorIds)),
  }
}

async function meetAll({ sql, alice }: Stage, senders: Sender[]): Promise<string[]> {
  const ids: string[] = []
  for (const sender of senders) ids.push(await meet(sql, alice, sender))
  return ids
}

/** People of this server, so many in all, whom nobody signs in as. */
async function followFromHere(sql: Sql, followeeId: string, upTo: number): Promise<void> {
  await sql.query(
    `insert into accounts (username, uri, url, inbox_uri)
     select 'reader' || n, 'urn:bench:reader:' || n, 'urn:bench:reader:' || n, 'urn:bench:inbox:' || n
     from generate_series(1, $1::int) as n
     on conflict do nothing`,
    [upTo],
  )
  await sql.query(
    `with people as (
       select id, uri from accounts
       where uri in (select 'urn:bench:reader:' || n from generate_series(1, $2::int) as n)
     ), signed_up as (
       insert into users (account_id, email, password_hash, confirmed_at, approved_at)
       select id, id || '@mail.example', '-', now(), now() from people on conflict do nothing
     ), followed as (
       insert into follows (follower_id, followee_id, uri, state)
       select id, $1::bigint, uri || ':follow:' || $1, 'accepted' from people on conflict do nothing returning 1
     )
     update accounts set followers_count = followers_count + (select count(*) from followed) where id = $1::bigint`,
    [followeeId, upTo],
  )
  await sql.query('analyze accounts, follows, users')
}

async function countNotes(sql: Sql, authorIds: string[]): Promise<number> {
  const { rows } = await sql.query<{ notes: number }>(
    'select count(*)::int as notes from notes where account_id = any($1)',
    [authorIds],
  )
  return rows[0]?.notes ?? 0
}
