import { afterAll, beforeAll, expect, test } from 'vitest'
import { getAccount } from '#src/db/accounts.ts'
import { findFollow } from '#src/db/follows.ts'
import { findNoteRowByUri, type Note } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import { boostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { likeNote, unlikeNote } from '#src/notes/like.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { unfollowAccount } from '#src/relationships/follow.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { kindsOf } from '#tests/support/notifications.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { settle, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { copyOf, startTwoServers } from '#tests/support/two-servers.ts'

let here: TestServer
let there: TestServer
let alice: TestPerson
let bob: TestPerson
/** Alice, as Bob's server knows her. */
let aliceThere: Id
beforeAll(async () => {
  ;({ here, there, alice, bob, aliceThere } = await startTwoServers())
})
afterAll(() => Promise.all([here.close(), there.close()]))

async function arrived(uri: string, server = there): Promise<Note> {
  await settle(here, there)
  return copyOf(server, uri)
}

async function notificationsOf(person: TestPerson, server: TestServer): Promise<string[]> {
  await settle(here, there)
  return kindsOf(server, person)
}

test('a follow is accepted, and both servers count it', async () => {
  expect(await findFollow(there.app.db, bob.accountId, aliceThere)).toMatchObject({ state: 'accepted' })
  expect(await getAccount(here.app.db, alice.accountId)).toMatchObject({ followers_count: 1 })
  expect(await getAccount(there.app.db, bob.accountId)).toMatchObject({ following_count: 1 })
  expect(await notificationsOf(alice, here)).toEqual(['follow'])
})

test('a painting arrives whole, in the home feed of who follows', async () => {
  const painting = await storePainting(here, alice)
  const { note } = await post(here, alice, {
    text: 'Storm #sea',
    mediaIds: [painting.id],
    promptVisibility: 'public',
    remixPolicy: 'anyone',
  })
  const copy = await arrived(note.uri)
  const view = await loadNoteView(there.app.db, copy.id, bob.accountId)
  expect(view).toMatchObject({
    note: { visibility: 'public', remix_policy: 'anyone', published_at: note.published_at, language: 'en' },
    tags: expect.arrayContaining(['sea', 'aiart']),
    media: [
      {
        remote_url: here.app.storage.urlOf(painting.file_key ?? ''),
        width: 1024,
        height: 768,
        blurhash: painting.blurhash,
        focus_x: 0.25,
        focus_y: -0.5,
        description: 'A lighthouse in a storm',
        digital_source_type: digitalSourceTypes.painting,
        generator_name: 'painter-1 (OpenAI)',
        prompt: 'a lighthouse, oil on canvas',
      },
    ],
  })
  // The label is for servers that show no provenance.
  expect(view.note.content_html).not.toContain('AI-generated')
  const home = await there.app.db
    .selectFrom('home_entries')
    .selectAll()
    .where('account_id', '=', bob.accountId)
    .where('note_id', '=', copy.id)
    .execute()
  expect(home).toHaveLength(1)
})

test('likes, boosts and answers come back, and are taken back', async () => {
  const { note } = await post(here, alice, { text: 'Do you like it?' })
  const copy = await arrived(note.uri)
  const before = (await notificationsOf(alice, here)).length
  await likeNote(there.app, bob.accountId, copy.id)
  await boostNote(there.app, bob.accountId, copy.id, 'public')
  const { note: answer } = await post(there, bob, {
    text: `@alice@${here.app.handleHost} Very much`,
    inReplyToId: copy.id,
  })
  expect((await notificationsOf(alice, here)).slice(before).sort()).toEqual(['boost', 'like', 'mention'])
  expect(await arrived(note.uri, here)).toMatchObject({ likes_count: 1, boosts_count: 1, replies_count: 1 })
  expect(await arrived(answer.uri, here)).toMatchObject({
    in_reply_to_id: note.id,
    conversation_uri: note.conversation_uri,
  })
  await unlikeNote(there.app, bob.accountId, copy.id)
  await deleteNote(there.app, bob.accountId, answer.id)
  expect(await arrived(note.uri, here)).toMatchObject({ likes_count: 0, boosts_count: 1, replies_count: 0 })
})

test('an edit and a deletion arrive', async () => {
  const { note } = await post(here, alice, { text: 'Frist' })
  await arrived(note.uri)
  await editNote(here.app, alice.accountId, note.id, noteForm({ text: 'First' }))
  expect(await arrived(note.uri)).toMatchObject({ content_html: '<p>First</p>', edited_at: expect.any(Date) })
  await deleteNote(here.app, alice.accountId, note.id)
  expect(await arrived(note.uri)).toMatchObject({ deleted_at: expect.any(Date), content_html: '' })
})

test('a note for followers arrives, and can be read by its address only by them', async () => {
  const { note } = await post(here, alice, { visibility: 'followers', text: 'Between us' })
  expect(await arrived(note.uri)).toMatchObject({
    visibility: 'followers',
    content_html: '<p>Between us</p>',
  })
  const stranger = await there.person('stranger')
  const copy = await arrived(note.uri)
  await expect(loadNoteView(there.app.db, copy.id, stranger.accountId)).rejects.toThrow()
})

test('who stops following is no longer told', async () => {
  await unfollowAccount(there.app, bob.accountId, aliceThere)
  await settle(here, there)
  expect(await getAccount(here.app.db, alice.accountId)).toMatchObject({ followers_count: 0 })
  const { note } = await post(here, alice)
  await settle(here, there)
  expect(await findNoteRowByUri(there.app.db, note.uri)).toBeUndefined()
})
