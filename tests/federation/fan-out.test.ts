import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { replayDeadJobs } from '#src/db/dead-jobs.ts'
import { findFollow } from '#src/db/follows.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { addFollowers } from '#tests/support/followers.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
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
  vi.restoreAllMocks()
  await foreign.close()
  for (const table of ['follows', 'jobs', 'dead_jobs', 'activity_bodies'] as const)
    await server.app.db.deleteFrom(table).execute()
})

/** Stops the deliveries, so that what is enqueued can be looked at. */
async function withoutDelivering<T>(work: () => Promise<T>): Promise<T> {
  await sql`create or replace function hold() returns trigger language plpgsql as
    $$ begin new.run_at := 'infinity'; return new; end $$`.execute(server.app.db)
  await sql`create trigger hold before insert on jobs for each row when (new.name = 'deliver')
    execute function hold()`.execute(server.app.db)
  try {
    return await work()
  } finally {
    await sql`drop trigger hold on jobs`.execute(server.app.db)
  }
}

async function countWaiting(): Promise<{ rows: number; inboxes: number; bodies: number }> {
  const { rows } = await sql<{ rows: number; inboxes: number; bodies: number }>`
    select count(*)::int as rows, count(distinct payload ->> 'inbox')::int as inboxes,
      (select count(*)::int from activity_bodies) as bodies
    from jobs where name = 'deliver'`.execute(server.app.db)
  const [counted] = rows
  if (!counted) throw new Error('A count has a row')
  return counted
}

test('a thousand followers of forty servers are forty rows and one body', async () => {
  for (let index = 0; index < 40; index += 1) {
    const domain = `server${index}.example`
    const sharedInbox = `http://${domain}/inbox`
    await addFollowers(server, alice, {
      count: 25,
      domain,
      inbox: `http://${domain}/fans/*/inbox`,
      sharedInbox,
    })
  }
  await withoutDelivering(async () => {
    await post(server, alice)
    await server.settle()
  })
  expect(await countWaiting()).toEqual({ rows: 40, inboxes: 40, bodies: 1 })
})

test('people of this server hear of it without a request, and cause no delivery', async () => {
  const bob = await server.person('bob')
  await followAccount(server.app, bob.accountId, alice.accountId)
  expect(await findFollow(server.app.db, bob.accountId, alice.accountId)).toMatchObject({ state: 'accepted' })
  const requests = vi.spyOn(server.app.safeFetch.dispatcher, 'dispatch')
  await post(server, alice, { text: 'Hello @bob' })
  await server.settle()
  expect(requests).not.toHaveBeenCalled()
  expect(await countWaiting()).toEqual({ rows: 0, inboxes: 0, bodies: 0 })
  const home = await server.app.db
    .selectFrom('home_entries')
    .select('note_id')
    .where('account_id', '=', bob.accountId)
    .execute()
  expect(home).not.toHaveLength(0)
})

describe('an audience of twelve thousand', () => {
  const count = 12_000

  test('is enqueued page by page, each inbox once', async () => {
    await addFollowers(server, alice, {
      count,
      domain: 'big.example',
      inbox: 'http://big.example/fans/*/inbox',
    })
    // As in life, of a queue that is empty when it is analysed: each row must still find the one ahead of it by an index.
    await sql`analyze`.execute(server.app.db)
    await withoutDelivering(async () => {
      await post(server, alice)
      await server.settle()
    })
    expect(await countWaiting()).toEqual({ rows: count, inboxes: count, bodies: 1 })
  }, 60_000)

  test('goes on where a crash interrupted it', async () => {
    await addFollowers(server, alice, {
      count,
      domain: 'huge.example',
      inbox: 'http://huge.example/fans/*/inbox',
    })
    const { db } = server.app
    // The second page cannot be written: as if the process had died there.
    await sql`create function fail() returns trigger language plpgsql as $$ begin
      if (select count(*) from jobs where name = 'deliver') >= 5000 then raise exception 'No more'; end if;
      return null; end $$`.execute(db)
    await sql`create trigger fail before insert on jobs for each statement execute function fail()`.execute(
      db,
    )
    await withoutDelivering(async () => {
      await post(server, alice)
      await server.settle()
      expect(await countWaiting()).toMatchObject({ rows: 5_000 })
      // What left meanwhile is not enqueued anew.
      await sql`delete from jobs where name = 'deliver'`.execute(db)
      await sql`drop trigger fail on jobs`.execute(db)
      server.clock.advance(60_000)
      await server.settle()
    })
    expect(await countWaiting()).toEqual({ rows: count - 5_000, inboxes: count - 5_000, bodies: 1 })
    expect(await replayDeadJobs(db, {})).toBe(0)
  }, 60_000)
})

test('what concerns one note reaches a server in order, though its first try failed', async () => {
  const bob = foreign.addActor('bob')
  await addFollowers(server, alice, { count: 1, domain: foreign.host, inbox: bob.inbox })
  foreign.answerInboxes(() => ({ status: 503 }))
  const { note } = await post(server, alice)
  await server.settle()
  await deleteNote(server.app, alice.accountId, note.id)
  await server.settle()
  foreign.answerInboxes(undefined)
  server.clock.advance(2 * 60_000)
  await server.settle()
  expect(foreign.received.filter(({ status }) => status < 300).map(({ activity }) => activity.type)).toEqual([
    'Create',
    'Delete',
  ])
})
