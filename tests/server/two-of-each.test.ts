import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createUris } from '#src/base/uris.ts'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import { changeSetting } from '#src/policies/settings.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { signatureHeaders } from '#tests/support/http-signatures.ts'
import { freePort, type ServerProcess, startServerProcess } from '#tests/support/server-process.ts'
import { type StoredPerson, storePerson } from '#tests/support/stored-person.ts'

// Two web and two worker processes of one server over one Postgres, as on several machines.

// A host that has many deliveries under way may have one of them put off by some seconds.
const patience = { timeout: 60_000 }
const postCount = 20
const hostCount = 10
const likerCount = 20
const noteCount = 20

let database: TestDatabase
let dataDir: string
let environment: Record<string, string>
let publicUrl: string
let foreign: ForeignServer
let hosts: ForeignServer[]
let alice: StoredPerson & { uri: string }
let webs: [ServerProcess, ServerProcess]
let workers: [ServerProcess, ServerProcess]
const running = new Set<ServerProcess>()

beforeEach(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'pinxit-two-'))
  foreign = await startForeignServer()
  hosts = await Promise.all(Array.from({ length: hostCount }, () => startForeignServer()))
  const firstPort = await freePort()
  publicUrl = `http://localhost:${firstPort}`
  environment = {
    PUBLIC_URL: publicUrl,
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    SECRET_KEY: 'a secret of at least thirty-two characters',
    AI_PROVIDER: 'sketch',
  }
  const person = await storePerson(database.db, environment, 'alice')
  alice = { ...person, uri: createUris(publicUrl).actor(person.accountId) }
  webs = [await start('web', firstPort), await start('web')]
  workers = [await start('worker'), await start('worker')]
}, 120_000)

afterEach(async () => {
  for (const server of running) await server.kill()
  running.clear()
  for (const host of [foreign, ...hosts]) await host.close()
  await database.destroy()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(role: string, port?: number): Promise<ServerProcess> {
  const server = await startServerProcess({
    ...environment,
    ROLE: role,
    PORT: String(port ?? (await freePort())),
  })
  running.add(server)
  return server
}

async function end(server: ServerProcess, how: 'kill' | 'terminate'): Promise<number | null | undefined> {
  running.delete(server)
  return (await server[how]()) ?? undefined
}

const webOf = (n: number): ServerProcess => webs[n % 2] ?? webs[0]

function ask(web: ServerProcess, path: string, json?: object): Promise<Response> {
  return fetch(`${web.url}${path}`, {
    method: json ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'application/json' },
    ...(json && { body: JSON.stringify(json) }),
  })
}

async function post(web: ServerProcess, status: string): Promise<{ id: string; uri: string }> {
  const response = await ask(web, '/api/v1/statuses', { status })
  expect(response.status).toBe(200)
  return response.json()
}

/** Signed for the server, whichever of its processes it is handed to. */
async function deliver(web: ServerProcess, actor: ForeignActor, activity: object): Promise<void> {
  const body = JSON.stringify({ '@context': 'https://www.w3.org/ns/activitystreams', ...activity })
  const signer = { keyId: actor.keyId, privateKeyPem: foreign.privateKeyPem }
  const message = { method: 'POST', url: `${publicUrl}/ap/inbox`, body }
  const { host: _host, ...headers } = signatureHeaders('draft-cavage', message, signer)
  const response = await fetch(`${web.url}/ap/inbox`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/activity+json' },
    body,
  })
  expect(response.status).toBe(202)
}

/** Someone on each host who follows Alice. */
async function addFollowers(): Promise<void> {
  for (const { host: domain, addActor } of hosts) {
    const { uri, inbox } = addActor('fan')
    const account = await upsertRemoteAccount(database.db, {
      username: 'fan',
      domain,
      uri,
      url: uri,
      inbox_uri: inbox,
    })
    await follow(account.id, alice.accountId, `${uri}#follow`)
  }
}

/** Someone elsewhere whom Alice follows. */
async function addAuthor(): Promise<ForeignActor> {
  const author = foreign.addActor('author')
  const account = await upsertRemoteAccount(database.db, {
    username: 'author',
    domain: foreign.host,
    uri: author.uri,
    url: author.uri,
    inbox_uri: author.inbox,
    followers_uri: `${author.uri}/followers`,
  })
  await follow(alice.accountId, account.id, `${alice.uri}#follow`)
  return author
}

function follow(followerId: string, followeeId: string, uri: string): Promise<unknown> {
  const values = { follower_id: followerId, followee_id: followeeId, uri, state: 'accepted' as const }
  return database.db.transaction().execute((trx) => insertFollow(trx, values))
}

