import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { freePort, type ServerProcess, startServerProcess } from '#tests/support/server-process.ts'
import { type StoredPerson, storePerson } from '#tests/support/stored-person.ts'

// Whole servers in processes of their own, over one database, killed without warning.

const inboxCount = 300
// A busy host may have a delivery put off by two minutes.
const patience = { timeout: 110_000 }
const secretKey = 'a secret of at least thirty-two characters'

let database: TestDatabase
let dataDir: string
let environment: Record<string, string>
let alice: StoredPerson
const running = new Set<ServerProcess>()

beforeEach(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'pinxit-kill-'))
  const port = String(await freePort())
  environment = { PORT: port, DATABASE_URL: database.url, DATA_DIR: dataDir, SECRET_KEY: secretKey }
  alice = await storePerson(database.db, environment, 'alice')
})

afterEach(async () => {
  for (const server of running) await server.kill()
  running.clear()
  await database.destroy()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(role = 'all'): Promise<ServerProcess> {
  const server = await startServerProcess({ ...environment, ROLE: role })
  running.add(server)
  return server
}

async function kill(server: ServerProcess): Promise<void> {
  running.delete(server)
  await server.kill()
}

async function post(server: ServerProcess, text: string): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/statuses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ status: text }),
  })
  expect(response.status).toBe(200)
  return (await response.json()).uri
}

/** Three hundred followers, each with an inbox of its own, which counts what it gets. */
async function startFollowers() {
  const counts = new Map<string, number>()
  let total = 0
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => {
      counts.set(request.url ?? '', (counts.get(request.url ?? '') ?? 0) + 1)
      total++
      response.writeHead(202).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  for (let n = 0; n < inboxCount; n++) await addFollower(`${url}/users/${n}`, `${url}/inbox/${n}`, n)
  return {
    counts,
    total: () => total,
    close: () => server.close(),
  }
}

async function addFollower(uri: string, inbox: string, n: number): Promise<void> {
  const account = await upsertRemoteAccount(database.db, {
    username: `follower${n}`,
    domain: new URL(uri).host,
    uri,
    url: uri,
    inbox_uri: inbox,
  })
  await database.db.transaction().execute((trx) =>
    insertFollow(trx, {
      follower_id: account.id,
      followee_id: alice.accountId,
      uri: `${uri}#follow`,
      state: 'accepted',
    }),
  )
}

it('reaches each of 300 inboxes though it is killed at 10, 50 and 90 % of the way', async () => {
  const followers = await startFollowers()
  let server = await start()
  await post(server, 'To all of you')
  for (const share of [0.1, 0.5, 0.9]) {
    await expect
      .poll(() => followers.counts.size, { ...patience, interval: 2 })
      .toBeGreaterThanOrEqual(share * inboxCount)
    await kill(server)
    server = await start()
  }
  await expect.poll(() => followers.counts.size, patience).toBe(inboxCount)
  // At most what was in flight at each kill comes twice.
  expect(followers.total()).toBeLessThanOrEqual(inboxCount + 3 * 60)
  followers.close()
}, 240_000)

it('delivers what was committed before a kill', async () => {
  const followers = await startFollowers()
  const web = await start('web')
  await post(web, 'Committed, not delivered')
  await kill(web)
  expect(followers.total()).toBe(0)
  await start()
  await expect.poll(() => followers.counts.size, patience).toBe(inboxCount)
  followers.close()
}, 200_000)

it('applies what it accepted before a kill, once', async () => {
  const foreign = await startForeignServer()
  const bob = foreign.addActor('bob')
  const web = await start('web')
  const note = await post(web, 'Like me')
  for (let n = 0; n < 3; n++) {
    const answer = await bob.post(`${web.url}/ap/inbox`, like(foreign, note))
    expect(answer.status).toBe(202)
  }
  await kill(web)
  expect(await likesOf(note)).toEqual({ counted: 0, rows: 0 })
  await start()
  await expect.poll(() => likesOf(note), patience).toEqual({ counted: 1, rows: 1 })
  await foreign.close()
}, 200_000)

it('applies each of fifty activities once though it is killed amid their effects', async () => {
  const foreign = await startForeignServer()
  const first = await start()
  const note = await post(first, 'Like me, all of you')
  const people = Array.from({ length: 50 }, (_, n) => foreign.addActor(`fan${n}`))
  const answers = await Promise.all(
    people.map((person) =>
      person.post(`${first.url}/ap/inbox`, {
        ...like(foreign, note, person.uri),
        id: `${person.uri}/likes/1`,
      }),
    ),
  )
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))
  await kill(first)
  await start()
  await expect.poll(() => likesOf(note), patience).toEqual({ counted: 50, rows: 50 })
  await foreign.close()
}, 200_000)

function like(foreign: ForeignServer, note: string, actor = `${foreign.url}/users/bob`) {
  return {
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${actor}/likes/1`,
    type: 'Like',
    actor,
    object: note,
  }
}

async function likesOf(uri: string): Promise<{ counted: number; rows: number }> {
  const note = await database.db
    .selectFrom('notes')
    .select(['id', 'likes_count'])
    .where('uri', '=', uri)
    .executeTakeFirstOrThrow()
  const rows = await database.db.selectFrom('likes').select('id').where('note_id', '=', note.id).execute()
  return { counted: note.likes_count, rows: rows.length }
}
