import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findAccountByUri } from '#src/db/accounts.ts'
import { pruneActivityBodies } from '#src/db/activity-bodies.ts'
import { listDeadJobs, replayDeadJobs } from '#src/db/dead-jobs.ts'
import { addFollowers } from '#tests/support/followers.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// A host that is away for longer and longer (K7), and inboxes that never come back.

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

let server: TestServer
let alice: TestPerson
const foreignServers: ForeignServer[] = []
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())
afterEach(async () => {
  for (const foreign of foreignServers.splice(0)) await foreign.close()
  const { db } = server.app
  for (const table of ['follows', 'jobs', 'dead_jobs', 'retired_inboxes'] as const)
    await db.deleteFrom(table).execute()
  await db.deleteFrom('accounts').where('domain', 'is not', null).execute()
})

async function start(port = 0): Promise<ForeignServer> {
  const foreign = await startForeignServer(port)
  foreignServers.push(foreign)
  return foreign
}

async function followedBy({ inbox }: Pick<ForeignActor, 'inbox'>, sharedInbox?: string): Promise<void> {
  const { host } = new URL(inbox)
  await addFollowers(server, alice, { count: 1, domain: host, inbox, ...(sharedInbox && { sharedInbox }) })
}

/** Lets time pass, with the jobs that fall due. */
async function pass(wholeMs: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < wholeMs; passed += stepMs) {
    server.clock.advance(stepMs)
    await server.settle()
  }
}

/** A follower whose host is away, with a note on its way there; and how to bring the host back. */
async function withHostAway(): Promise<{ comeBack(): Promise<ForeignServer> }> {
  const foreign = await startForeignServer()
  await followedBy(foreign.addActor('bob'))
  await foreign.close()
  await post(server, alice)
  await server.settle()
  return { comeBack: () => start(Number(new URL(foreign.url).port)) }
}

describe('a host that is away', () => {
  test('for an hour has all within the next two', async () => {
    const { comeBack } = await withHostAway()
    await pass(hour, minute)
    const foreign = await comeBack()
    await pass(2 * hour, 10 * minute)
    expect(foreign.activities('Create')).toHaveLength(1)
  })

  test('for three days has all within thirteen hours', async () => {
    const { comeBack } = await withHostAway()
    await pass(3 * day, hour)
    const foreign = await comeBack()
    await pass(14 * hour, hour)
    expect(foreign.activities('Create')).toHaveLength(1)
  })

  test('for eight days has nothing, until what died is replayed', async () => {
    const { comeBack } = await withHostAway()
    await pass(6 * day, hour)
    expect(await listDeadJobs(server.app.db)).toEqual([])
    await pass(2 * day, hour)
    const dead = await listDeadJobs(server.app.db)
    expect(dead).toMatchObject([{ name: 'deliver', attempts: 19 }])
    const foreign = await comeBack()
    await pass(day, 6 * hour)
    expect(foreign.received).toEqual([])
    // What it carried is kept as long as it may be wanted.
    await sql`update activity_bodies set last_used_at = now() - interval '30 days'`.execute(server.app.db)
    await pruneActivityBodies(server.app.db)
    expect(await replayDeadJobs(server.app.db, { ids: dead.map(({ id }) => id) })).toBe(1)
    await server.settle()
    expect(foreign.activities('Create')).toHaveLength(1)
    expect(foreign.received[0]).toMatchObject({ isSignatureValid: true, isDigestValid: true })
  })
})

test('what died of waiting for a host waits anew when it is replayed', async () => {
  const { comeBack } = await withHostAway()
  const { db } = server.app
  await sql`update jobs set payload = (payload::jsonb || jsonb_build_object('heldSince', ${server.clock.now().toISOString()}::text))::json
    where name = 'deliver'`.execute(db)
  // Enough others fail for the host to be known as down.
  for (let index = 0; index < 6; index += 1) await post(server, alice)
  await server.settle()
  await pass(8 * day, 6 * hour)
  const dead = await listDeadJobs(db)
  expect(dead).not.toHaveLength(0)
  expect(await replayDeadJobs(db, {})).toBe(dead.length)
  await server.settle()
  const foreign = await comeBack()
  await pass(day, hour)
  const arrived = new Set(foreign.activities('Create').map(({ id }) => id))
  expect(arrived.size).toBeGreaterThanOrEqual(dead.length)
  // What had not died by then had its seven days.
  expect(arrived.size + (await listDeadJobs(db)).length).toBe(7)
})

test('tries come after 1, 5 and 30 minutes, 2, 6 and then each 12 hours', async () => {
  const foreign = await start()
  await followedBy(foreign.addActor('bob'))
  foreign.answerInboxes(() => ({ status: 503 }))
  await post(server, alice)
  await server.settle()
  const began = server.clock.now().getTime()
  const gaps: number[] = []
  let last = began
  for (let tries = foreign.received.length; gaps.length < 8; ) {
    await pass(minute, minute)
    if (foreign.received.length === tries) {
      // Nothing is due for a while: to the next row that is.
      const { at } = await server.app.db
        .selectFrom('jobs')
        .select((eb) => eb.fn.min('run_at').as('at'))
        .where('name', '=', 'deliver')
        .executeTakeFirstOrThrow()
      server.clock.advance(Math.max(0, new Date(at).getTime() - server.clock.now().getTime() - minute))
      continue
    }
    tries = foreign.received.length
    gaps.push((server.clock.now().getTime() - last) / minute)
    last = server.clock.now().getTime()
  }
  const expected = [1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 12 * 60, 12 * 60]
  for (const [index, minutes] of expected.entries()) {
    expect(gaps[index]).toBeGreaterThanOrEqual(minutes)
    expect(gaps[index]).toBeLessThanOrEqual(minutes * 1.1 + 2)
  }
}, 30_000)

