import { verificationsPerSecond } from './limits.ts'
import { repeat, until } from './load.ts'
import { type MastodonLike, type SignedPost, startMastodonLike } from './mastodon.ts'
import type { Row } from './report.ts'
import { addRemoteAccount, follow, type Stage } from './stage.ts'

const warmUp = 100
const measured = 800
const concurrency = 8

/** Creates of distinct notes by someone who is followed here, from the socket to the row in the home feed. */
export async function measureInbound(stage: Stage): Promise<Row[]> {
  const mastodon = await startMastodonLike()
  try {
    return [await measureFrom(stage, mastodon)]
  } finally {
    await mastodon.close()
  }
}

async function measureFrom(stage: Stage, mastodon: MastodonLike): Promise<Row> {
  const { host, actor } = mastodon
  const bob = { username: 'bob', domain: host, uri: actor, inbox: `${actor}/inbox` }
  const bobId = await addRemoteAccount(stage.sql, bob)
  await follow(stage.sql, stage.alice.id, bobId)
  const arrive = async (posts: SignedPost[], storedBefore: number): Promise<number> => {
    const done = await send(stage, posts)
    await until('all is in the home feed', () => areStored(stage, bobId, storedBefore + done), 60_000)
    return done
  }
  // Signed beforehand, so that the sender never waits for a processor.
  const posts = Array.from({ length: warmUp + measured }, (_, index) =>
    mastodon.createFor(stage.sharedInbox, index),
  )
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
async function areStored({ sql, alice }: Stage, authorId: string, count: number): Promise<boolean> {
  const { rows } = await sql.query<{ notes: number; entries: number }>(
    `select (select count(*)::int from notes where account_id = $1) as notes,
      (select count(*)::int from home_entries where account_id = $2 and author_id = $1) as entries`,
    [authorId, alice.id],
  )
  return rows[0]?.notes === count && rows[0].entries === count
}
