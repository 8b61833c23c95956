import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf, synchronizationHeader } from '#federation/remote/followers-sync.ts'
import { getAccount } from '#src/db/accounts.ts'
import { listFollowerDigests } from '#src/db/followers-sync.ts'
import { findFollow } from '#src/db/follows.ts'
import type { Id } from '#src/db/tables.ts'
import { followAccount, removeFollow } from '#src/relationships/follow.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'
import { activityOf, activityStreams } from './inbox/setup.ts'

let here: TestServer
let there: TestServer
let foreign: ForeignServer
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson
let fay: ForeignActor
/** Alice, as the other server knows her; and Bob, as hers does. */
let aliceThere: Id
let bobHere: Id
beforeAll(async () => {
  ;[here, there, foreign] = await Promise.all([startTestServer(), startTestServer(), startForeignServer()])
  ;[alice, bob, carol] = await Promise.all([here.person('alice'), there.person('bob'), there.person('carol')])
  fay = foreign.addActor('fay')
  aliceThere = await lookUp(there, alice.account.uri)
  for (const { accountId } of [bob, carol]) await followAccount(there.app, accountId, aliceThere)
  await fay.post(`${here.url}/ap/inbox`, activityOf(fay, 'Follow', alice.account.uri))
  await settle(here, there)
  bobHere = await lookUp(here, bob.account.uri)
})
afterAll(() => Promise.all([here.close(), there.close(), foreign.close()]))

async function postForFollowers() {
  here.clock.advance(10_000)
  await post(here, alice, { visibility: 'followers' })
  await settle(here, there)
}

const lose = (server: TestServer, followerId: Id, followeeId: Id) =>
  server.app.db.transaction().execute((trx) => removeFollow(trx, followerId, followeeId))

describe('a digest', () => {
  it('is the one of the FEP', async () => {
    const uris = ['https://testing.example.org/users/1', 'https://testing.example.org/users/2']
    const expected = 'c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f'
    expect(digestOf(uris)).toBe(expected)
    expect(digestOf(uris.toReversed())).toBe(expected)
    expect(digestOf([])).toBe('0'.repeat(64))
  })

  it('is the same in the database, one for each server', async () => {
    const digests = await listFollowerDigests(here.app.db, alice.accountId)
    expect(Object.fromEntries(digests)).toEqual({
      [new URL(there.url).host]: digestOf([bob.account.uri, carol.account.uri]),
      [foreign.host]: digestOf([fay.uri]),
    })
  })
})

describe('a note for followers', () => {
  it('tells each server whom of it we take for followers, signed', async () => {
    await postForFollowers()
    const [delivery] = foreign.received.slice(-1)
    const followers = `${alice.account.uri}/followers`
    expect(delivery?.headers[synchronizationHeader]).toBe(
      `collectionId="${followers}", digest="${digestOf([fay.uri])}", url="${followers}_synchronization"`,
    )
    expect(delivery).toMatchObject({ isSignatureValid: true, status: 202 })
    expect(delivery?.covered).toContain(synchronizationHeader)
  })

  it('is the only kind that does', async () => {
    for (const visibility of ['public', 'unlisted'] as const) {
      await post(here, alice, { visibility })
      await settle(here, there)
      expect(foreign.received.at(-1)?.headers[synchronizationHeader]).toBeUndefined()
    }
  })
})

describe('the followers of one server', () => {
  const synchronization = () => `${alice.account.uri}/followers_synchronization`

  it('are shown to that server alone', async () => {
    const answer = await fay.get(synchronization())
    expect(JSON.parse(await answer.text())).toMatchObject({
      id: synchronization(),
      type: 'OrderedCollection',
      orderedItems: [fay.uri],
    })
    expect(answer.headers.get('cache-control')).toContain('private')
  })

  it('are not shown to who does not sign', async () => {
    expect((await fetch(synchronization())).status).toBe(401)
    expect((await fay.get(synchronization(), { headers: { signature: undefined } })).status).toBe(401)
    expect((await fay.get(`${here.url}/ap/users/1/followers_synchronization`)).status).toBe(404)
  })
})

