import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { listDeadJobs } from '#src/db/dead-jobs.ts'
import { findFollow, insertFollow } from '#src/db/follows.ts'
import type { Id } from '#src/db/tables.ts'
import { enqueueAnswer } from '#src/relationships/follow.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let foreign: ForeignServer
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())
beforeEach(async () => {
  foreign = await startForeignServer()
})
afterEach(async () => {
  await foreign.close()
  await server.app.db.deleteFrom('follows').execute()
  await server.app.db.deleteFrom('jobs').execute()
  await server.app.db.deleteFrom('dead_jobs').execute()
  await server.app.db.deleteFrom('domain_blocks').execute()
})

async function know(actor: ForeignActor, sharedInbox = true): Promise<Id> {
  const account = await upsertRemoteAccount(server.app.db, {
    username: actor.name,
    domain: foreign.host,
    uri: actor.uri,
    url: actor.uri,
    inbox_uri: actor.inbox,
    shared_inbox_uri: sharedInbox ? actor.sharedInbox : null,
  })
  return account.id
}

async function follow(actor: ForeignActor, sharedInbox = true): Promise<Id> {
  const followerId = await know(actor, sharedInbox)
  await server.app.db.transaction().execute((trx) =>
    insertFollow(trx, {
      follower_id: followerId,
      followee_id: alice.accountId,
      uri: `${actor.uri}/follows/1`,
      state: 'accepted',
    }),
  )
  return followerId
}

