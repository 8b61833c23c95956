import type { Client as Sql } from 'pg'
import type { Authority } from './certificates.ts'
import { growthRow } from './growth-row.ts'
import type { Limits } from './limits.ts'
import { arriveAt, deliveryRow } from './outbound.ts'
import { type Person, post, textOf } from './people.ts'
import type { Row } from './report.ts'
import { type Road, roads, type Sink, startSinks } from './sinks.ts'
import type { Cost } from './site.ts'
import type { Stage } from './stage.ts'

// What one post costs for each inbox it goes to, as they become more.

/** How many inboxes it goes to, and how often it is measured. */
const steps = [
  { size: 1, times: 40 },
  { size: 100, times: 6 },
  { size: 10_000, times: 1 },
]
/** Beyond these, several inboxes lie on one server. */
const servers = 100
const warmUps = 2

export async function measureOutboundGrowth(
  stage: Stage,
  limits: Limits,
  authority: Authority,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const [title, road] of Object.entries(roads)) {
    const sinks = await startSinks(road, authority, servers)
    try {
      rows.push(...(await measureRoad({ stage, limits, sinks, author: stage.another() }, title, road)))
    } finally {
      await Promise.all(sinks.map((sink) => sink.close()))
    }
  }
  return rows
}

type Setting = { stage: Stage; limits: Limits; sinks: Sink[]; author: Person }

async function measureRoad(
  { stage, limits, sinks, author }: Setting,
  title: string,
  road: Road,
): Promise<Row[]> {
  const [signature, bare] = [limits.signature(), await limits.post(road)]
  const rows: Row[] = []
  const costs: Cost[] = []
  for (const { size, times } of steps) {
    await followFromElsewhere(stage.sql, author.id, { sinks, upTo: size })
    const deliver = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        await arriveAt(sinks, size, () => post(stage.client, author, { status: textOf(index) }))
        stage.progress.count(index + 1, count, `to ${size}, ${title}`)
      }
      return count * size
    }
    if (size < 10_000) await deliver(warmUps)
    const cost = await stage.cost(() => deliver(times))
    const name = `outbound to ${size}, ${title}`
    const note = `on ${Math.min(size, servers)} ${size === 1 ? 'server' : 'servers'}`
    const hasTarget = road.isKept && size > 1
    rows.push(deliveryRow({ name, cost, signature, bare, hasTarget, note }))
    costs.push(cost)
  }
  const [, hundred, tenThousand] = costs
  if (!hundred || !tenThousand) return rows
  const growth = {
    name: `outbound, growth, ${title}`,
    of: tenThousand,
    before: hundred,
    beforeIs: 'each of 100',
  }
  return [...rows, growthRow(growth)]
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
       select 'fan' || n, hosts[place], actor, actor, actor || '/inbox', 1, now()
       from (select $1::text[] as hosts, $2::text[] as urls) as known, generate_series(1, $4::int) as n,
         lateral (select 1 + n % cardinality(hosts) as place) as placed,
         lateral (select urls[place] || '/fans/' || n as actor) as fan
       on conflict do nothing returning id, uri
     ), followed as (
       insert into follows (follower_id, followee_id, uri, state)
       select id, $3::bigint, uri || '/follow', 'accepted' from added returning 1
     )
     update accounts set followers_count = followers_count + (select count(*) from followed) where id = $3::bigint`,
    [sinks.map((sink) => sink.host), sinks.map((sink) => sink.url), followeeId, upTo],
  )
  await sql.query('analyze accounts, follows')
}
