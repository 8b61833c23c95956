import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Account, findAccountByUri, upsertRemoteAccount } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import type { Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { boostNote, unboostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { addLike, likeNote, unlikeNote } from '#src/notes/like.ts'
import { storeNote } from '#src/notes/store.ts'
import { followAccount, unfollowAccount } from '#src/relationships/follow.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let alice: TestPerson
let near: ForeignServer
let far: ForeignServer
let fan: ForeignActor
let friend: ForeignActor
beforeAll(async () => {
  ;[server, near, far] = await Promise.all([startTestServer(), startForeignServer(), startForeignServer()])
  alice = await server.person('alice')
  fan = near.addActor('fan')
  friend = far.addActor('friend')
  await know(near, fan)
  await know(far, friend)
  await follow(fan)
})
afterAll(() => Promise.all([server.close(), near.close(), far.close()]))
afterEach(() => {
  near.received.length = 0
  far.received.length = 0
})

const publicAudience = 'https://www.w3.org/ns/activitystreams#Public'

function know(home: ForeignServer, actor: ForeignActor): Promise<Account> {
  return upsertRemoteAccount(server.app.db, {
    username: actor.name,
    domain: home.host,
    uri: actor.uri,
    url: actor.uri,
    inbox_uri: actor.inbox,
    shared_inbox_uri: actor.sharedInbox,
    followers_uri: `${actor.uri}/followers`,
  })
}

async function idOf(actor: ForeignActor): Promise<Id> {
  const account = await findAccountByUri(server.app.db, actor.uri)
  if (!account) throw new Error(`${actor.name} is unknown`)
  return account.id
}

async function follow(actor: ForeignActor): Promise<void> {
  const follower = await idOf(actor)
  await server.app.db.transaction().execute((trx) =>
    insertFollow(trx, {
      follower_id: follower,
      followee_id: alice.accountId,
      uri: `${actor.uri}/follows/1`,
      state: 'accepted',
    }),
  )
}

/** A note of the friend's, as if it had come in. */
async function friendsNote(name: string, inReplyTo: { uri: string; id: Id } | null = null): Promise<Id> {
  const accountId = await idOf(friend)
  const uri = `${far.url}/notes/${name}`
  const note = await server.app.db.transaction().execute((trx) =>
    storeNote(
      trx,
      {
        id: String(BigInt(accountId) + BigInt(far.received.length) + BigInt(Date.now())),
        uri,
        url: uri,
        accountId,
        isLocal: false,
        visibility: 'public',
        text: null,
        contentHtml: '<p>Hello</p>',
        summary: '',
        isSensitive: false,
        language: null,
        emojis: [],
        inReplyTo: inReplyTo && { ...inReplyTo, accountId: alice.accountId },
        conversationUri: uri,
        mentionedIds: [],
        tagNames: [],
        media: { kind: 'remote', attachments: [] },
        promptVisibility: 'hidden',
        remixPolicy: 'nobody',
        remixOf: null,
        objectType: 'Note',
        repliesUri: null,
        contextUri: null,
        poll: null,
        quoteOf: null,
        quotePolicy: 'public',
        applicationId: null,
        publishedAt: new Date(),
        editedAt: null,
      },
      { now: new Date() },
    ),
  )
  if (!note) throw new Error('The note is there already')
  return note.id
}

/** What a server got, each signed well. */
async function deliveredTo(home: ForeignServer) {
  await server.settle()
  expect(home.received.every((one) => one.isSignatureValid && one.isDigestValid)).toBe(true)
  return home.received.map(({ activity, path }) => ({ ...activity, path }))
}

test('a public note goes to followers and to whom it mentions, each server once', async () => {
  const { note } = await post(server, alice, { text: `Hello @friend@${far.host}` })
  const [created] = await deliveredTo(near)
  expect(created).toMatchObject({
    type: 'Create',
    id: `${note.uri}/activity`,
    to: [publicAudience],
    cc: [`${alice.account.uri}/followers`, friend.uri],
    object: {
      to: [publicAudience],
      cc: [`${alice.account.uri}/followers`, friend.uri],
      tag: [{ type: 'Mention', href: friend.uri, name: `@friend@${far.host}` }],
    },
  })
  expect(await deliveredTo(far)).toHaveLength(1)
})

test('a direct note goes to whom it mentions alone', async () => {
  await post(server, alice, { text: `Psst @friend@${far.host}`, visibility: 'direct' })
  const [created] = await deliveredTo(far)
  expect(created).toMatchObject({ to: [friend.uri], cc: [], object: { to: [friend.uri], cc: [] } })
  expect(await deliveredTo(near)).toEqual([])
})

test('an answer reaches whom it answers', async () => {
  const parentId = await friendsNote('answered')
  await post(server, alice, { inReplyToId: parentId, visibility: 'unlisted' })
  const [created] = await deliveredTo(far)
  expect(created).toMatchObject({ object: { inReplyTo: `${far.url}/notes/answered` } })
})

test('an answer for followers alone is sent to whom it answers, too', async () => {
  const parentId = await friendsNote('answered among friends')
  await post(server, alice, { inReplyToId: parentId, visibility: 'followers' })
  expect(await deliveredTo(far)).toMatchObject([{ cc: [friend.uri] }])
  expect(await deliveredTo(near)).toHaveLength(1)
})

test('an edit and a deletion reach those who liked it, too', async () => {
  const { note } = await post(server, alice, { text: 'Frist' })
  const liker = await idOf(friend)
  await server.app.db
    .transaction()
    .execute((trx) => addLike(trx, note, { accountId: liker, uri: `${friend.uri}/likes/1` }))
  await editNote(server.app, alice.accountId, note.id, noteForm({ text: 'First' }))
  await server.settle()
  await deleteNote(server.app, alice.accountId, note.id)
  const [update, deletion] = await deliveredTo(far)
  expect(update).toMatchObject({
    type: 'Update',
    id: expect.stringMatching(/#updates\/\d+$/),
    object: { id: note.uri, content: '<p>First</p>', updated: expect.any(String) },
  })
  expect(deletion).toMatchObject({
    type: 'Delete',
    id: `${note.uri}#delete`,
    actor: alice.account.uri,
    object: { id: note.uri, type: 'Tombstone' },
  })
  expect((await deliveredTo(near)).map((activity) => Reflect.get(activity, 'type'))).toEqual([
    'Create',
    'Update',
    'Delete',
  ])
})

test('a note that was deleted before it left is not sent', async () => {
  const { note } = await post(server, alice, { visibility: 'direct' })
  await deleteNote(server.app, alice.accountId, note.id)
  await server.settle()
  const { db } = server.app
  await db.updateTable('notes').set({ visibility: 'public' }).where('id', '=', note.id).execute()
  const payload = { noteId: note.id, activity: 'Create' as const }
  await db.transaction().execute((trx) => enqueue(trx, 'deliverNote', payload))
  expect(await deliveredTo(near)).toEqual([])
})

test('a picture arrives with everything that is known of it', async () => {
  const painting = await storePainting(server, alice)
  await post(server, alice, { mediaIds: [painting.id], promptVisibility: 'public' })
  const [created] = await deliveredTo(near)
  expect(created).toMatchObject({
    object: {
      content: expect.stringContaining('#<span>AIart</span>'),
      attachment: [
        {
          type: 'Document',
          name: 'A lighthouse in a storm',
          width: 1024,
          height: 768,
          blurhash: painting.blurhash,
          focalPoint: [0.25, -0.5],
          generator: { name: 'painter-1 (OpenAI)' },
          source: { content: 'a lighthouse, oil on canvas' },
        },
      ],
    },
  })
})

test('a like and its undoing go to the author’s own inbox', async () => {
  const noteId = await friendsNote('liked')
  await likeNote(server.app, alice.accountId, noteId)
  await server.settle()
  await unlikeNote(server.app, alice.accountId, noteId)
  const [like, undo] = await deliveredTo(far)
  expect(like).toMatchObject({
    type: 'Like',
    path: '/users/friend/inbox',
    actor: alice.account.uri,
    object: `${far.url}/notes/liked`,
  })
  const id: unknown = Reflect.get(like ?? {}, 'id')
  expect(undo).toMatchObject({ type: 'Undo', id: `${id}/undo`, object: { id, type: 'Like' } })
  expect(await deliveredTo(near)).toEqual([])
})

test('a boost goes to followers and to the boosted author, and so does its undoing', async () => {
  const noteId = await friendsNote('boosted')
  await boostNote(server.app, alice.accountId, noteId, 'public')
  await server.settle()
  await unboostNote(server.app, alice.accountId, noteId)
  for (const home of [near, far]) {
    const [announce, undo] = await deliveredTo(home)
    expect(announce).toMatchObject({
      type: 'Announce',
      object: `${far.url}/notes/boosted`,
      to: [publicAudience],
      cc: [`${alice.account.uri}/followers`, friend.uri],
    })
    const id: unknown = Reflect.get(announce ?? {}, 'id')
    expect(undo).toMatchObject({ type: 'Undo', object: { id, type: 'Announce' } })
  }
})

test('a follow and its undoing go to the one who is followed', async () => {
  const followee = await idOf(friend)
  await followAccount(server.app, alice.accountId, followee)
  await server.settle()
  await unfollowAccount(server.app, alice.accountId, followee)
  const [sent, undo] = await deliveredTo(far)
  expect(sent).toMatchObject({ type: 'Follow', actor: alice.account.uri, object: friend.uri })
  const id: unknown = Reflect.get(sent ?? {}, 'id')
  expect(undo).toMatchObject({
    type: 'Undo',
    object: { id, type: 'Follow', actor: alice.account.uri, object: friend.uri },
  })
})

test('a changed profile goes to followers, whole', async () => {
  const { db } = server.app
  const payload = { accountId: alice.accountId, activity: 'Update' as const }
  await db.transaction().execute((trx) => enqueue(trx, 'deliverAccount', payload))
  const [update] = await deliveredTo(near)
  expect(update).toMatchObject({
    type: 'Update',
    id: expect.stringMatching(/#updates\/\d+$/),
    object: { id: alice.account.uri, type: 'Person', publicKey: { owner: alice.account.uri } },
  })
  expect(await deliveredTo(far)).toEqual([])
})

test('a deleted account is told to every server we know', async () => {
  const { db } = server.app
  const gone = await server.person('gone')
  // A peer can only verify the deletion by a key it has.
  await post(server, gone, { text: `@fan@${near.host} @friend@${far.host}` })
  await server.settle()
  await db.updateTable('accounts').set({ deleted_at: new Date() }).where('id', '=', gone.accountId).execute()
  const payload = { accountId: gone.accountId, activity: 'Delete' as const }
  await db.transaction().execute((trx) => enqueue(trx, 'deliverAccount', payload))
  for (const home of [near, far]) {
    await server.settle()
    expect(home.activities('Delete')).toMatchObject([
      { id: `${gone.account.uri}#delete`, actor: gone.account.uri, object: gone.account.uri },
    ])
  }
})
