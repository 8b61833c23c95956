import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ensureInstanceActor } from '#src/accounts/register.ts'
import { deleteDomainBlock, insertDomainBlocks } from '#src/db/domain-blocks.ts'
import { findFollow } from '#src/db/follows.ts'
import { findNoteRowByUri } from '#src/db/notes.ts'
import { likeNote } from '#src/notes/like.ts'
import { changeSetting, readSetting } from '#src/policies/settings.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { activityOf } from './inbox/setup.ts'

let here: TestServer
let there: TestServer
let foreign: ForeignServer
let alice: TestPerson
let fay: ForeignActor
let documents: string[]
beforeAll(async () => {
  ;[here, there, foreign] = await Promise.all([startTestServer(), startTestServer(), startForeignServer()])
  alice = await here.person('alice')
  fay = foreign.addActor('fay')
  const { note } = await post(here, alice)
  documents = [
    alice.account.uri,
    `${here.url}/@alice`,
    note.uri,
    note.url,
    `${note.uri}/activity`,
    `${note.uri}/replies`,
    note.conversation_uri,
    ...['outbox', 'outbox?page=true', 'followers', 'following', 'featured', 'featured-tags'].map(
      (name) => `${alice.account.uri}/${name}`,
    ),
  ]
})
afterAll(() => Promise.all([here.close(), there.close(), foreign.close()]))

async function demandSignatures(server: TestServer, value: boolean) {
  await changeSetting(server.app, null, { name: 'authorized_fetch', value })
  server.clock.advance(1_000)
}

const block = () =>
  here.app.db.transaction().execute((trx) => insertDomainBlocks(trx, [{ domain: foreign.host, reason: '' }]))
const unblock = () => here.app.db.transaction().execute((trx) => deleteDomainBlock(trx, foreign.host))

const accept = 'application/activity+json'
const unsigned = (url: string) => fetch(url, { headers: { accept } })

async function statuses(ask: (url: string) => Promise<Response>): Promise<number[]> {
  const answers = await Promise.all(documents.map(ask))
  return [...new Set(answers.map(({ status }) => status))]
}

describe('without the setting', () => {
  it('everyone reads, and a blocked server nothing where it says who it is', async () => {
    expect(await readSetting(here.app.db, 'authorized_fetch')).toBe(false)
    expect(await statuses(unsigned)).toEqual([200])
    expect(await statuses((url) => fay.get(url))).toEqual([200])
    await block()
    expect(await statuses((url) => fay.get(url))).toEqual([403])
    expect(await statuses((url) => fay.get(url, { scheme: 'rfc9421' }))).toEqual([403])
    await unblock()
    expect(await statuses((url) => fay.get(url))).toEqual([200])
  })
})

describe('with the setting', () => {
  beforeAll(() => demandSignatures(here, true))
  afterAll(() => demandSignatures(here, false))
  afterEach(unblock)

  it('nobody reads who does not sign', async () => {
    expect(await statuses(unsigned)).toEqual([401])
    expect(await statuses((url) => fay.get(url, { headers: { signature: `keyId="${fay.keyId}"` } }))).toEqual(
      [401],
    )
    const mallory = `${here.url}/ap/notes/1`
    expect((await unsigned(mallory)).status).toBe(401)
  })

  it.each(['draft-cavage', 'rfc9421'] as const)(
    'who signs by %s reads, and no cache keeps it',
    async (scheme) => {
      expect(await statuses((url) => fay.get(url, { scheme }))).toEqual([200])
      const { headers } = await fay.get(alice.account.uri, { scheme })
      expect(headers.get('cache-control')).toBe('private, no-store')
      expect(headers.get('vary')).toContain('Signature')
      expect(headers.get('access-control-allow-origin')).toBeNull()
      const again = await fetch(alice.account.uri, {
        headers: { accept, 'if-none-match': headers.get('etag') ?? '' },
      })
      expect(again.status).toBe(401)
    },
  )

  it('a signature for another address, of a key that does not fit or of a blocked server opens nothing', async () => {
    const { headers } = await fay.get(alice.account.uri)
    expect(headers.get('etag')).not.toBeNull()
    const old = new Date(Date.now() - 20 * 60 * 60_000)
    expect((await fay.get(alice.account.uri, { date: old })).status).toBe(401)
    const stranger = foreign.addActor('stranger', { uri: `${foreign.url}/users/fay2` })
    foreign.documents.set('/users/fay2', 404)
    expect((await stranger.get(alice.account.uri)).status).toBe(401)
    await block()
    expect(await statuses((url) => fay.get(url))).toEqual([403])
  })

  it('only this server’s own actor is open, and with it what leads to people', async () => {
    const actor = await ensureInstanceActor(here.app)
    expect((await unsigned(actor.uri)).status).toBe(200)
    expect((await unsigned(`${actor.uri}/outbox`)).status).toBe(401)
    const resource = `acct:alice@${here.app.handleHost}`
    expect((await fetch(`${here.url}/.well-known/webfinger?resource=${resource}`)).status).toBe(200)
    expect((await fetch(`${here.url}/.well-known/nodeinfo`)).status).toBe(200)
    expect((await fetch(`${here.url}/@alice`, { headers: { accept: 'text/html' } })).status).toBe(200)
  })

  it('two servers that both demand it still hear each other', async () => {
    await demandSignatures(there, true)
    const bob = await there.person('bob')
    const found = await there.app.lookup.account(alice.account.uri)
    expect(found).toBeDefined()
    await followAccount(there.app, bob.accountId, found ?? '')
    await settle(here, there)
    expect(await findFollow(there.app.db, bob.accountId, found ?? '')).toMatchObject({ state: 'accepted' })
    const { note } = await post(here, alice, { visibility: 'followers' })
    await settle(here, there)
    const copy = await findNoteRowByUri(there.app.db, note.uri)
    expect(copy).toBeDefined()
    await likeNote(there.app, bob.accountId, copy?.id ?? '')
    await settle(here, there)
    expect(await findNoteRowByUri(here.app.db, note.uri)).toMatchObject({ likes_count: 1 })
  })
})

it('whatever this server asks others for is signed by its own actor', async () => {
  const gil = foreign.addActor('gil')
  const note = {
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: `${foreign.url}/notes/1`,
    type: 'Note',
    attributedTo: gil.uri,
    to: ['https://www.w3.org/ns/activitystreams#Public'],
    content: 'Hello',
  }
  foreign.documents.set('/notes/1', note)
  foreign.requests.length = 0
  expect(await here.app.lookup.note(note.id)).toBeDefined()
  await gil.post(`${here.url}/ap/inbox`, activityOf(gil, 'Follow', alice.account.uri))
  await here.settle()
  const asked = foreign.requests.filter(({ path }) => !path.startsWith('/.well-known/'))
  expect(asked.length).toBeGreaterThan(1)
  const { id } = await ensureInstanceActor(here.app)
  for (const { headers } of asked) expect(headers.signature).toContain(`keyId="${here.app.uris.rsaKey(id)}"`)
})
