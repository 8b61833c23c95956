import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createUris } from '#src/base/uris.ts'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { freePort, type ServerProcess, startServerProcess } from '#tests/support/server-process.ts'
import { type StoredPerson, storePerson } from '#tests/support/stored-person.ts'

// What takes much memory is loaded when something first needs it, which on a quiet server is never.

const heavy = [
  '@fedify/fedify',
  '@fedify/vocab',
  '@fedify/vocab-runtime',
  'jsonld',
  'openai',
  'sharp',
  '@node-rs/argon2',
  'ws',
]

let database: TestDatabase
let folder: string
let server: ServerProcess
let foreign: ForeignServer
let alice: StoredPerson & { uri: string }

beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'pinxit-lazy-'))
  foreign = await startForeignServer()
  const environment = {
    PORT: String(await freePort()),
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    SECRET_KEY: 'a secret of at least thirty-two characters',
    OPENAI_API_KEY: 'sk-nobody-asks-with-it',
    AI_IMAGE_MODEL: 'a-model',
    LOADED_MODULES: folder,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'fixtures', 'note-loaded-modules.mjs')}`,
  }
  const person = await storePerson(database.db, environment, 'alice')
  alice = { ...person, uri: createUris(`http://localhost:${environment.PORT}`).actor(person.accountId) }
  const fan = await upsertRemoteAccount(database.db, {
    username: 'fan',
    domain: foreign.host,
    uri: `${foreign.url}/users/fan`,
    url: `${foreign.url}/users/fan`,
    inbox_uri: `${foreign.url}/inbox`,
  })
  await database.db.transaction().execute((trx) =>
    insertFollow(trx, {
      follower_id: fan.id,
      followee_id: alice.accountId,
      uri: `${fan.uri}#follow`,
      state: 'accepted',
    }),
  )
  server = await startServerProcess(environment)
}, 120_000)
afterAll(async () => {
  await server.terminate()
  await foreign.close()
  await database.destroy()
  await rm(folder, { recursive: true, force: true })
})

/** The packages that are in the process: as files of their own, or as parts of a file of the bundle. */
function loadedPackages(): Set<string> {
  const urls = readFileSync(join(folder, String(server.pid)), 'utf8')
    .trim()
    .split('\n')
  const sources = urls.flatMap((url) => {
    const map = `${fileURLToPath(url)}.map`
    return existsSync(map) ? JSON.parse(readFileSync(map, 'utf8')).sources : [url]
  })
  return new Set(
    sources.flatMap((source: string) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []),
  )
}

const loadedHeavy = () => heavy.filter((name) => loadedPackages().has(name))
const authorized = (token?: string): Record<string, string> =>
  token ? { authorization: `Bearer ${token}` } : {}
const get = (path: string, token?: string) => fetch(`${server.url}${path}`, { headers: authorized(token) })
const post = (status: string, token: string) =>
  fetch(`${server.url}/api/v1/statuses`, {
    method: 'POST',
    headers: { ...authorized(token), 'content-type': 'application/json' },
    body: JSON.stringify({ status }),
  })

it('a server that does what is usual has loaded none of the heavy packages', async () => {
  const { links } = await (await get(`/.well-known/webfinger?resource=${alice.uri}`)).json()
  expect(links).toContainEqual(expect.objectContaining({ rel: 'self', href: alice.uri }))
  const actor = await fetch(alice.uri, { headers: { accept: 'application/activity+json' } })
  expect(await actor.json()).toMatchObject({ id: alice.uri, type: 'Person' })
  expect((await get('/')).status).toBe(200)
  expect((await get('/nodeinfo/2.1')).status).toBe(200)
  expect((await post('A note', alice.token)).status).toBe(200)
  const home = await get('/api/v1/timelines/home', alice.token)
  expect(await home.json()).toMatchObject([{ content: '<p>A note</p>' }])
  await expect.poll(() => foreign.activities('Create')).toMatchObject([{ actor: alice.uri }])
  expect(loadedPackages()).toContain('hono')
  expect(loadedHeavy()).toEqual([])
})

it('and loads them when something is not', async () => {
  foreign.answerInboxes(() => ({ status: 401 }))
  await post('Refused at the first knock', alice.token)
  await expect.poll(loadedHeavy).toEqual(expect.arrayContaining(['@fedify/fedify', '@fedify/vocab']))
  expect(loadedHeavy()).not.toContain('openai')
})
