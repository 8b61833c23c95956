import type { Client as Sql } from 'pg'
import { makeKeyPairs } from '#src/accounts/keys.ts'
import { loadSecretKey } from '#src/base/secret-key.ts'
import { connect } from '#src/db/connect.ts'
import { clusterPaths, urlOf } from '#src/db/embedded/cluster.ts'
import { storePerson } from '../support/stored-person.ts'
import type { Client } from './load.ts'
import type { MastodonLike } from './mastodon.ts'
import type { Site } from './site.ts'

export type Person = { id: string; token: string }

/** People of a server, with tokens. All have the same keys: making one for each would take a while. */
export async function makePeople(
  { url, dataDir }: Pick<Site, 'url' | 'dataDir'>,
  count: number,
  title = 'person',
): Promise<Person[]> {
  const { db, close } = connect(urlOf(clusterPaths(dataDir)), { maxConnections: 1 })
  const environment = { PUBLIC_URL: url, SECRET_KEY: loadSecretKey(dataDir) }
  try {
    const keys = await makeKeyPairs()
    const people: Person[] = []
    for (let index = 0; index < count; index += 1) {
      const { accountId, token } = await storePerson(db, environment, `${title}${index}`, keys)
      people.push({ id: accountId, token })
    }
    return people
  } finally {
    await close()
  }
}

/** Takes people one after the other. */
export function dealer(people: Person[]): () => Person {
  let next = 0
  return () => {
    const person = people[next++]
    if (!person) throw new Error('More people are needed than were made')
    return person
  }
}

export type Posted = { status: string; in_reply_to_id?: string; visibility?: 'public' | 'unlisted' }

/** Answers the id of the note. */
export async function post(client: Client, person: Person, json: Posted): Promise<string> {
  const answer = await client.call({ path: '/api/v1/statuses', token: person.token, json })
  const { id }: { id: string } = JSON.parse(answer)
  return id
}

/** A post of ordinary length. */
export function textOf(index: number): string {
  return `Note ${index}: the light over the harbour was so low this morning that every mast drew a line across the water, and I tried to keep it. #harbour`
}

/** A follow that is accepted, as if it had been asked for long ago. */
export async function follow(sql: Sql, followerId: string, followeeId: string): Promise<void> {
  await sql.query(
    `insert into follows (follower_id, followee_id, uri, state) values ($1, $2, $3, 'accepted')`,
    [followerId, followeeId, `urn:bench:follow:${followerId}:${followeeId}`],
  )
  await sql.query('update accounts set following_count = following_count + 1 where id = $1', [followerId])
  await sql.query('update accounts set followers_count = followers_count + 1 where id = $1', [followeeId])
}

export type RemoteAccount = { username: string; domain: string; uri: string; inbox: string }

/** An account of another server that was met long ago; answers its id. */
export async function addRemoteAccount(sql: Sql, account: RemoteAccount): Promise<string> {
  const { rows } = await sql.query<{ id: string }>(
    `insert into accounts (username, domain, uri, url, inbox_uri, followers_uri, fetched_at, explored_at)
     values ($1, $2, $3, $3, $4, $5, now(), now()) returning id`,
    [account.username, account.domain, account.uri, account.inbox, `${account.uri}/followers`],
  )
  return rows[0]?.id ?? ''
}

/** Someone with an account on a server of Mastodon's kind. */
export type Sender = { server: MastodonLike; username: string }

/** As `addRemoteAccount`, for who can send. */
export function addSender(sql: Sql, { server, username }: Sender): Promise<string> {
  const uri = server.actorOf(username)
  return addRemoteAccount(sql, { username, domain: server.host, uri, inbox: `${uri}/inbox` })
}

/** Has a person here follow someone who can send; answers the account's id. */
export async function meet(sql: Sql, reader: Person, sender: Sender): Promise<string> {
  const id = await addSender(sql, sender)
  await follow(sql, reader.id, id)
  return id
}
