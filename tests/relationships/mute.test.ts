import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFollow } from '#src/db/follows.ts'
import { listNotifications } from '#src/db/notification-lists.ts'
import { listRefusals } from '#src/db/refusals.ts'
import { likeNote } from '#src/notes/like.ts'
import { muteConversation, unmuteConversation } from '#src/notes/mute-conversation.ts'
import { removeFollower } from '#src/relationships/end-follow.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { muteAccount, unmuteAccount } from '#src/relationships/mute.ts'
import { homeIdsOf, post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let made = 0
const person = () => server.person(`person${made++}`)
const follow = (a: TestPerson, b: TestPerson) => followAccount(server.app, a.accountId, b.accountId)
const home = (reader: TestPerson) => homeIdsOf(server, reader)
const mute = (a: TestPerson, b: TestPerson, how: { hidesNotifications?: boolean; seconds?: number } = {}) =>
  muteAccount(server.app, a.accountId, b.accountId, {
    hidesNotifications: how.hidesNotifications ?? true,
    durationSeconds: how.seconds ?? 0,
  })
const kindsFor = async (who: TestPerson) =>
  (await listNotifications(server.app.db, who.accountId, { limit: 40 })).map(({ kind }) => kind)

describe('a mute', () => {
  it('hides what someone posts, and what they did, though they are still followed', async () => {
    const [alice, bob] = [await person(), await person()]
    await follow(alice, bob)
    const before = await post(server, bob)
    const { note } = await post(server, alice)
    await likeNote(server.app, bob.accountId, note.id)
    expect(await kindsFor(alice)).toEqual(['like'])
    await mute(alice, bob)
    const meanwhile = await post(server, bob, { text: `@${alice.account.username} hello?` })
    expect(await home(alice)).toEqual([note.id])
    expect(await kindsFor(alice)).toEqual([])
    expect(await findFollow(server.app.db, alice.accountId, bob.accountId)).toBeDefined()
    await unmuteAccount(server.app, alice.accountId, bob.accountId)
    expect(await home(alice)).toEqual([meanwhile.note.id, note.id, before.note.id])
  })

  it('may let notifications through', async () => {
    const [alice, bob] = [await person(), await person()]
    const { note } = await post(server, alice)
    await mute(alice, bob, { hidesNotifications: false })
    await likeNote(server.app, bob.accountId, note.id)
    expect(await kindsFor(alice)).toEqual(['like'])
  })

  it('ends by itself, and its row is cleared away', async () => {
    const [alice, bob] = [await person(), await person()]
    await follow(alice, bob)
    const { note } = await post(server, bob)
    await mute(alice, bob, { seconds: 60 })
    expect(await home(alice)).toEqual([])
    const { db } = server.app
    const ended = new Date(Date.now() - 1000)
    await db
      .updateTable('mutes')
      .set({ expires_at: ended })
      .where('account_id', '=', alice.accountId)
      .execute()
    expect(await home(alice)).toEqual([note.id])
    expect(await listRefusals(db, alice.accountId, [bob.accountId])).toMatchObject([{ muting: false }])
    server.clock.advance(3_600_000)
    await server.settle()
    expect(
      await db.selectFrom('mutes').select('id').where('account_id', '=', alice.accountId).execute(),
    ).toEqual([])
  })

  it('of oneself is refused', async () => {
    const alice = await person()
    await expect(mute(alice, alice)).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

describe('a muted conversation', () => {
  it('tells nothing more, neither of answers nor of likes, until it is heard again', async () => {
    const [alice, bob] = [await person(), await person()]
    const { note } = await post(server, alice)
    const answer = () =>
      post(server, bob, { text: `@${alice.account.username} and another thing`, inReplyToId: note.id })
    await answer()
    const view = await muteConversation(server.app, alice.accountId, note.id)
    expect(view.viewer?.muted).toBe(true)
    await answer()
    await likeNote(server.app, bob.accountId, note.id)
    expect(await kindsFor(alice)).toEqual(['mention'])
    await post(server, bob, { text: `@${alice.account.username} elsewhere` })
    expect(await kindsFor(alice)).toEqual(['mention', 'mention'])
    await unmuteConversation(server.app, alice.accountId, note.id)
    await answer()
    expect(await kindsFor(alice)).toHaveLength(3)
  })
})

describe('a follower who is removed', () => {
  it('follows no longer, and may follow again', async () => {
    const [alice, bob] = [await person(), await person()]
    await follow(bob, alice)
    await follow(alice, bob)
    await removeFollower(server.app, alice.accountId, bob.accountId)
    expect(await findFollow(server.app.db, bob.accountId, alice.accountId)).toBeUndefined()
    expect(await findFollow(server.app.db, alice.accountId, bob.accountId)).toBeDefined()
    await removeFollower(server.app, alice.accountId, bob.accountId)
    await follow(bob, alice)
    expect(await findFollow(server.app.db, bob.accountId, alice.accountId)).toBeDefined()
  })
})
