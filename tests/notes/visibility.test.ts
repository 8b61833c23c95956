import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateAccount } from '#src/db/accounts.ts'
import { findVisibleNote } from '#src/db/notes.ts'
import type { Visibility } from '#src/db/tables.ts'
import { listNotesOf, listPublic } from '#src/db/timelines.ts'
import { boostNote } from '#src/notes/boost.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let people: Record<'author' | 'follower' | 'mentioned' | 'other' | 'requester', TestPerson>

beforeAll(async () => {
  server = await startTestServer()
  const names = ['author', 'follower', 'mentioned', 'other', 'requester'] as const
  const made = await Promise.all(names.map(async (name) => [name, await server.person(name)] as const))
  people = Object.fromEntries(made) as typeof people
  await followAccount(server.app, people.follower.accountId, people.author.accountId)
})
afterAll(() => server.close())

type Viewer = keyof typeof people | 'stranger'
const viewers: Viewer[] = ['stranger', 'author', 'follower', 'mentioned', 'other']

const seenBy: Record<Visibility, Viewer[]> = {
  public: viewers,
  unlisted: viewers,
  followers: ['author', 'follower', 'mentioned'],
  direct: ['author', 'mentioned'],
}

const idOf = (viewer: Viewer) => (viewer === 'stranger' ? null : people[viewer].accountId)
const page = { limit: 40 }
const allOptions = { onlyMedia: false, excludeReplies: false, excludeBoosts: false }

describe.each(Object.keys(seenBy) as Visibility[])('a note that is %s', (visibility) => {
  it.each(viewers)('is there for the %s exactly when it should be, through every door', async (viewer) => {
    const { db } = server.app
    const { note } = await post(server, people.author, { text: 'Hello @mentioned', visibility })
    const viewerId = idOf(viewer)
    const isSeen = seenBy[visibility].includes(viewer)
    expect((await findVisibleNote(db, note.id, viewerId)) !== undefined).toBe(isSeen)
    expect(await loadNoteViews(db, [note.id], viewerId)).toHaveLength(isSeen ? 1 : 0)
    const profile = await listNotesOf(db, people.author.accountId, viewerId, page, allOptions)
    expect(profile.some(({ id }) => id === note.id)).toBe(isSeen)
    const all = await listPublic(db, viewerId, page, { origin: 'all', onlyMedia: false })
    expect(all.some(({ id }) => id === note.id)).toBe(visibility === 'public')
  })
})

it('shows nobody a deleted note, nor the boosts of it', async () => {
  const { note } = await post(server, people.author)
  const boost = await boostNote(server.app, people.other.accountId, note.id, 'public')
  expect(boost.boostOf?.note.id).toBe(note.id)
  await deleteNote(server.app, people.author.accountId, note.id)
  expect(await loadNoteViews(server.app.db, [note.id, boost.note.id], people.author.accountId)).toEqual([])
})

it('shows nobody the notes of a suspended author', async () => {
  const suspended = await server.person('suspended')
  const { note } = await post(server, suspended)
  expect(await findVisibleNote(server.app.db, note.id, null)).toBeDefined()
  await server.app.db
    .transaction()
    .execute((trx) => updateAccount(trx, suspended.accountId, { suspended_at: new Date() }))
  expect(await findVisibleNote(server.app.db, note.id, people.other.accountId)).toBeUndefined()
})

it('does not take a request to follow for a follow', async () => {
  await server.app.db
    .transaction()
    .execute((trx) => updateAccount(trx, people.author.accountId, { is_locked: true }))
  const { requester, author } = people
  await followAccount(server.app, requester.accountId, author.accountId)
  const { note } = await post(server, author, { visibility: 'followers' })
  expect(await findVisibleNote(server.app.db, note.id, people.follower.accountId)).toBeDefined()
  expect(await findVisibleNote(server.app.db, note.id, requester.accountId)).toBeUndefined()
})