describe('two servers that do not agree', () => {
  it('end a follow that the followed one’s server has lost', async () => {
    await lose(here, bobHere, alice.accountId)
    await postForFollowers()
    expect(await findFollow(there.app.db, bob.accountId, aliceThere)).toBeUndefined()
    expect(await findFollow(there.app.db, carol.accountId, aliceThere)).toBeDefined()
  })

  it('end a follow that the follower’s server has lost', async () => {
    await followAccount(there.app, bob.accountId, aliceThere)
    await settle(here, there)
    expect(await findFollow(here.app.db, bobHere, alice.accountId)).toBeDefined()
    await lose(there, bob.accountId, aliceThere)
    await postForFollowers()
    expect(await findFollow(here.app.db, bobHere, alice.accountId)).toBeUndefined()
    expect(await getAccount(here.app.db, alice.accountId)).toMatchObject({ followers_count: 2 })
  })
})

describe('what another server says of its followers', () => {
  const shown = (uris: string[]) =>
    foreign.documents.set('/users/fay/sync', {
      '@context': activityStreams,
      id: `${fay.uri}/sync`,
      type: 'OrderedCollection',
      orderedItems: uris,
    })
  async function say(header: Record<string, string>) {
    const parameters = { collectionId: `${fay.uri}/followers`, url: `${fay.uri}/sync`, ...header }
    const text = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`)
    const activity = activityOf(fay, 'View', 'https://nothing.example/')
    await fay.post(`${here.url}/ap/inbox`, activity, { headers: { [synchronizationHeader]: text.join(',') } })
    await here.settle()
  }
  let fayHere: Id
  beforeAll(async () => {
    fayHere = await lookUp(here, fay.uri)
    await followAccount(here.app, alice.accountId, fayHere)
    await here.settle()
    const [follow] = foreign.activities('Follow').slice(-1)
    await fay.post(`${here.url}/ap/inbox`, activityOf(fay, 'Accept', follow))
    await here.settle()
  })
  const follows = async () => (await findFollow(here.app.db, alice.accountId, fayHere))?.state === 'accepted'
  const asked = () => foreign.requests.filter(({ path }) => path === '/users/fay/sync').length

  it('is not asked about when both agree', async () => {
    await say({ digest: digestOf([alice.account.uri]) })
    expect([await follows(), asked()]).toEqual([true, 0])
  })

  it('counts for nothing about another’s followers, or with a list that lies elsewhere', async () => {
    shown([])
    await say({ digest: digestOf([]), collectionId: `${foreign.url}/users/gil/followers` })
    await say({ digest: digestOf([]), url: `${there.url}/list` })
    await say({ digest: 'nonsense' })
    expect([await follows(), asked()]).toEqual([true, 0])
  })

  it('costs nobody a follow while the list is not what was promised', async () => {
    foreign.documents.set('/users/fay/sync', 404)
    await say({ digest: digestOf([]) })
    shown([alice.account.uri])
    await say({ digest: digestOf([]) })
    expect([await follows(), asked() > 0]).toEqual([true, true])
  })

  it('ends the follow that it does not list', async () => {
    shown([])
    await say({ digest: digestOf([]) })
    expect(await follows()).toBe(false)
  })

  it('takes back the follow that it alone knows', async () => {
    const before = foreign.activities('Undo').length
    shown([alice.account.uri])
    await say({ digest: digestOf([alice.account.uri]) })
    expect(foreign.activities('Undo').slice(before)).toMatchObject([
      { actor: alice.account.uri, object: { type: 'Follow', actor: alice.account.uri, object: fay.uri } },
    ])
  })

  it('makes us write for nobody who is not here', async () => {
    const before = foreign.received.length
    const madeUp = Array.from({ length: 20 }, (_, index) => `${here.url}/ap/users/${index + 1}`)
    // The row of somebody of another server, and an address below somebody's.
    const others = [`${here.url}/ap/users/${fayHere}`, `${alice.account.uri}/inbox`]
    shown([...madeUp, ...others])
    await say({ digest: digestOf([...madeUp, ...others]) })
    expect(foreign.received.length).toBe(before)
    expect(await here.app.db.selectFrom('dead_jobs').select('name').execute()).toEqual([])
  })
})
