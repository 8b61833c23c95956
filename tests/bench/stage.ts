import type { Client as Sql } from 'pg'
import { makeKeyPairs } from '#src/accounts/keys.ts'
import { registerAccount } from '#src/accounts/register.ts'
import { issueToken } from '#src/auth/grants.ts'
import { systemClock } from '#src/base/clock.ts'
import { parseConfig } from '#src/base/config.ts'
import { loadSecretKey } from '#src/base/secret-key.ts'
import { createUris } from '#src/base/uris.ts'
import { connect } from '#src/db/connect.ts'
import { clusterPaths, urlOf } from '#src/db/embedded/cluster.ts'
import { connectToDatabaseOf, freePort, startServer } from './bench-server.ts'
import { type Client, createClient, until } from './load.ts'
import { cpuSeconds, difference, memoryMb, totalOf, type Usage } from './processes.ts'

export type Person = { id: string; token: string }

/** The server that is measured, with people on it. */
export type Stage = {
  url: string
  pid: number
  sharedInbox: string
  client: Client
  sql: Sql
  dataDir: string
  /** MB, shortly after its start, before anything was asked of it. */
  idleMb: Usage
  /** Shows 20 notes to its readers in their home feeds; nobody elsewhere follows her. */
  author: Person
  readers: [Person, Person]
  /** Has one note in the home feed. */
  readerOfOne: Person
  /** Followed by nobody, follows nobody yet. */
  alice: Person
  memory(): Usage
  /** Waits until no job is left. */
  settle(): Promise<void>
  /** What `work` costs for each of the units it answers, jobs included. */
  cost(work: () => Promise<number>): Promise<Cost>
}

export type Cost = { perSecond: number; note: string }

export type StageOptions = {
  dist: string
  dataDir: string
  profileDir?: string | undefined
  atEnd(step: () => Promise<void>): void
}

const idleAfterMs = 3_000

export async function setStage(options: StageOptions): Promise<Stage> {
  const server = await startServer({ ...options, port: await freePort() })
  await new Promise((resolve) => setTimeout(resolve, idleAfterMs))
  const idleMb = memoryMb(server.pid)
  const client = createClient(server.url)
  const own = await connectToDatabaseOf(options.dataDir)
  options.atEnd(client.close)
  const settle = () => until('all jobs are done', async () => (await countJobs(own.sql)) === 0, 60_000)
  const usage = () => cpuSeconds(server.pid, [own.pid])
  const people = await makePeople(server.url, options.dataDir)
  const [author, one, readerOfOne, alice, first, second] = people
  for (const reader of [first, second]) await follow(own.sql, reader.id, author.id)
  await follow(own.sql, readerOfOne.id, one.id)
  await post(client, one, 'The only note')
  for (let index = 0; index < 20; index += 1) await post(client, author, textOf(index))
  await settle()
  return {
    url: server.url,
    pid: server.pid,
    sharedInbox: createUris(server.url).sharedInbox,
    client,
    sql: own.sql,
    dataDir: options.dataDir,
    idleMb,
    author,
    readers: [first, second],
    readerOfOne,
    alice,
    memory: () => memoryMb(server.pid, [own.pid]),
    settle,
    cost: async (work) => {
      await settle()
      const before = usage()
      const units = await work()
      await settle()
      return costOf(units, difference(usage(), before))
    },
  }
}

function costOf(units: number, spent: Usage): Cost {
  const ms = (seconds: number) => ((seconds / units) * 1000).toFixed(2)
  return {
    perSecond: units / totalOf(spent),
    note: `${units} measured; CPU ms each: ${ms(spent.server)} server + ${ms(spent.database)} database`,
  }
}

async function makePeople(publicUrl: string, dataDir: string) {
  const { db, close } = connect(urlOf(clusterPaths(dataDir)), { maxConnections: 1 })
  const registrar = {
    uris: createUris(publicUrl),
    secretKey: loadSecretKey(dataDir),
    handleHost: new URL(publicUrl).host,
    config: parseConfig({ DATA_DIR: dataDir }),
    clock: systemClock,
  }
  const person = async (username: string): Promise<Person> => {
    const keys = await makeKeyPairs()
    const { account } = await db.transaction().execute((trx) =>
      registerAccount(trx, registrar, {
        username,
        email: `${username}@mail.example`,
        // Nobody signs in with it.
        passwordHash: '-',
        role: 'user',
        confirmed: true,
        approved: true,
        keys,
      }),
    )
    const grant = { accountId: account.id, application: null, scopes: ['read', 'write', 'follow'] }
    return { id: account.id, token: (await issueToken({ db, clock: systemClock }, grant)).token }
  }
  try {
    return [
      await person('author'),
      await person('one'),
      await person('reader_of_one'),
      await person('alice'),
      await person('first_reader'),
      await person('second_reader'),
    ] as const
  } finally {
    await close()
  }
}

export async function post(client: Client, person: Person, status: string): Promise<void> {
  await client.call({ path: '/api/v1/statuses', token: person.token, json: { status } })
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
    `insert into accounts (username, domain, uri, url, inbox_uri, followers_uri, fetched_at)
     values ($1, $2, $3, $3, $4, $5, now()) returning id`,
    [account.username, account.domain, account.uri, account.inbox, `${account.uri}/followers`],
  )
  return rows[0]?.id ?? ''
}

async function countJobs(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'select count(*)::int as count from jobs where run_at <= now()',
  )
  return rows[0]?.count ?? 0
}
