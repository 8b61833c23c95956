import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Id } from '#src/db/tables.ts'
import { boostNote } from '#src/notes/boost.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { followTag } from '#src/relationships/follow-tag.ts'
import { addMembers, createList } from '#src/relationships/lists.ts'
import { readList } from '#src/timelines/read.ts'
import { homeIdsOf, post } from '#tests/support/notes.ts'
import { settle, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { copyOf, startTwoServers } from '#tests/support/two-servers.ts'

let here: TestServer
let there: TestServer
let alice: TestPerson
/** Follows Alice from the other server, so that what she writes comes there, and has her on a list. */
let bob: TestPerson
/** Follows a hashtag on Bob's server, and nobody. */
let carol: TestPerson
let listId: Id
let aliceThere: Id

beforeAll(async () => {
  ;({ here, there, alice, bob, aliceThere } = await startTwoServers())
  carol = await there.person('carol')
  await followTag(there.app, carol.accountId, 'sea')
  listId = (await createList(there.app, bob.accountId, { title: 'Painters', isExclusive: true })).id
  await addMembers(there.app, bob.accountId, listId, [aliceThere])
})
afterAll(() => Promise.all([here.close(), there.close()]))

const listed = async () => {
  const { items } = await readList(there.app, bob.accountId, listId, { limit: 40 })
  return items.map(({ note }) => note.id)
}

it('a note from elsewhere comes home by its hashtag, and into a list, and leaves both when it is deleted', async () => {
  const [tagged, plain] = [
    await post(here, alice, { text: 'Storm #Sea' }),
    await post(here, alice, { text: 'No tag', visibility: 'followers' }),
  ]
  await settle(here, there)
  const [taggedThere, plainThere] = [
    await copyOf(there, tagged.note.uri),
    await copyOf(there, plain.note.uri),
  ]
  expect(await homeIdsOf(there, carol)).toEqual([taggedThere.id])
  expect(new Set(await listed())).toEqual(new Set([plainThere.id, taggedThere.id]))
  expect(await homeIdsOf(there, bob)).toEqual([])
  await deleteNote(here.app, alice.accountId, tagged.note.id)
  await settle(here, there)
  expect(await homeIdsOf(there, carol)).toEqual([])
  expect(await listed()).toEqual([plainThere.id])
})

it('a boost from elsewhere comes into a list, but not home by the hashtag of what it boosts', async () => {
  const dave = await here.person('dave')
  const original = await post(here, dave, { text: 'Calm #sea' })
  await boostNote(here.app, alice.accountId, original.note.id, 'public')
  await settle(here, there)
  const copy = await copyOf(there, original.note.uri)
  const [newest] = (await readList(there.app, bob.accountId, listId, { limit: 1 })).items
  expect(newest?.note.boost_of_id).toBe(copy.id)
  expect(await homeIdsOf(there, carol)).not.toContain(newest?.note.id)
})