test('a note reaches a follower, signed so that an independent implementation verifies it', async () => {
  await follow(foreign.addActor('bob'))
  const { note } = await post(server, alice, { text: 'A picture of the sea' })
  await server.settle()
  expect(foreign.received).toHaveLength(1)
  const [delivery] = foreign.received
  expect(delivery).toMatchObject({
    scheme: 'draft-cavage',
    keyId: `${alice.account.uri}#main-key`,
    isSignatureValid: true,
    isDigestValid: true,
    path: '/inbox',
    activity: {
      id: `${note.uri}/activity`,
      type: 'Create',
      actor: alice.account.uri,
      object: { id: note.uri, type: 'Note', content: '<p>A picture of the sea</p>' },
    },
  })
  expect(delivery?.covered).toEqual(expect.arrayContaining(['(request-target)', 'host', 'date', 'digest']))
  expect(delivery?.headers['content-type']).toBe('application/activity+json')
  expect(delivery?.headers['user-agent']).toMatch(/^Pinxit\//)
})

test('an Accept embeds the whole Follow', async () => {
  const bob = foreign.addActor('bob')
  const followerId = await follow(bob)
  const { db } = server.app
  const row = await findFollow(db, followerId, alice.accountId)
  expect(row).toBeDefined()
  if (!row) return
  await db.transaction().execute((trx) => enqueueAnswer(trx, row, 'Accept'))
  await server.settle()
  expect(foreign.received[0]).toMatchObject({
    path: '/users/bob/inbox',
    isSignatureValid: true,
    activity: {
      id: server.app.uris.accept(alice.accountId, row.id),
      type: 'Accept',
      actor: alice.account.uri,
      object: { id: row.uri, type: 'Follow', actor: bob.uri, object: alice.account.uri },
    },
  })
})

test('a server gets an activity once, however many of its people follow', async () => {
  for (const name of ['bob', 'bea', 'ben']) await follow(foreign.addActor(name))
  await post(server, alice)
  await server.settle()
  expect(foreign.received.map(({ path }) => path)).toEqual(['/inbox'])
})

test('three hundred inboxes each get it once, whole and signed', async () => {
  for (let index = 0; index < 300; index += 1) {
    await follow(foreign.addActor(`fan${index}`, { sharedInbox: false }), false)
  }
  await post(server, alice)
  await server.settle()
  expect(new Set(foreign.received.map(({ path }) => path)).size).toBe(300)
  expect(foreign.received).toHaveLength(300)
  expect(foreign.received.every((one) => one.isSignatureValid && one.isDigestValid)).toBe(true)
  expect(new Set(foreign.received.map(({ text }) => text)).size).toBe(1)
}, 60_000)

test('a server that cannot read draft-cavage is knocked at by RFC 9421', async () => {
  await follow(foreign.addActor('bob'))
  foreign.answerInboxes(({ scheme }) => (scheme === 'rfc9421' ? undefined : { status: 401 }))
  await post(server, alice)
  await server.settle()
  const schemes = foreign.received.map(({ scheme }) => scheme)
  expect(schemes[0]).toBe('draft-cavage')
  expect(schemes.at(-1)).toBe('rfc9421')
  expect(foreign.received.every((one) => one.isSignatureValid && one.isDigestValid)).toBe(true)
  expect(foreign.activities('Create')).toHaveLength(1)
})

describe('when a server does not take it', () => {
  test('it is tried again later, and then once', async () => {
    await follow(foreign.addActor('bob'))
    foreign.answerInboxes(() => ({ status: 503 }))
    await post(server, alice)
    await server.settle()
    expect(foreign.activities('Create')).toHaveLength(0)
    const tries = foreign.received.length
    foreign.answerInboxes(undefined)
    await server.settle()
    expect(foreign.received).toHaveLength(tries)
    server.clock.advance(2 * 60_000)
    await server.settle()
    expect(foreign.activities('Create')).toHaveLength(1)
  })

  test.each([401, 408, 429, 500])('%i may pass, and is tried again', async (status) => {
    await follow(foreign.addActor('bob'))
    foreign.answerInboxes(() => ({ status }))
    await post(server, alice)
    await server.settle()
    foreign.answerInboxes(undefined)
    server.clock.advance(60 * 60_000)
    await server.settle()
    expect(foreign.activities('Create')).toHaveLength(1)
  })

  test.each([403, 404, 410, 422, 501])('%i is a refusal for good, and is not repeated', async (status) => {
    await follow(foreign.addActor('bob'))
    foreign.answerInboxes(() => ({ status }))
    await post(server, alice)
    await server.settle()
    const tries = foreign.received.length
    server.clock.advance(60 * 60_000)
    await server.settle()
    expect(foreign.received).toHaveLength(tries)
  })

  test('one that is down holds up no other', async () => {
    const other = await startForeignServer()
    const down = await startForeignServer()
    await follow(down.addActor('dan'))
    await down.close()
    const ola = other.addActor('ola')
    await server.app.db.transaction().execute(async (trx) => {
      const account = await upsertRemoteAccount(trx, {
        username: 'ola',
        domain: other.host,
        uri: ola.uri,
        url: ola.uri,
        inbox_uri: ola.inbox,
      })
      await insertFollow(trx, {
        follower_id: account.id,
        followee_id: alice.accountId,
        uri: `${ola.uri}/follows/1`,
        state: 'accepted',
      })
    })
    await post(server, alice)
    await server.settle()
    expect(other.activities('Create')).toHaveLength(1)
    await other.close()
  })
})

test('a blocked server gets nothing, what already waited for it included', async () => {
  await follow(foreign.addActor('bob'))
  foreign.answerInboxes(() => ({ status: 503 }))
  await post(server, alice)
  await server.settle()
  const tries = foreign.received.length
  await server.app.db
    .insertInto('domain_blocks')
    .values([{ domain: foreign.host }, { domain: '127.0.0.1' }])
    .execute()
  await post(server, alice)
  server.clock.advance(10 * 60_000)
  await server.settle()
  expect(foreign.received).toHaveLength(tries)
})

test('nothing is posted to an inbox on a private address', async () => {
  const closed = await startTestServer({ ALLOW_PRIVATE_ADDRESSES: '0' })
  const eve = foreign.addActor('eve')
  const author = await closed.person('alice')
  const account = await upsertRemoteAccount(closed.app.db, {
    username: 'eve',
    domain: foreign.host,
    uri: eve.uri,
    url: eve.uri,
    inbox_uri: eve.inbox,
  })
  await closed.app.db.transaction().execute((trx) =>
    insertFollow(trx, {
      follower_id: account.id,
      followee_id: author.accountId,
      uri: `${eve.uri}/follows/1`,
      state: 'accepted',
    }),
  )
  await post(closed, author)
  await closed.settle()
  expect(foreign.received).toHaveLength(0)
  const dead = await listDeadJobs(closed.app.db, { limit: 10 })
  expect(dead.map(({ name }) => name)).toEqual(['deliver'])
  await closed.close()
})
