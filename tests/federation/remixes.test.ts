import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findNoteRowByUri, type Note } from '#src/db/notes.ts'
import type { Id, RemixPolicy } from '#src/db/tables.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { copyOf, lookUp } from '#tests/support/two-servers.ts'

let here: TestServer
let there: TestServer
let foreign: ForeignServer
let zoe: ForeignActor
let alice: TestPerson
let bob: TestPerson
beforeAll(async () => {
  ;[here, there, foreign] = await Promise.all([startTestServer(), startTestServer(), startForeignServer()])
  ;[alice, bob] = await Promise.all([here.person('alice'), there.person('bob')])
  await followAccount(there.app, bob.accountId, await lookUp(there, alice.account.uri))
  zoe = foreign.addActor('zoe')
  const follow = { id: `${zoe.uri}/follow`, type: 'Follow', actor: zoe.uri, object: bob.account.uri }
  await zoe.post(`${there.url}/ap/inbox`, { '@context': 'https://www.w3.org/ns/activitystreams', ...follow })
  await settle(here, there)
})
afterAll(() => Promise.all([here.close(), there.close(), foreign.close()]))

async function arrived(uri: string, server: TestServer): Promise<Note> {
  await settle(here, there)
  return copyOf(server, uri)
}

async function paintingOf(server: TestServer, person: TestPerson, remixPolicy: RemixPolicy = 'anyone') {
  const painting = await storePainting(server, person)
  const { note } = await post(server, person, { text: 'Painted', mediaIds: [painting.id], remixPolicy })
  return note
}

async function remixOf(server: TestServer, person: TestPerson, parentId: Id) {
  const painting = await storePainting(server, person)
  const { note } = await post(server, person, {
    text: 'And again',
    mediaIds: [painting.id],
    remixOfId: parentId,
    remixPolicy: 'anyone',
  })
  return note
}

async function remixNotificationsOf(person: TestPerson, server: TestServer) {
  return server.app.db
    .selectFrom('notifications')
    .select(['kind', 'note_id'])
    .where('account_id', '=', person.accountId)
    .where('kind', 'in', ['remix', 'mention'])
    .execute()
}

const lineage = async (server: TestServer, id: Id, as?: TestPerson) =>
  (await server.fetch(`/api/pinxit/v1/statuses/${id}/lineage`, { as })).json()

describe('a remix of a picture on another Pinxit server', () => {
  it('credits, notifies once, is counted and has its lineage on both', async () => {
    const parent = await paintingOf(here, alice)
    const remix = await remixOf(there, bob, (await arrived(parent.uri, there)).id)
    const heard = await arrived(remix.uri, here)
    expect(heard).toMatchObject({ remix_of_id: parent.id, remix_of_uri: parent.uri })
    expect((await remixNotificationsOf(alice, here)).filter(({ note_id }) => note_id === heard.id)).toEqual([
      { kind: 'remix', note_id: heard.id },
    ])
    for (const server of [here, there]) {
      const own = await arrived(parent.uri, server)
      expect(own.remixes_count).toBe(1)
      expect(await lineage(server, own.id)).toMatchObject({
        ancestors: [],
        remixes: [{ uri: remix.uri, state: 'available', account: { username: 'bob' } }],
        remix_count: 1,
      })
      expect(await lineage(server, (await arrived(remix.uri, server)).id)).toMatchObject({
        ancestors: [{ uri: parent.uri, state: 'available', status: { content: '<p>Painted</p>' } }],
        remixes: [],
      })
    }
    const notifications = await (
      await here.fetch('/api/v1/notifications?types[]=remix', { as: alice })
    ).json()
    expect(notifications[0]).toMatchObject({
      type: 'remix',
      status: { id: heard.id, content: '<p>And again</p>', pinxit: { remix_of: { uri: parent.uri } } },
    })
  })

  it('keeps its credit when it is edited, and hears of edits and deletion of its parent', async () => {
    const parent = await paintingOf(here, alice)
    const remix = await remixOf(there, bob, (await arrived(parent.uri, there)).id)
    await settle(here, there)
    const { id: mediaId } = await there.app.db
      .selectFrom('media')
      .select('id')
      .where('note_id', '=', remix.id)
      .executeTakeFirstOrThrow()
    await editNote(there.app, bob.accountId, remix.id, noteForm({ text: 'And better', mediaIds: [mediaId] }))
    expect(await arrived(remix.uri, here)).toMatchObject({
      content_html: '<p>And better</p>',
      remix_of_id: parent.id,
    })
    await there.app.db.deleteFrom('follows').where('follower_id', '=', bob.accountId).execute()
    await deleteNote(here.app, alice.accountId, parent.id)
    expect((await arrived(parent.uri, there)).deleted_at).not.toBeNull()
    expect((await lineage(there, remix.id)).ancestors).toEqual([
      { uri: parent.uri, state: 'deleted', status: null, account: null },
    ])
    await followAccount(there.app, bob.accountId, await lookUp(there, alice.account.uri))
    await settle(here, there)
  })

  it('asks the policy', async () => {
    const closed = await arrived((await paintingOf(here, alice, 'nobody')).uri, there)
    await expect(remixOf(there, bob, closed.id)).rejects.toMatchObject({ kind: 'invalid', code: 'remix_of' })
    const forFollowers = await arrived((await paintingOf(here, alice, 'followers')).uri, there)
    await expect(remixOf(there, bob, forFollowers.id)).resolves.toMatchObject({
      remix_of_id: forFollowers.id,
    })
    const stranger = await there.person('stranger')
    await expect(remixOf(there, stranger, forFollowers.id)).rejects.toMatchObject({ code: 'remix_of' })
    const own = await paintingOf(there, bob, 'nobody')
    await expect(remixOf(there, bob, own.id)).resolves.toMatchObject({ remix_of_id: own.id })
  })

  it('of someone who did not allow it is stored without being one', async () => {
    const parent = await paintingOf(here, alice, 'nobody')
    const copy = await arrived(parent.uri, there)
    // A server that does not care.
    await there.app.db
      .updateTable('notes')
      .set({ remix_policy: 'anyone' })
      .where('id', '=', copy.id)
      .execute()
    const remix = await remixOf(there, bob, copy.id)
    const heard = await arrived(remix.uri, here)
    expect(heard).toMatchObject({ remix_of_id: null, remix_of_uri: parent.uri })
    expect(await arrived(parent.uri, here)).toMatchObject({ remixes_count: 0 })
    expect((await remixNotificationsOf(alice, here)).filter(({ note_id }) => note_id === heard.id)).toEqual([
      { kind: 'mention', note_id: heard.id },
    ])
    expect((await lineage(here, parent.id)).remixes).toEqual([])
  })

  it('brings its ancestors with it to who never saw them', async () => {
    const third = await startTestServer()
    const carol = await third.person('carol')
    const first = await paintingOf(here, alice)
    const second = await remixOf(there, bob, (await arrived(first.uri, there)).id)
    const third_ = await remixOf(there, bob, second.id)
    await settle(here, there)
    await third.app.lookup.note(third_.uri)
    await settle(third)
    const copy = await findNoteRowByUri(third.app.db, third_.uri)
    const found = await lineage(third, copy?.id ?? '', carol)
    expect(found.ancestors.map(({ uri, state }: { uri: string; state: string }) => [uri, state])).toEqual([
      [first.uri, 'available'],
      [second.uri, 'available'],
    ])
    await third.close()
  })
})