test('a Retry-After is kept to', async () => {
  const foreign = await start()
  await followedBy(foreign.addActor('bob'))
  foreign.answerInboxes(() => ({ status: 429, headers: { 'retry-after': String((3 * hour) / 1000) } }))
  await post(server, alice)
  await server.settle()
  foreign.answerInboxes(undefined)
  await pass(3 * hour - 10 * minute, 10 * minute)
  expect(foreign.received).toHaveLength(1)
  await pass(20 * minute, 10 * minute)
  expect(foreign.activities('Create')).toHaveLength(1)
})

describe('an inbox', () => {
  const retired = async () => {
    const { db } = server.app
    const rows = await db
      .selectFrom('retired_inboxes')
      .select('inbox')
      .where('retired_at', 'is not', null)
      .execute()
    return rows.map(({ inbox }) => inbox)
  }

  test('that is gone gets nothing more', async () => {
    const foreign = await start()
    await followedBy(foreign.addActor('bob'), `${foreign.url}/inbox`)
    foreign.answerInboxes(({ path }) => (path === '/inbox' ? { status: 410 } : undefined))
    await post(server, alice)
    await server.settle()
    expect(await retired()).toEqual([`${foreign.url}/inbox`])
    // Its people have inboxes of their own still.
    foreign.received.length = 0
    await post(server, alice)
    await server.settle()
    expect(foreign.received.map(({ path }) => path)).toEqual(['/users/bob/inbox'])
  })

  test('that is missing is given up on the third day, not for an evening', async () => {
    const foreign = await start()
    await followedBy(foreign.addActor('bob'), `${foreign.url}/inbox`)
    foreign.answerInboxes(() => ({ status: 404 }))
    for (let today = 1; today <= 3; today += 1) {
      expect(await retired()).toEqual([])
      for (let index = 0; index < 3; index += 1) await post(server, alice)
      await server.settle()
      server.clock.advance(25 * hour)
    }
    expect(await retired()).toEqual([`${foreign.url}/inbox`])
  })

  test('of someone who is gone loses its follow', async () => {
    const foreign = await start()
    const bob = foreign.addActor('bob', { sharedInbox: false })
    await followedBy({ inbox: bob.inbox })
    await server.app.db
      .updateTable('accounts')
      .set({ uri: bob.uri })
      .where('domain', '=', foreign.host)
      .execute()
    foreign.answerInboxes(() => ({ status: 410 }))
    foreign.documents.set('/users/bob', 410)
    await post(server, alice)
    await server.settle()
    expect(await findAccountByUri(server.app.db, bob.uri)).toMatchObject({ deleted_at: expect.any(Date) })
    expect(await server.app.db.selectFrom('follows').select('id').execute()).toEqual([])
  })

  test('of someone who is still there keeps it', async () => {
    const foreign = await start()
    const bob = foreign.addActor('bob', { sharedInbox: false })
    await followedBy({ inbox: bob.inbox })
    await server.app.db
      .updateTable('accounts')
      .set({ uri: bob.uri })
      .where('domain', '=', foreign.host)
      .execute()
    foreign.answerInboxes(() => ({ status: 404 }))
    await post(server, alice)
    await server.settle()
    expect(await findAccountByUri(server.app.db, bob.uri)).toMatchObject({ deleted_at: null })
    expect(await server.app.db.selectFrom('follows').select('id').execute()).toHaveLength(1)
  })
})

test('a server that speaks again is spoken to again', async () => {
  // The clock of a server of its own stands right, as signatures want it.
  const other = await startTestServer()
  const anna = await other.person('anna')
  const foreign = await start()
  const bob = foreign.addActor('bob')
  const domain = foreign.host
  await addFollowers(other, anna, { count: 1, domain, inbox: bob.inbox, sharedInbox: bob.sharedInbox })
  foreign.answerInboxes(() => ({ status: 410 }))
  for (let index = 0; index < 3; index += 1) {
    await post(other, anna)
    await other.settle()
  }
  foreign.answerInboxes(undefined)
  foreign.received.length = 0
  await post(other, anna)
  await other.settle()
  expect(foreign.received).toEqual([])
  const context = 'https://www.w3.org/ns/activitystreams'
  const follow = {
    '@context': context,
    id: `${bob.uri}#follow`,
    type: 'Follow',
    actor: bob.uri,
    object: anna.account.uri,
  }
  expect((await bob.post(other.app.uris.inbox(anna.accountId), follow)).status).toBe(202)
  await other.settle()
  await post(other, anna)
  await other.settle()
  expect(foreign.activities('Create')).toHaveLength(1)
  await other.close()
})
