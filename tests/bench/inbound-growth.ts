import type { Client as Sql } from 'pg'
import { growthRow } from './growth.ts'
import { verificationsPerSecond } from './limits.ts'
import { repeat, until } from './load.ts'
import { type MastodonLike, makeKeys, type SignedPost, startMastodonLike } from './mastodon.ts'
import type { Row } from './report.ts'
import { addRemoteAccount, follow, type Stage } from './stage.ts'

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
const concurrency = 8
const patienceMs = 240_000

export async function measureInboundGrowth(stage: Stage): Promise<Row[]> {
  const keys = makeKeys()
  const mastodons = await Promise.all(Array.from({ length: servers }, () => startMastodonLike(keys)))
  try {
    return [...(await measureSenders(stage, mastodons)), ...(await measureFeeds(stage, mastodons))]
  } finally {
    await Promise.all(mastodons.map((server) => server.close()))
  }
}

async function measureSenders(stage: Stage, mastodons: MastodonLike[]): Promise<Row[]> {
  const [one, ...others] = mastodons
  if (!one) return []
  const many = [one, ...others]
  const bobIds = await meet(
    stage,
    many.map((server) => ({ server, username: 'bob' })),
  )
  const names = Array.from({ length: strangers }, (_, index) => ({
    server: many[index % many.length] ?? one,
    username: `stranger${index}`,
  }))
  const strangerIds = await meet(stage, names)
  const measure = rowsOf(stage)
  let index = 0
  const byBobs = (of: MastodonLike[], times: number) =>
    Array.from({ length: times }, () =>
      of.map((server) => server.createFor(stage.sharedInbox, index++)),
    ).flat()
  await measure.arrive(byBobs(many, 1), bobIds)
  const single = await measure.row('inbound from 1 server', byBobs([one], fromOne), bobIds)
  const hundred = await measure.row(`inbound from ${servers} servers`, byBobs(many, fromEachOfMany), bobIds)
  const first = names.map(({ server, username }) => server.createFor(stage.sharedInbox, 0, username))
  const unheard = await measure.row(`inbound from ${strangers} unheard`, first, strangerIds)
  const eachMs = { of: 1_000 / hundred.ours, before: 1_000 / single.ours }
  return [single, hundred, unheard, growthRow('inbound, growth by senders', eachMs, 'the same from 1 server')]
}

/** One after the other from two servers, who have not sent much before. */
async function measureFeeds(stage: Stage, mastodons: MastodonLike[]): Promise<Row[]> {
  const senders = mastodons.slice(-2)
  const popular = senders.map((server) => ({ server, username: 'popular' }))
  const ids: string[] = []
  for (const one of popular) ids.push(await addAccount(stage, one))
  const measure = rowsOf(stage)
  const rows: Row[] = []
  let index = 0
  const next = () => {
    const sender = senders[index % senders.length]
    if (!sender) throw new Error('Nobody sends')
    return sender.createFor(stage.sharedInbox, index++, 'popular')
  }
  const posts = (count: number) => Array.from({ length: count }, next)
  for (const { size, times } of feeds) {
    for (const id of ids) await followFromHere(stage.sql, id, size)
    await measure.arrive(posts(warmUps), ids)
    const name = `inbound into ${size} ${size === 1 ? 'feed' : 'feeds'}`
    rows.push(await measure.row(name, posts(times), ids))
  }
  const [, hundred, tenThousand] = rows
  if (!hundred || !tenThousand) return rows
  const eachMs = { of: 1_000 / tenThousand.ours / 10_000, before: 1_000 / hundred.ours / 100 }
  return [...rows, growthRow('inbound, growth by feeds', eachMs, 'the same at 100')]
}

function rowsOf({ client, sql, sharedInbox, cost }: Stage) {
  const path = new URL(sharedInbox).pathname
  const limit = verificationsPerSecond()
  const arrive = async (posts: SignedPost[], authorIds: string[]) => {
    const goal = (await countNotes(sql, authorIds)) + posts.length
    const load = { count: posts.length, atMostMs: patienceMs, concurrency }
    await repeat(load, async (index) => void (await client.call({ path, ...posts[index] })))
    await until('all is stored', async () => (await countNotes(sql, authorIds)) === goal, patienceMs)
    return posts.length
  }
  const row = async (name: string, posts: SignedPost[], authorIds: string[]): Promise<Row> => {
    const { perSecond, note } = await cost(() => arrive(posts, authorIds))
    const limitIs = 'an RSA-2048 verification'
    return { name, unit: 'Creates/CPU-s', ours: perSecond, limit, limitIs, better: 'higher', note }
  }
  return { arrive, row }
}

type Author = { server: MastodonLike; username: string }

function addAccount({ sql }: Stage, { server, username }: Author): Promise<string> {
  const uri = server.actorOf(username)
  return addRemoteAccount(sql, { username, domain: server.host, uri, inbox: `${uri}/inbox` })
}

/** Accounts that were met long ago, whom Alice follows. */
async function meet(stage: Stage, authors: Author[]): Promise<string[]> {
  const ids: string[] = []
  for (const author of authors) {
    const id = await addAccount(stage, author)
    await follow(stage.sql, stage.alice.id, id)
    ids.push(id)
  }
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
