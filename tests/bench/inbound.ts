import { verificationsPerSecond } from './limits.ts'
import { repeat, until } from './load.ts'
import { type MastodonLike, type SignedPost, startMastodonLike } from './mastodon.ts'
import type { Row } from './report.ts'
import { addRemoteAccount, follow, type Stage } from './stage.ts'

const warmUp = 100
const measured = 800
const concurrency = 8
/** None of them sends more at once than one server may. */
const senders = 4

/** Creates of distinct notes by people who are followed here, from the socket to the row in the home feed. */
export async function measureInbound(stage: Stage): Promise<Row[]> {
  const servers = await Promise.all(Array.from({ length: senders }, () => startMastodonLike()))
  try {
    return [await measureFrom(stage, servers)]
  } finally {
    await Promise.all(servers.map((server) => server.close()))
  }
}

async function followBobOf(stage: Stage, { host, actorOf }: MastodonLike): Promise<string> {
  const actor = actorOf('bob')
  const bob = { username: 'bob', domain: host, uri: actor, inbox: `${actor}/inbox` }
  const bobId = await addRemoteAccount(stage.sql, bob)
  await follow(stage.sql, stage.alice.id, bobId)
  return bobId
}

async function measureFrom(stage: Stage, servers: MastodonLike[]): Promise<Row> {
  const bobIds: string[] = []
  for (const server of servers) bobIds.push(await followBobOf(stage, server))
  const arrive = async (posts: SignedPost[], storedBefore: number): Promise<number> => {
    const done = await send(stage, posts)
    await until('all is in the home feed', () => areStored(stage, bobIds, storedBefore + done), 60_000)
    return done
  }
  // Signed beforehand, so that the sender never waits for a processor.
  const perServer = (warmUp + measured) / senders
  const posts = Array.from({ length: perServer }, (_, index) =>
    servers.map((server) => server.createFor(stage.sharedInbox, index)),
  ).flat()
  const warm = await arrive(posts.slice(0, warmUp), 0)
  const limitBefore = verificationsPerSecond()
  const { perSecond, note } = await stage.cost(() => arrive(posts.slice(warmUp), warm))
  return {
    name: 'inbound',
    unit: 'Creates/CPU-s',
    ours: perSecond,
    limit: (limitBefore + verificationsPerSecond()) / 2,
    limitIs: 'an RSA-2048 verification',
    better: 'higher',
    note,
  }
}

async function send({ client, sharedInbox }: Stage, posts: SignedPost[]): Promise<number> {
  const path = new URL(sharedInbox).pathname
  const load = { count: posts.length, atMostMs: 15_000, concurrency }
  return repeat(load, async (index) => void (await client.call({ path, ...posts[index] })))
}

/** Both the notes and their entries in the feed of the one who follows. */
async function areStored({ sql, alice }: Stage, authorIds: string[], count: number): Promise<boolean> {
  const { rows } = await sql.query<{ notes: number; entries: number }>(
    `select (select count(*)::int from notes where account_id = any($1)) as notes,
      (select count(*)::int from home_entries where account_id = $2 and author_id = any($1)) as entries`,
    [authorIds, alice.id],
  )
  return rows[0]?.notes === count && rows[0].entries === count
}
