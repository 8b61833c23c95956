import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getAccount, updateAccount } from '#src/db/accounts.ts'
import { findFollow } from '#src/db/follows.ts'
import { listNotifications } from '#src/db/notification-lists.ts'
import { boostNote } from '#src/notes/boost.ts'
import { answerFollowRequest, followAccount, unfollowAccount } from '#src/relationships/follow.ts'
import { homeIdsOf, post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let made = 0
const person = () => server.person(`person${made++}`)
const home = (reader: TestPerson) => homeIdsOf(server, reader)
const follow = (a: TestPerson, b: TestPerson) => followAccount(server.app, a.accountId, b.accountId)
const lock = (who: TestPerson) =>
  server.app.db.transaction().execute((trx) => updateAccount(trx, who.accountId, { is_locked: true }))
const countsOf = async (who: TestPerson) => {
  const { followers_count, following_count } = await getAccount(server.app.db, who.accountId)
  return { followers_count, following_count }
}
const kindsFor = async (who: TestPerson) =>
  (await listNotifications(server.app.db, who.accountId, { limit: 40 })).map(
    (notification) => notification.kind,
  )

describe('a follow', () => {
  it('brings past and coming notes home, and takes them away with it', async () => {
    const [reader, author] = [await person(), await person()]
    const past = await post(server, author)
    await follow(reader, author)
    const coming = await post(server, author, { visibility: 'followers' })
    expect(await home(reader)).toEqual([coming.note.id, past.note.id])
    expect(await kindsFor(author)).toEqual(['follow'])
    await unfollowAccount(server.app, reader.accountId, author.accountId)
    expect(await home(reader)).toEqual([])
    expect(await countsOf(author)).toEqual({ followers_count: 0, following_count: 0 })
  })

  it('counts exactly when made and ended a hundred times at once, from both sides', async () => {
    const [a, b] = [await person(), await person()]
    const changes = Array.from({ length: 100 }, (_, index) => {
      const [from, to] = index % 4 < 2 ? [a, b] : [b, a]
      return index % 2 === 0 ? follow(from, to) : unfollowAccount(server.app, from.accountId, to.accountId)
    })
    await Promise.all(changes)
    await follow(a, b)
    await follow(b, a)
    expect(await countsOf(a)).toEqual({ followers_count: 1, following_count: 1 })
    expect(await countsOf(b)).toEqual({ followers_count: 1, following_count: 1 })
  })

  it('is not of oneself', async () => {
    const one = await person()
    await expect(follow(one, one)).rejects.toMatchObject({ kind: 'forbidden' })
  })

  it('shows no boosts to those who do not want them', async () => {
    const [reader, booster, author] = [await person(), await person(), await person()]
    await followAccount(server.app, reader.accountId, booster.accountId, { showBoosts: false })
    const { note } = await post(server, author)
    await boostNote(server.app, booster.accountId, note.id, 'public')
    expect(await home(reader)).toEqual([])
    await followAccount(server.app, reader.accountId, booster.accountId, { showBoosts: true })
    const { note: other } = await post(server, author)
    const boost = await boostNote(server.app, booster.accountId, other.id, 'public')
    expect(await home(reader)).toEqual([boost.note.id])
  })

  it('shows a note once, however many boost it soon after', async () => {
    const [reader, author, first, second, third] = await Promise.all(Array.from({ length: 5 }, person))
    if (!reader || !author || !first || !second || !third) throw new Error('Five people are needed')
    for (const booster of [first, second, third]) await follow(reader, booster)
    const { note } = await post(server, author)
    const boost = await boostNote(server.app, first.accountId, note.id, 'public')
    await boostNote(server.app, second.accountId, note.id, 'public')
    expect(await home(reader)).toEqual([boost.note.id])
    for (let count = 0; count < 40; count++) await post(server, first)
    const late = await boostNote(server.app, third.accountId, note.id, 'public')
    expect((await home(reader))[0]).toBe(late.note.id)
  })

  it('brings replies only to those who follow both ends', async () => {
    const [reader, author, other] = [await person(), await person(), await person()]
    await follow(reader, author)
    const { note: parent } = await post(server, other)
    await post(server, author, { inReplyToId: parent.id })
    expect(await home(reader)).toEqual([])
    await follow(reader, other)
    const { note: reply } = await post(server, author, { inReplyToId: parent.id })
    expect(await home(reader)).toEqual([reply.id, parent.id])
  })

  it('brings no direct note to anyone but its author', async () => {
    const [reader, author] = [await person(), await person()]
    await follow(reader, author)
    const { note } = await post(server, author, { visibility: 'direct' })
    expect(await home(reader)).toEqual([])
    expect(await home(author)).toEqual([note.id])
  })
})

describe('a request to follow a locked account', () => {
  it('waits, and becomes a follow when accepted', async () => {
    const [asker, locked] = [await person(), await person()]
    await lock(locked)
    await follow(asker, locked)
    expect(await kindsFor(locked)).toEqual(['follow_request'])
    expect(await countsOf(locked)).toMatchObject({ followers_count: 0 })
    await answerFollowRequest(server.app, locked.accountId, asker.accountId, 'Accept')
    expect(await kindsFor(locked)).toEqual(['follow'])
    expect(await countsOf(locked)).toMatchObject({ followers_count: 1 })
  })

  it('is gone when rejected, and nobody can answer it twice', async () => {
    const [asker, locked] = [await person(), await person()]
    await lock(locked)
    await follow(asker, locked)
    await answerFollowRequest(server.app, locked.accountId, asker.accountId, 'Reject')
    expect(await findFollow(server.app.db, asker.accountId, locked.accountId)).toBeUndefined()
    const again = answerFollowRequest(server.app, locked.accountId, asker.accountId, 'Accept')
    await expect(again).rejects.toMatchObject({ kind: 'notFound' })
  })
})
