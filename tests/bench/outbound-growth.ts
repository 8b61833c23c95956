import type { Client as Sql } from 'pg'
import { growthRow } from './growth.ts'
import { signaturesPerSecond } from './limits.ts'
import { until } from './load.ts'
import { type Sink, startSink } from './outbound.ts'
import type { Row } from './report.ts'
import { post, type Stage, textOf } from './stage.ts'

// What one post costs for each inbox it goes to, as they become more.

/** How many inboxes it goes to, and how often it is measured. */
const steps = [
  { size: 1, times: 60 },
  { size: 100, times: 10 },
  { size: 10_000, times: 1 },
]
/** Beyond these, several inboxes lie on one server. */
const servers = 100
const warmUps = 2
const patienceMs = 240_000

export async function measureOutboundGrowth(stage: Stage): Promise<Row[]> {
  const sinks = await Promise.all(Array.from({ length: servers }, startSink))
  try {
    return await measureTo(stage, sinks)
  } finally {
    await Promise.all(sinks.map((sink) => sink.close()))
  }
}

async function measureTo(stage: Stage, sinks: Sink[]): Promise<Row[]> {
  const received = () => sinks.reduce((sum, sink) => sum + sink.received(), 0)
  const limit = signaturesPerSecond()
  const rows: Row[] = []
  for (const { size, times } of steps) {
    await followFromElsewhere(stage.sql, stage.author.id, { sinks, upTo: size })
    const deliver = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const goal = received() + size
        await post(stage.client, stage.author, textOf(index))
        await until('every inbox has it', () => received() >= goal, patienceMs)
      }
      return count * size
    }
    if (size < 10_000) await deliver(warmUps)
    const { perSecond, note } = await stage.cost(() => deliver(times))
    const name = `outbound to ${size}`
    const limitIs = 'an RSA-2048 signature'
    const where = `on ${Math.min(size, servers)} ${size === 1 ? 'server' : 'servers'}`
    rows.push({
      name,
      unit: 'deliveries/CPU-s',
      ours: perSecond,
      limit,
      limitIs,
      better: 'higher',
      note: `${note}; ${where}`,
    })
  }
  return [...rows, ...growthOf(rows)]
}

function growthOf([, hundred, tenThousand]: Row[]): Row[] {
  if (!hundred || !tenThousand) return []
  const eachMs = { of: 1_000 / tenThousand.ours, before: 1_000 / hundred.ours }
  return [growthRow('outbound, growth', eachMs, 'the same at 100')]
}

/** People of other servers who each have an inbox, so many in all. */
async function followFromElsewhere(
  sql: Sql,
  followeeId: string,
  { sinks, upTo }: { sinks: Sink[]; upTo: number },
): Promise<void> {
  await sql.query(
    `with added as (
       insert into accounts (username, domain, uri, url, inbox_uri, following_count, fetched_at)
       select 'fan' || n, hosts[1 + n % $1::int], actor, actor, actor || '/inbox', 1, now()
       from generate_series(1, $4::int) as n, (select $2::text[] as hosts) as known,
         lateral (select 'http://' || hosts[1 + n % $1::int] || '/fans/' || n as actor) as fan
       on conflict do nothing returning id, uri
     ), followed as (
       insert into follows (follower_id, followee_id, uri, state)
       select id, $3::bigint, uri || '/follow', 'accepted' from added returning 1
     )
     update accounts set followers_count = followers_count + (select count(*) from followed) where id = $3::bigint`,
    [sinks.length, sinks.map((sink) => sink.host), followeeId, upTo],
  )
  await sql.query('analyze accounts, follows')
}
