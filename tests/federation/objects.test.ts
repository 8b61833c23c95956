import { sign } from 'node:crypto'
import { lookupObject, Note } from '@fedify/vocab'
import { getDocumentLoader } from '@fedify/vocab-runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { insertFollow } from '#src/db/follows.ts'
import { boostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { likeNote } from '#src/notes/like.ts'
import { type ForeignActor, type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

type Json = { [name: string]: Json } & { [index: number]: Json } & unknown

let server: TestServer
let alice: TestPerson
let bob: TestPerson
let foreign: ForeignServer
let fay: ForeignActor
beforeAll(async () => {
  ;[server, foreign] = await Promise.all([startTestServer(), startForeignServer()])
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  fay = foreign.addActor('fay')
  const follower = await upsertRemoteAccount(server.app.db, {
    username: 'fay',
    domain: foreign.host,
    uri: fay.uri,
    url: fay.uri,
    inbox_uri: fay.inbox,
  })
  await server.app.db.transaction().execute((trx) =>
    insertFollow(trx, {
      follower_id: follower.id,
      followee_id: alice.accountId,
      uri: `${fay.uri}/follows/1`,
      state: 'accepted',
    }),
  )
})
afterAll(() => Promise.all([server.close(), foreign.close()]))

const headers = { accept: 'application/activity+json' }
const publicAudience = 'https://www.w3.org/ns/activitystreams#Public'

async function read(url: string): Promise<{ status: number; json: Json }> {
  const response = await fetch(url, { headers })
  const text = await response.text()
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {} }
}

test('a note has every property that Mastodon reads', async () => {
  const { note: parent } = await post(server, bob)
  const { note } = await post(server, alice, {
    text: '@bob look at this #Sea',
    inReplyToId: parent.id,
    language: 'en',
  })
  const { json } = await read(note.uri)
  const { uri } = alice.account
  expect(json).toMatchObject({
    id: note.uri,
    type: 'Note',
    summary: null,
    inReplyTo: parent.uri,
    published: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    url: `${server.url}/@alice/${note.id}`,
    attributedTo: uri,
    to: [publicAudience],
    cc: [`${uri}/followers`, bob.account.uri],
    sensitive: false,
    atomUri: note.uri,
    conversation: parent.conversation_uri,
    context: parent.conversation_uri,
    content: expect.stringMatching(/^<p>.*<\/p>$/),
    contentMap: { en: json.content },
    attachment: [],
    tag: [
      { type: 'Mention', href: bob.account.uri, name: `@bob@${server.app.handleHost}` },
      { type: 'Hashtag', href: `${server.url}/tags/sea`, name: '#sea' },
    ],
    replies: {
      id: `${note.uri}/replies`,
      type: 'Collection',
      first: { type: 'CollectionPage', partOf: `${note.uri}/replies`, items: [] },
    },
    likes: { id: `${note.uri}/likes`, type: 'Collection', totalItems: 0 },
    shares: { id: `${note.uri}/shares`, type: 'Collection', totalItems: 0 },
    interactionPolicy: { canQuote: { automaticApproval: [publicAudience] } },
  })
  expect(json).not.toHaveProperty('updated')
})

test('a painting carries its alt text, size, place and provenance, and a visible label', async () => {
  const painting = await storePainting(server, alice)
  const { note } = await post(server, alice, {
    text: 'Storm',
    mediaIds: [painting.id],
    promptVisibility: 'public',
    remixPolicy: 'anyone',
  })
  const { json } = await read(note.uri)
  const provenance = 'https://w3id.org/pinxit/provenance#'
  expect(json.attachment).toEqual([
    {
      type: 'Document',
      mediaType: 'image/webp',
      url: server.app.storage.urlOf(painting.file_key ?? ''),
      name: 'A lighthouse in a storm',
      summary: 'A lighthouse in a storm',
      width: 1024,
      height: 768,
      blurhash: painting.blurhash,
      focalPoint: [0.25, -0.5],
      generator: { type: 'Application', name: 'painter-1 (OpenAI)', url: 'https://openai.com' },
      source: { content: 'a lighthouse, oil on canvas', mediaType: 'text/plain' },
      tag: [
        {
          type: 'Link',
          href: 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
          rel: `${provenance}digitalSourceType`,
          name: 'AI-generated',
        },
      ],
    },
  ])
  expect(json.tag).toEqual([
    { type: 'Hashtag', href: `${server.url}/tags/AIart`, name: '#AIart' },
    {
      type: 'Link',
      href: `${provenance}anyone`,
      mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
      rel: `${provenance}remixPolicy`,
    },
  ])
  expect(json.content).toMatch(/^<p>Storm<\/p><p class="provenance-label">AI-generated picture .*AIart/)
  expect(json.summary).toBeNull()
})

test('a hidden prompt stays here, in the document and in the activity', async () => {
  const painting = await storePainting(server, alice)
  const { note } = await post(server, alice, { mediaIds: [painting.id] })
  const { json: document } = await read(note.uri)
  const { json: create } = await read(`${note.uri}/activity`)
  const { json: outbox } = await read(`${alice.account.uri}/outbox?page=true`)
  const [listed] = Array.isArray(outbox.orderedItems) ? outbox.orderedItems : []
  expect(listed.object.id).toBe(note.uri)
  for (const json of [document, create, listed]) {
    expect(JSON.stringify(json)).toContain('painter-1')
    expect(JSON.stringify(json)).not.toContain('oil on canvas')
  }
})

test('an operator can turn the label off', async () => {
  const painting = await storePainting(server, alice)
  const { note } = await post(server, alice, { text: 'Bare', mediaIds: [painting.id] })
  await server.app.db.insertInto('settings').values({ name: 'label_pictures', value: 'false' }).execute()
  expect((await read(note.uri)).json).toMatchObject({ content: '<p>Bare</p>' })
  await server.app.db.deleteFrom('settings').where('name', '=', 'label_pictures').execute()
  expect((await read(note.uri)).json.content).toContain('AIart')
})

test('an edit shows in `updated`, in the text and in the ETag', async () => {
  const { note } = await post(server, alice, { text: 'Frist' })
  const before = await fetch(note.uri, { headers })
  const etag = before.headers.get('etag') ?? ''
  expect(before.headers.get('vary')).toContain('Accept')
  expect((await fetch(note.uri, { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304)
  await editNote(server.app, alice.accountId, note.id, noteForm({ text: 'First' }))
  const after = await fetch(note.uri, { headers: { ...headers, 'if-none-match': etag } })
  expect(after.status).toBe(200)
  expect(await after.json()).toMatchObject({ content: '<p>First</p>', updated: expect.any(String) })
})

test('likes, boosts and the author’s own answers are counted in', async () => {
  const { note } = await post(server, alice)
  await likeNote(server.app, bob.accountId, note.id)
  await boostNote(server.app, bob.accountId, note.id, 'public')
  const { note: other } = await post(server, bob, { inReplyToId: note.id })
  const { note: own } = await post(server, alice, { inReplyToId: note.id })
  const { json } = await read(note.uri)
  expect(json).toMatchObject({
    likes: { totalItems: 1 },
    shares: { totalItems: 1 },
    replies: { first: { items: [own.uri] } },
  })
  const { json: rest } = await read(String(json.replies?.first?.next))
  expect(rest).toMatchObject({ type: 'CollectionPage', items: [other.uri] })
  expect((await read(`${note.uri}/likes`)).json).toMatchObject({ totalItems: 1 })
})

test('an implementation of ActivityPub reads it', async () => {
  const painting = await storePainting(server, alice)
  const { note } = await post(server, alice, { text: 'For Fedify', mediaIds: [painting.id] })
  const loaders = { documentLoader: getDocumentLoader({ allowPrivateAddress: true }) }
  const object = await lookupObject(note.uri, loaders)
  expect(object).toBeInstanceOf(Note)
  if (!(object instanceof Note)) return
  const attachments = await Array.fromAsync(object.getAttachments(loaders))
  expect(attachments[0]?.name?.toString()).toBe('A lighthouse in a storm')
  expect(object.replyTargetId).toBeNull()
})

test('a page shows its note to who asks for the document', async () => {
  const { note } = await post(server, alice)
  expect((await read(note.url)).json).toMatchObject({ id: note.uri, type: 'Note' })
})

describe('a note that is not public', () => {
  test.each(['followers', 'direct'] as const)('for %s is not there for strangers', async (visibility) => {
    const { note } = await post(server, alice, { visibility })
    for (const url of [note.uri, note.url, `${note.uri}/activity`, `${note.uri}/replies`])
      expect((await read(url)).status).toBe(404)
    expect(JSON.stringify((await read(`${alice.account.uri}/outbox?page=true`)).json)).not.toContain(note.uri)
  })

  test('is shown to a follower who signs, and to nobody else', async () => {
    const { note } = await post(server, alice, { visibility: 'followers', text: 'For friends' })
    for (const scheme of ['draft-cavage', 'rfc9421'] as const) {
      const shown = await fay.get(note.uri, { scheme })
      expect(shown.status, scheme).toBe(200)
      expect(shown.headers.get('cache-control')).toContain('no-store')
      expect(await shown.json()).toMatchObject({
        content: '<p>For friends</p>',
        to: [`${alice.account.uri}/followers`],
        interactionPolicy: { canQuote: { automaticApproval: [alice.account.uri] } },
      })
    }
    const stranger = foreign.addActor('stranger')
    expect((await stranger.get(note.uri)).status).toBe(404)
    const { note: direct } = await post(server, alice, { visibility: 'direct', text: 'For no one' })
    expect((await fay.get(direct.uri)).status).toBe(404)
  })

  test('is not shown to a broken, an old or a borrowed signature', async () => {
    const { note } = await post(server, alice, { visibility: 'followers' })
    const bad = [
      fay.get(note.uri, { headers: { date: new Date(Date.now() + 60_000).toUTCString() } }),
      fay.get(note.uri, { date: new Date(Date.now() - 13 * 60 * 60_000) }),
      fay.get(`${note.uri}?again`, { headers: { signature: 'keyId="x"' } }),
      fay.get(note.uri, { headers: { date: 'yesterday' } }),
      fay.get(note.uri, { headers: { signature: signatureOf('!') } }),
    ]
    for (const response of await Promise.all(bad)) expect(response.status).toBe(404)
    const elsewhere = await startForeignServer()
    const impostor = elsewhere.addActor('fay')
    expect((await impostor.get(note.uri)).status).toBe(404)
    await elsewhere.close()
  })
})

test('a signature made for anyone does not open a note because another stands beside it', async () => {
  const { note } = await post(server, alice, { visibility: 'followers' })
  const created = Math.floor(Date.now() / 1000)
  const parameters = `("@method");created=${created};keyid="${fay.keyId}"`
  const text = `"@method": GET\n"@signature-params": ${parameters}`
  const signature = sign('sha256', Buffer.from(text), foreign.privateKeyPem).toString('base64')
  const headers = {
    'signature-input': `one=${parameters}, two=("@target-uri");created=${created};keyid="${fay.keyId}"`,
    signature: `one=:${signature}:, two=:AAAA:`,
  }
  expect((await fetch(note.uri, { headers })).status).toBe(404)
})

const signatureOf = (text: string) =>
  `keyId="${fay.keyId}",headers="(request-target) host date",signature="${text}"`

test('a deleted note leaves a tombstone; a deleted private one leaves nothing', async () => {
  const { note } = await post(server, alice)
  const { note: secret } = await post(server, alice, { visibility: 'followers' })
  await deleteNote(server.app, alice.accountId, note.id)
  await deleteNote(server.app, alice.accountId, secret.id)
  const gone = await read(note.uri)
  expect(gone.status).toBe(410)
  expect(gone.json).toMatchObject({ id: note.uri, type: 'Tombstone' })
  expect((await read(secret.uri)).status).toBe(404)
})

test('a boost is an Announce of what it boosts', async () => {
  const { note } = await post(server, bob)
  await boostNote(server.app, alice.accountId, note.id, 'public')
  const { json } = await read(`${alice.account.uri}/outbox?page=true`)
  const [announce] = Array.isArray(json.orderedItems) ? json.orderedItems : []
  expect(announce).toMatchObject({
    type: 'Announce',
    actor: alice.account.uri,
    object: note.uri,
    to: [publicAudience],
    cc: [`${alice.account.uri}/followers`, bob.account.uri],
  })
  expect((await read(announce.id)).json).toMatchObject({ id: announce.id, type: 'Announce' })
})