/** Posts, likes and notes by others, half through each web process; what others say twice, once through each. */
async function putEverything(liked: { uri: string }, author: ForeignActor): Promise<void> {
  const published = new Date().toISOString()
  const note = (n: number) => ({
    id: `${author.uri}/notes/${n}`,
    type: 'Note',
    attributedTo: author.uri,
    content: `<p>Note ${n}</p>`,
    published,
    to: ['https://www.w3.org/ns/activitystreams#Public'],
    cc: [`${author.uri}/followers`],
  })
  const create = (n: number) => ({
    ...note(n),
    id: `${author.uri}/notes/${n}/create`,
    type: 'Create',
    actor: author.uri,
    object: note(n),
  })
  const likers = Array.from({ length: likerCount }, (_, n) => foreign.addActor(`liker${n}`))
  await Promise.all([
    ...Array.from({ length: postCount }, (_, n) => post(webOf(n), `Post ${n}`)),
    ...likers.flatMap((liker) => {
      const like = { id: `${liker.uri}/likes/1`, type: 'Like', actor: liker.uri, object: liked.uri }
      return webs.map((web) => deliver(web, liker, like))
    }),
    ...Array.from({ length: noteCount }, (_, n) =>
      Promise.all(webs.map((web) => deliver(web, author, create(n)))),
    ),
  ])
}

/** How often each activity came to each inbox, by its id. */
function deliveries(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { host, received } of hosts) {
    for (const { activity, path } of received) {
      const key = `${activity.id} ${host}${path}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return counts
}

async function countJobs(): Promise<{ waiting: number; dead: number }> {
  const { db } = database
  const waiting = await db.selectFrom('jobs').select('id').execute()
  const dead = await db.selectFrom('dead_jobs').select('id').execute()
  return { waiting: waiting.length, dead: dead.length }
}

/** What is to come of everything, each once. */
async function expectEffects(liked: { id: string; uri: string }): Promise<void> {
  await expect.poll(() => deliveries().size, patience).toBe((1 + postCount) * hostCount)
  await expect.poll(countJobs, patience).toEqual({ waiting: 0, dead: 0 })
  const { db } = database
  const note = db.selectFrom('notes').select('likes_count').where('uri', '=', liked.uri)
  expect(await note.executeTakeFirstOrThrow()).toEqual({ likes_count: likerCount })
  expect(await db.selectFrom('likes').select('id').execute()).toHaveLength(likerCount)
  const told = db.selectFrom('notifications').select('id').where('kind', '=', 'like')
  expect(await told.execute()).toHaveLength(likerCount)
  const received = db.selectFrom('notes').select('uri').where('is_local', '=', false)
  expect(await received.execute()).toHaveLength(noteCount)
  const account = db.selectFrom('accounts').select('notes_count').where('id', '=', alice.accountId)
  expect(await account.executeTakeFirstOrThrow()).toEqual({ notes_count: 1 + postCount })
  const home = db.selectFrom('home_entries').select('note_id').where('account_id', '=', alice.accountId)
  expect(await home.execute()).toHaveLength(1 + postCount + noteCount)
}

describe('two web and two worker processes', () => {
  it('do everything, and each thing once', async () => {
    await addFollowers()
    const author = await addAuthor()
    const liked = await post(webOf(0), 'Like me')
    await putEverything(liked, author)
    await expectEffects(liked)
    expect([...deliveries().values()].filter((count) => count !== 1)).toEqual([])
  }, 150_000)

  it('lose nothing and do nothing twice though one worker is killed and the other told to stop', async () => {
    await addFollowers()
    const author = await addAuthor()
    const liked = await post(webOf(0), 'Like me')
    const putting = putEverything(liked, author)
    await expect.poll(() => deliveries().size, { ...patience, interval: 2 }).toBeGreaterThan(hostCount + 10)
    await end(workers[0], 'kill')
    const replaced = await start('worker')
    expect(await end(workers[1], 'terminate')).toBe(0)
    await putting
    await expectEffects(liked)
    expect(await end(replaced, 'terminate')).toBe(0)
    // At most what the killed one had under way comes twice.
    const repeated = [...deliveries().values()].filter((count) => count > 1)
    expect(repeated.length).toBeLessThanOrEqual(60)
    expect(repeated.filter((count) => count > 2)).toEqual([])
  }, 150_000)

  it('know within moments what was done in another', async () => {
    const [here, there] = webs
    const painting = await ask(here, '/api/pinxit/v1/generations', { prompt: 'a lamp', aspect: '256x256' })
    expect(painting.status).toBe(202)
    const { id } = await painting.json()
    const events = await ask(there, `/api/pinxit/v1/generations/${id}/events`)
    expect(await events.text()).toContain('event: completed')

    const read = (web: ServerProcess) =>
      fetch(alice.uri.replace(publicUrl, web.url), { headers: { accept: 'application/activity+json' } })
    expect((await (await read(there)).json()).name).not.toBe('Alice of two')
    const form = new URLSearchParams({ display_name: 'Alice of two' })
    const changed = await fetch(`${here.url}/api/v1/accounts/update_credentials`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${alice.token}` },
      body: form,
    })
    expect(changed.status).toBe(200)
    await expect.poll(async () => (await (await read(there)).json()).name).toBe('Alice of two')

    await changeSetting(database, null, { name: 'authorized_fetch', value: true })
    for (const web of webs) await expect.poll(async () => (await read(web)).status).toBe(401)

    await database.db.deleteFrom('access_tokens').where('account_id', '=', alice.accountId).execute()
    for (const web of webs)
      await expect.poll(async () => (await ask(web, '/api/v1/timelines/home')).status).toBe(401)
  }, 120_000)
})
