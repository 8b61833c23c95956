import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findNoteRowByUri } from '#src/db/notes.ts'
import { followAccount } from '#src/relationships/follow.ts'
import type { JsonObject } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { activityStreams, useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()
let there: TestServer
let bob: TestPerson
beforeAll(async () => {
  there = await startTestServer()
  bob = await there.person('bob')
})
afterAll(() => there.close())

const show = (id: string, document: JsonObject) =>
  near.foreign.documents.set(new URL(id).pathname, { '@context': activityStreams, ...document })

const shown = (name: string, changes: JsonObject) => {
  const note = near.note(near.bob, name, { tag: [], cc: [], ...changes })
  show(note.id, note)
  return note
}

async function open(server: TestServer, as: TestPerson, uri: string): Promise<string[]> {
  const row = await findNoteRowByUri(server.app.db, uri)
  const response = await server.fetch(`/api/v1/statuses/${row?.id}/context`, { as })
  const { ancestors, descendants }: { ancestors: { uri: string }[]; descendants: { uri: string }[] } =
    JSON.parse(await response.text())
  await settle(near.server, there)
  return [...ancestors, ...descendants].map(({ uri }) => uri)
}

describe('a conversation of another server', () => {
  const context = () => `${near.foreign.url}/contexts/1`

  it('fills in the thread of who opens it, in whatever order it lists', async () => {
    const root = near.note(near.bob, 'root', { context: context() })
    await near.send(near.bob, near.create(near.bob, root))
    const first = shown('first', { inReplyTo: root.id, context: context() })
    const second = shown('second', { inReplyTo: first.id, context: context() })
    const third = shown('third', { inReplyTo: second.id, context: context() })
    const stray = shown('stray', { context: context() })
    show(context(), {
      id: context(),
      type: 'OrderedCollection',
      first: {
        id: `${context()}/1`,
        type: 'OrderedCollectionPage',
        orderedItems: [third.id, stray.id, second.id, root.id, first.id],
      },
    })
    await open(near.server, near.alice, root.id)
    expect(await open(near.server, near.alice, root.id)).toEqual([first.id, second.id, third.id])
    expect(await near.stored(stray.id)).toBeUndefined()
  })

  it('brings what a note answers, too', async () => {
    const context = `${near.foreign.url}/contexts/2`
    const top = shown('top', { context })
    const middle = shown('middle', { inReplyTo: top.id, context })
    near.foreign.documents.set(new URL(middle.id).pathname, 404)
    const bottom = near.note(near.bob, 'bottom', { inReplyTo: middle.id, context })
    await near.send(near.bob, near.create(near.bob, bottom))
    expect(await near.stored(middle.id)).toBeUndefined()
    show(context, { id: context, type: 'Collection', items: [top.id, middle] })
    await open(near.server, near.alice, bottom.id)
    expect(await open(near.server, near.alice, bottom.id)).toEqual([top.id, middle.id])
  })

  it('is kept by our answers, by both its names', async () => {
    const conversation = 'tag:elsewhere.example,2026:objectId=1:objectType=Conversation'
    const context = `${near.foreign.url}/contexts/3`
    const theirs = near.note(near.bob, 'asked', { context, conversation })
    await near.send(near.bob, {
      ...near.create(near.bob, theirs),
      '@context': [activityStreams, { ostatus: 'http://ostatus.org#', conversation: 'ostatus:conversation' }],
    })
    const row = await near.stored(theirs.id)
    const mine = await near.post('An answer', { in_reply_to_id: row?.id })
    const response = await fetch(mine.uri, { headers: { accept: 'application/activity+json' } })
    expect(JSON.parse(await response.text())).toMatchObject({ conversation, context })
  })

  it('cannot be made one of ours by who answers nothing in it', async () => {
    const mine = await near.post('Mine')
    const intruder = near.note(near.bob, 'intruder', { context: mine.conversation_uri })
    await near.send(near.bob, near.create(near.bob, intruder))
    const page = await fetch(`${mine.conversation_uri}?page=true`)
    expect(JSON.parse(await page.text()).orderedItems).toEqual([mine.uri])
    expect(await near.stored(intruder.id)).toMatchObject({ context_uri: null })
  })

  it('that is no collection, or fails, changes nothing', async () => {
    const context = `${near.foreign.url}/contexts/4`
    const root = near.note(near.bob, 'lonely', { context })
    await near.send(near.bob, near.create(near.bob, root))
    show(context, { id: context, type: 'Note', content: 'No collection' })
    expect(await open(near.server, near.alice, root.id)).toEqual([])
    expect(await near.stored(root.id)).toMatchObject({ replies_count: 0, deleted_at: null })
  })
})

describe('a conversation between two servers of ours', () => {
  it('is read whole by who comes to it late', async () => {
    const { note: root } = await post(near.server, near.alice, { text: 'It begins here' })
    const { note: answer } = await post(near.server, near.alice, { inReplyToId: root.id })
    const { note: deeper } = await post(near.server, near.alice, { inReplyToId: answer.id })
    await post(near.server, near.alice, { inReplyToId: deeper.id, visibility: 'followers' })
    await settle(near.server, there)
    expect(await there.app.lookup.note(root.uri)).toBeDefined()
    await open(there, bob, root.uri)
    expect(await open(there, bob, root.uri)).toEqual([answer.uri, deeper.uri])
    const copy = await findNoteRowByUri(there.app.db, root.uri)
    expect(copy).toMatchObject({
      conversation_uri: root.conversation_uri,
      context_uri: root.conversation_uri,
      replies_fetched_at: expect.any(Date),
    })
  })

  it('holds the answers of both', async () => {
    const alice = await there.app.lookup.account(near.alice.account.uri)
    await followAccount(there.app, bob.accountId, alice ?? '')
    await settle(near.server, there)
    const { note: root } = await post(near.server, near.alice)
    await settle(near.server, there)
    const copy = await findNoteRowByUri(there.app.db, root.uri)
    const { note: answer } = await post(there, bob, { inReplyToId: copy?.id ?? null })
    await settle(near.server, there)
    const page = await fetch(`${root.conversation_uri}?page=true`)
    expect(JSON.parse(await page.text()).orderedItems).toEqual([root.uri, answer.uri])
    expect(answer).toMatchObject({ conversation_uri: root.conversation_uri })
    const foreignConversation = `${there.url}/ap/conversations/${answer.id}`
    expect((await fetch(foreignConversation)).status).toBe(404)
  })
})
