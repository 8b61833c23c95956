import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { followAccount } from '#src/relationships/follow.ts'
import { activityOf, useNeighbours } from './setup.ts'

// What comes in at the same time is handled together, and yet nobody's fault is another's.

const near = useNeighbours()

/** A server that takes requests and never answers. */
let silent: Server
let silentUrl: string
beforeAll(async () => {
  silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  silentUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  await near.send(near.bob, near.create(near.bob, near.note(near.bob, 'first')))
  const bob = await near.account(near.bob)
  if (!bob) throw new Error('Bob is not known')
  await followAccount(near.server.app, near.alice.accountId, bob.id)
  await near.server.settle()
  await near.server.app.db.updateTable('follows').set({ state: 'accepted' }).execute()
})
afterAll(() => {
  silent.closeAllConnections()
  silent.close()
})

const jobsNamed = (name: string) =>
  near.server.app.db.selectFrom('jobs').selectAll().where('name', '=', name).execute()

it('stores fifty notes that come at once, each a single time', async () => {
  const notes = Array.from({ length: 50 }, (_, index) => near.note(near.bob, `of-fifty-${index}`))
  const posts = [...notes, ...notes].map((note) =>
    near.bob.post(`${near.server.url}/ap/inbox`, near.create(near.bob, note)),
  )
  expect(new Set((await Promise.all(posts)).map(({ status }) => status))).toEqual(new Set([202]))
  await near.server.settle()
  for (const note of notes) expect(await near.stored(note.id)).toBeDefined()
  const told = (await near.notifications()).filter(({ kind }) => kind === 'mention')
  expect(told).toHaveLength(51)
})

it('does not wait for a server that lets one of them wait', async () => {
  const boost = activityOf(near.bob, 'Announce', `${silentUrl}/notes/1`)
  const inbox = `${near.server.url}/ap/inbox`
  expect((await near.bob.post(inbox, boost)).status).toBe(202)
  await expect.poll(() => jobsNamed('receiveAsking')).toMatchObject([{ lease_token: expect.any(String) }])
  const note = near.note(near.bob, 'meanwhile')
  await near.bob.post(inbox, near.create(near.bob, note))
  await expect.poll(() => near.stored(note.id)).toBeDefined()
  expect(await jobsNamed('receiveAsking')).toMatchObject([{ lease_token: expect.any(String) }])
  silent.closeAllConnections()
  silent.close()
  await expect.poll(() => jobsNamed('receiveAsking')).toMatchObject([{ lease_token: null, attempts: 1 }])
})

it('stores the others where one cannot be stored', async () => {
  const { db } = near.server.app
  await sql`alter table notes add constraint no_poison check (content_html not like '%poison%')`.execute(db)
  const good = Array.from({ length: 10 }, (_, index) => near.note(near.bob, `good-${index}`))
  const bad = near.note(near.bob, 'bad', { content: '<p>poison</p>' })
  await Promise.all(
    [...good, bad].map((note) => near.bob.post(`${near.server.url}/ap/inbox`, near.create(near.bob, note))),
  )
  await near.server.settle()
  for (const note of good) expect(await near.stored(note.id)).toBeDefined()
  expect(await near.stored(bad.id)).toBeUndefined()
  // It is tried again, in case it was the database's fault.
  expect(await jobsNamed('fedifyInbox')).toMatchObject([
    { attempts: 1, last_error: expect.stringContaining('no_poison') },
  ])
  await sql`alter table notes drop constraint no_poison`.execute(db)
  near.server.clock.advance(60_000)
  await near.server.settle()
  expect(await near.stored(bad.id)).toBeDefined()
})