it('is the same 404 for a hidden note, and ends before one', async () => {
  const painting = await storePainting(here, alice)
  const secret = await post(here, alice, {
    text: 'For me',
    visibility: 'direct',
    mediaIds: [painting.id],
    remixPolicy: 'anyone',
  })
  expect((await here.fetch(`/api/pinxit/v1/statuses/${secret.note.id}/lineage`)).status).toBe(404)
  expect((await here.fetch('/api/pinxit/v1/statuses/999/lineage')).status).toBe(404)
  const open = await remixOf(here, alice, secret.note.id)
  expect((await lineage(here, open.id)).ancestors).toEqual([
    { uri: secret.note.uri, state: 'unavailable', status: null, account: null },
  ])
  expect((await lineage(here, open.id, alice)).ancestors).toMatchObject([{ state: 'available' }])
})

describe('a server that knows nothing of it', () => {
  it('sees the picture, its description, the credit, the label and the hashtag', async () => {
    const parent = await paintingOf(here, alice)
    const remix = await remixOf(there, bob, (await arrived(parent.uri, there)).id)
    await settle(here, there)
    const note = foreign
      .activities('Create')
      .map(({ object }) => JSON.parse(JSON.stringify(object)))
      .find(({ id }) => id === remix.uri)
    expect(note.type).toBe('Note')
    expect(note.attachment).toMatchObject([
      { type: 'Document', mediaType: 'image/webp', name: 'A lighthouse in a storm' },
    ])
    expect(note.content).toBe(
      '<p>And again</p><p class="provenance-label">' +
        `Remix of <a href="${parent.url}">a picture</a> by <span class="h-card">` +
        `<a href="${alice.account.url}" class="u-url mention">@<span>${alice.handle}</span></a></span><br>` +
        `AI-generated picture <a href="${there.url}/tags/AIart" class="mention hashtag" rel="tag">#<span>AIart</span></a></p>`,
    )
    expect(note.tag).toContainEqual({
      type: 'Mention',
      href: alice.account.uri,
      name: `@${alice.handle}`,
    })
    expect(note.tag).toContainEqual(expect.objectContaining({ type: 'Hashtag', name: '#AIart' }))
    expect(note.tag).toContainEqual(
      expect.objectContaining({ href: parent.uri, rel: 'https://w3id.org/pinxit/provenance#remixOf' }),
    )
    expect(note.summary).toBeNull()
  })
})
