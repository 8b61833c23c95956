import type { Client as Sql } from 'pg'
import { signaturesPerSecond, verificationsPerSecond } from './limits.ts'
import { repeat, until } from './load.ts'
import { type MastodonLike, startMastodonLike } from './mastodon.ts'
import { type Sink, startSink } from './outbound.ts'
import type { Row } from './report.ts'
import { addRemoteAccount, post, type Stage, textOf } from './stage.ts'

// What one post, and one Create that comes in, costs for each of those it goes to, as they become more.

/** How many it goes to, and how often it is measured. */
const outboundSteps = [
  { size: 1, times: 60 },
  { size: 100, times: 10 },
  { size: 10_000, times: 1 },
]
const inboundSteps = [
  { size: 1, times: 200 },
  { size: 100, times: 100 },
  { size: 10_000, times: 6 },
]
const warmUps = 2
const concurrency = 8
const patienceMs = 240_000

export async function measureGrowth(stage: Stage): Promise<Row[]> {
  const sink = await startSink()
  const mastodon = await startMastodonLike()
  try {
    return [...(await measureOut(stage, sink)), ...(await measureIn(stage, mastodon))]
  } finally {
    await sink.close()
    await mastodon.close()
  }
}

async function measureOut(stage: Stage, sink: Sink): Promise<Row[]> {
  const limit = signaturesPerSecond()
  const rows: Row[] = []
  for (const { size, times } of outboundSteps) {
    await followFromElsewhere(stage.sql, stage.author.id, { sink, upTo: size })
    const deliver = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const goal = sink.received() + size
        await post(stage.client, stage.author, textOf(index))
        await until('every inbox has it', () => sink.received() >= goal, patienceMs)
      }
      return count * size
    }
    if (size < 10_000) await deliver(warmUps)
    const { perSecond, note } = await stage.cost(() => deliver(times))
    const name = `outbound to ${size}`
    const limitIs = 'an RSA-2048 signature'
    rows.push({ name, unit: 'deliveries/CPU-s', ours: perSecond, limit, limitIs, better: 'higher', note })
  }
  return [...rows, growthOf('outbound, growth', ({ ours }) => 1_000 / ours, rows)]
}

async function measureIn(stage: Stage, mastodon: MastodonLike): Promise<Row[]> {
  const { host, actor } = mastodon
  const bob = { username: 'bob', domain: host, uri: actor, inbox: `${actor}/inbox` }
  const bobId = await addRemoteAccount(stage.sql, bob)
  const limit = verificationsPerSecond()
  const path = new URL(stage.sharedInbox).pathname
  const rows: Row[] = []
  let sent = 0
  for (const { size, times } of inboundSteps) {
    await followFromHere(stage.sql, bobId, size)
    const arrive = async (count: number) => {
      const posts = Array.from({ length: count }, () => mastodon.createFor(stage.sharedInbox, sent++))
      const load = { count, atMostMs: patienceMs, concurrency }
      await repeat(load, async (index) => void (await stage.client.call({ path, ...posts[index] })))
      await until('all is stored', () => areStored(stage.sql, bobId, sent), patienceMs)
      return count
    }
    await arrive(warmUps)
    const { perSecond, note } = await stage.cost(() => arrive(times))
    const name = `inbound into ${size} ${size === 1 ? 'feed' : 'feeds'}`
    const limitIs = 'an RSA-2048 verification'
    rows.push({ name, unit: 'Creates/CPU-s', ours: perSecond, limit, limitIs, better: 'higher', note })
  }
  return [...rows, growthOf('inbound, growth', ({ ours }, size) => 1_000 / ours / size, rows)]
}

/** The cost for each of ten thousand, beside that for each of a hundred; `msEach` of one unit that was measured. */
function growthOf(name: string, msEach: (row: Row, size: number) => number, rows: Row[]): Row {
  const [, hundred, tenThousand] = rows
  if (!hundred || !tenThousand) throw new Error('Growth is between two sizes')
  const [ours, limit] = [msEach(tenThousand, 10_000), msEach(hundred, 100)]
  return { name, unit: 'CPU ms for each', ours, limit, limitIs: 'the same at 100', better: 'lower' }
}

/** People of another server who each have an inbox, so many in all. */
async function followFromElsewhere(
  sql: Sql,
  followeeId: string,
  { sink, upTo }: { sink: Sink; upTo: number },
) {
  await sql.query(
    `with added as (
       insert into accounts (username, domain, uri, url, inbox_uri, following_count, fetched_at)
       select 'fan' || n, $1, $2 || '/fans/' || n, $2 || '/fans/' || n, $2 || '/fans/' || n || '/inbox', 1, now()
       from generate_series(1, $4::int) as n
       on conflict do nothing returning id, uri
     ), followed as (
       insert into follows (follower_id, followee_id, uri, state)
       select id, $3::bigint, uri || '/follow', 'accepted' from added returning 1
     )
     update accounts set followers_count = followers_count + (select count(*) from followed) where id = $3::bigint`,
    [sink.host, sink.url, followeeId, upTo],
  )
  await sql.query('analyze accounts, follows')
}

/** People of this server, so many in all, whom nobody signs in as. */
async function followFromHere(sql: Sql, followeeId: string, upTo: number): Promise<void> {
  await sql.query(
    `with added as (
       insert into accounts (username, uri, url, inbox_uri, following_count)
       select 'reader' || n, 'urn:bench:reader:' || n, 'urn:bench:reader:' || n, 'urn:bench:inbox:' || n, 1
       from generate_series(1, $2::int) as n
       on conflict do nothing returning id, uri
     ), people as (
       insert into users (account_id, email, password_hash, confirmed_at, approved_at)
       select id, id || '@mail.example', '-', now(), now() from added
     ), followed as (
       insert into follows (follower_id, followee_id, uri, state)
       select id, $1::bigint, uri || ':follow', 'accepted' from added returning 1
     )
     update accounts set followers_count = followers_count + (select count(*) from followed) where id = $1::bigint`,
    [followeeId, upTo],
  )
  await sql.query('analyze accounts, follows, users')
}

async function areStored(sql: Sql, authorId: string, count: number): Promise<boolean> {
  const { rows } = await sql.query<{ notes: number }>(
    'select count(*)::int as notes from notes where account_id = $1',
    [authorId],
  )
  return rows[0]?.notes === count
}
