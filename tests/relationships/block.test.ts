import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getAccount } from '#src/db/accounts.ts'
import { findFollow } from '#src/db/follows.ts'
import { listNotifications } from '#src/db/notification-lists.ts'
import { boostNote } from '#src/notes/boost.ts'
import { likeNote } from '#src/notes/like.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { readAccount, readPublic, readTag } from '#src/timelines/read.ts'
import { readThread } from '#src/timelines/thread.ts'
import { homeIdsOf, post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let made = 0
const person = () => server.person(`person${made++}`)
const block = (a: TestPerson, b: TestPerson) => blockAccount(server.app, a.accountId, b.accountId)
const unblock = (a: TestPerson, b: TestPerson) => unblockAccount(server.app, a.accountId, b.accountId)
const follow = (a: TestPerson, b: TestPerson) => followAccount(server.app, a.accountId, b.accountId)
const home = (reader: TestPerson) => homeIdsOf(server, reader)
const everything = { origin: 'all', onlyMedia: false } as const
const publicFeed = async (reader: TestPerson) =>
  (await readPublic(server.app, reader.accountId, { limit: 40 }, everything)).items.map((one) => one.note.id)
const kindsFor = async (who: TestPerson) =>
  (await listNotifications(server.app.db, who.accountId, { limit: 40 })).map(({ kind }) => kind)

describe('who blocks', () => {
  it('is no longer followed by the blocked, nor follows them', async () => {
    const [alice, bob] = [await person(), await person()]
    await follow(alice, bob)
    await follow(bob, alice)
    const { note } = await post(server, bob)
    await block(alice, bob)
    expect(await findFollow(server.app.db, alice.accountId, bob.accountId)).toBeUndefined()
    expect(await findFollow(server.app.db, bob.accountId, alice.accountId)).toBeUndefined()
    expect(await getAccount(server.app.db, alice.accountId)).toMatchObject({
      followers_count: 0,
      following_count: 0,
    })
    expect(await home(alice)).not.toContain(note.id)
    expect(await kindsFor(alice)).toEqual([])
  })

  it('meets nothing of theirs in feeds, tags and threads, nor what others boost of it', async () => {
    const [alice, bob, carol] = [await person(), await person(), await person()]
    await follow(alice, carol)
    const { note: root } = await post(server, carol, { text: 'What do you think? #blocktest' })
    const { note: answer } = await post(server, bob, { text: 'Nonsense #blocktest', inReplyToId: root.id })
    const { note: retort } = await post(server, carol, { text: 'Not so', inReplyToId: answer.id })
    const { note: theirs } = await post(server, bob, { text: 'My own #blocktest' })
    const boost = await boostNote(server.app, carol.accountId, theirs.id, 'public')
    const tagged = async () => {
      const feed = { ...everything, tag: 'blocktest' }
      const { items } = await readTag(server.app, alice.accountId, { limit: 40 }, feed)
      return items.map((one) => one.note.id)
    }
    expect(await home(alice)).toContain(boost.note.id)
    expect(await publicFeed(alice)).toContain(theirs.id)
    await block(alice, bob)
    expect(await home(alice)).toEqual([root.id])
    expect(await publicFeed(alice)).not.toContain(theirs.id)
    expect(await tagged()).toEqual([root.id])
    const thread = await readThread(server.app, alice.accountId, root.id)
    expect(thread.descendants.map((one) => one.note.id)).toEqual([retort.id])
    const above = await readThread(server.app, alice.accountId, retort.id)
    expect(above.ancestors.map((one) => one.note.id)).toEqual([root.id])
    await unblock(alice, bob)
    expect(await tagged()).toContain(theirs.id)
  })

  it('gets no such boost into the feed while it is written', async () => {
    const [alice, bob, carol] = [await person(), await person(), await person()]
    await follow(alice, carol)
    await block(alice, bob)
    const { note } = await post(server, bob)
    const boost = await boostNote(server.app, carol.accountId, note.id, 'public')
    const entries = await server.app.db
      .selectFrom('home_entries')
      .select('note_id')
      .where('account_id', '=', alice.accountId)
      .execute()
    expect(entries.map((entry) => entry.note_id)).not.toContain(boost.note.id)
  })

  it('can neither like nor boost what they do not want to see', async () => {
    const [alice, bob] = [await person(), await person()]
    const { note } = await post(server, bob)
    await block(alice, bob)
    await expect(likeNote(server.app, alice.accountId, note.id)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(boostNote(server.app, alice.accountId, note.id, 'public')).rejects.toMatchObject({
      kind: 'forbidden',
    })
  })

  it('cannot block oneself, and blocking twice is once', async () => {
    const [alice, bob] = [await person(), await person()]
    await expect(block(alice, alice)).rejects.toMatchObject({ kind: 'forbidden' })
    await Promise.all(Array.from({ length: 20 }, () => block(alice, bob)))
    const { blocks } = await server.app.db
      .selectFrom('blocks')
      .select((eb) => eb.fn.countAll<string>().as('blocks'))
      .where('account_id', '=', alice.accountId)
      .executeTakeFirstOrThrow()
    expect(blocks).toBe('1')
  })
})

describe('a blocked account', () => {
  it('cannot see the note, whatever its audience and wherever it looks', async () => {
    const [alice, bob] = [await person(), await person()]
    const { note } = await post(server, alice, { text: `@${bob.account.username} for all #shutout` })
    expect(await loadNoteView(server.app.db, note.id, bob.accountId)).toMatchObject({ note: { id: note.id } })
    await block(alice, bob)
    await expect(loadNoteView(server.app.db, note.id, bob.accountId)).rejects.toMatchObject({
      kind: 'notFound',
    })
    const profile = {
      accountId: alice.accountId,
      onlyMedia: false,
      excludeReplies: false,
      excludeBoosts: false,
    }
    expect((await readAccount(server.app, bob.accountId, { limit: 40 }, profile)).items).toEqual([])
    expect(await publicFeed(bob)).not.toContain(note.id)
    // Strangers, and people who are not blocked, see it as before.
    expect(await loadNoteView(server.app.db, note.id, null)).toMatchObject({ note: { id: note.id } })
    await unblock(alice, bob)
    expect(await loadNoteView(server.app.db, note.id, bob.accountId)).toMatchObject({ note: { id: note.id } })
  })

  it('can neither follow, like, boost, answer nor make itself heard', async () => {
    const [alice, bob] = [await person(), await person()]
    const { note } = await post(server, alice)
    await block(alice, bob)
    await expect(follow(bob, alice)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(follow(alice, bob)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(likeNote(server.app, bob.accountId, note.id)).rejects.toMatchObject({ kind: 'notFound' })
    await expect(boostNote(server.app, bob.accountId, note.id, 'public')).rejects.toMatchObject({
      kind: 'notFound',
    })
    await expect(post(server, bob, { inReplyToId: note.id })).rejects.toMatchObject({ kind: 'notFound' })
    await post(server, bob, { text: `@${alice.account.username} hear me` })
    expect(await kindsFor(alice)).toEqual([])
    await unblock(alice, bob)
    await post(server, bob, { text: `@${alice.account.username} hear me` })
    await follow(bob, alice)
    expect(await kindsFor(alice)).toEqual(['follow', 'mention'])
  })
})
