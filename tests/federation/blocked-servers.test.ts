import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateProfile } from '#src/accounts/profile.ts'
import type { Id } from '#src/db/tables.ts'
import { fileReport } from '#src/moderation/report.ts'
import { boostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { likeNote } from '#src/notes/like.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { removeFollower } from '#src/relationships/end-follow.ts'
import { followAccount, unfollowAccount } from '#src/relationships/follow.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'
import { activityOf, everyone } from './inbox/setup.ts'

let server: TestServer
let foreign: ForeignServer
let alice: TestPerson
let bob: ForeignActor
let bobId: Id
beforeAll(async () => {
  server = await startTestServer()
  foreign = await startForeignServer()
  alice = await server.person('alice')
})
afterAll(async () => {
  await server.close()
  await foreign.close()
})

let made = 0
beforeEach(async () => {
  await server.app.db.deleteFrom('domain_blocks').execute()
  bob = foreign.addActor(`bob${made++}`)
  bobId = await lookUp(server, bob.uri)
  await bob.post(`${server.url}/ap/inbox`, activityOf(bob, 'Follow', alice.account.uri))
  await server.settle()
})

const block = (domain: string) => server.app.db.insertInto('domain_blocks').values({ domain }).execute()

function noteOf(actor: ForeignActor) {
  const id = `${actor.uri}/notes/${crypto.randomUUID()}`
  return { id, type: 'Note', attributedTo: actor.uri, to: [everyone, alice.account.uri], content: 'Hello' }
}

const createOf = (actor: ForeignActor, note: object) => ({
  ...activityOf(actor, 'Create', note),
  to: [everyone, alice.account.uri],
})

const receivedBy = (actor: ForeignActor) =>
  foreign.received.filter(({ path }) => path === new URL(actor.inbox).pathname).length

const stored = (uri: string) =>
  server.app.db.selectFrom('notes').selectAll().where('uri', '=', uri).executeTakeFirst()

/** All that Alice can do that concerns Bob or her followers. */
async function doEverything(noteId: Id): Promise<void> {
  const { app } = server
  await followAccount(app, alice.accountId, bobId)
  await likeNote(app, alice.accountId, noteId)
  await boostNote(app, alice.accountId, noteId, 'public')
  const { note } = await post(server, alice, { inReplyToId: noteId, text: 'A reply' })
  await editNote(app, alice.accountId, note.id, noteForm({ text: 'A better reply' }))
  await deleteNote(app, alice.accountId, note.id)
  await updateProfile(app, alice.accountId, { name: `Alice ${made}`, bio: '' })
  const form = { targetId: bobId, noteIds: [], comment: '', category: 'other', isForwarded: true } as const
  await fileReport(app, alice.accountId, form)
  await unfollowAccount(app, alice.accountId, bobId)
  await removeFollower(app, alice.accountId, bobId)
  await blockAccount(app, alice.accountId, bobId)
  await unblockAccount(app, alice.accountId, bobId)
  await server.settle()
}

describe('a blocked server', () => {
  it('is sent nothing of all that can be sent, and asked nothing', async () => {
    const note = noteOf(bob)
    await bob.post(`${server.url}/ap/inbox`, createOf(bob, note))
    await server.settle()
    const row = await stored(note.id)
    if (!row) throw new Error('The note was not stored')
    await block('127.0.0.1')
    const [sent, asked] = [foreign.received.length, foreign.requests.length]
    await doEverything(row.id)
    expect(await server.app.lookup.account(`${foreign.url}/users/nobody-yet`)).toBeUndefined()
    expect(await server.app.lookup.account(`someone@${foreign.host}`)).toBeUndefined()
    expect(await server.app.lookup.note(`${bob.uri}/notes/other`)).toBeUndefined()
    expect([foreign.received.length, foreign.requests.length]).toEqual([sent, asked])
    await server.app.db.deleteFrom('domain_blocks').execute()
    await bob.post(`${server.url}/ap/inbox`, activityOf(bob, 'Follow', alice.account.uri))
    await server.settle()
    const before = foreign.received.length
    await server.app.db.deleteFrom('likes').execute()
    await doEverything(row.id)
    const types = new Set(foreign.received.slice(before).map(({ activity }) => activity.type))
    for (const type of ['Follow', 'Like', 'Create', 'Update', 'Delete', 'Flag', 'Undo', 'Reject', 'Block'])
      expect(types).toContain(type)
  })

  it('is not heard, in whatever it says', async () => {
    await block('127.0.0.1')
    const note = noteOf(bob)
    const mine = await post(server, alice)
    const before = await rows()
    for (const activity of [
      createOf(bob, note),
      activityOf(bob, 'Like', mine.note.uri),
      activityOf(bob, 'Announce', mine.note.uri),
      activityOf(bob, 'Block', alice.account.uri),
      activityOf(bob, 'Flag', [alice.account.uri]),
      activityOf(bob, 'Delete', bob.uri),
    ]) {
      expect((await bob.post(`${server.url}/ap/inbox`, activity)).status).toBe(403)
    }
    await server.settle()
    expect(await rows()).toEqual(before)
    await server.app.db.deleteFrom('domain_blocks').execute()
    expect((await bob.post(`${server.url}/ap/inbox`, createOf(bob, note))).status).toBe(202)
    await server.settle()
    expect(await stored(note.id)).toBeDefined()
  })

  it('is one that people elsewhere are named after, too', async () => {
    const { db } = server.app
    await db.updateTable('accounts').set({ domain: 'named.example' }).where('id', '=', bobId).execute()
    await block('named.example')
    const sent = receivedBy(bob)
    const { note: hers } = await post(server, alice)
    await blockAccount(server.app, alice.accountId, bobId)
    await unblockAccount(server.app, alice.accountId, bobId)
    const note = noteOf(bob)
    await bob.post(`${server.url}/ap/inbox`, createOf(bob, note))
    await bob.post(`${server.url}/ap/inbox`, activityOf(bob, 'Like', hers.uri))
    await server.settle()
    expect(receivedBy(bob)).toBe(sent)
    expect(await stored(note.id)).toBeUndefined()
    expect(await stored(hers.uri)).toMatchObject({ likes_count: 0 })
  })

  it('gets nothing through an inbox that lies elsewhere', async () => {
    const { db } = server.app
    const other = await startForeignServer()
    try {
      const changes = {
        inbox_uri: `${other.url}/inbox`,
        shared_inbox_uri: null,
        uri: 'https://bad.example/bob',
      }
      await db
        .updateTable('accounts')
        .set({ ...changes, domain: 'fine.example' })
        .where('id', '=', bobId)
        .execute()
      await post(server, alice)
      await server.settle()
      expect(other.activities('Create')).toHaveLength(1)
      await block('bad.example')
      await post(server, alice)
      await server.settle()
      expect(other.activities('Create')).toHaveLength(1)
    } finally {
      await other.close()
    }
  })
})

/** How many there are of what an activity could leave. */
async function rows(): Promise<number[]> {
  const tables = ['notes', 'likes', 'blocks', 'reports', 'notifications', 'follows'] as const
  return Promise.all(
    tables.map(async (table) => {
      const row = await server.app.db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .executeTakeFirst()
      return Number(row?.count)
    }),
  )
}
