import type { RemoteDocument } from '@fedify/vocab-runtime'
import jsonld from '@fedify/vocab-runtime/jsonld'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPreloadedContext } from '#federation/remote/contexts.ts'
import { expandByTable } from '#federation/remote/expansion/by-table.ts'
import { createExpansion } from '#federation/remote/expansion/expansion.ts'
import { createTermTables } from '#federation/remote/expansion/term-table.ts'
import { featureTag, unfeatureTag } from '#src/accounts/featured-tags.ts'
import { updateProfile } from '#src/accounts/profile.ts'
import { findAccountByUri, updateAccount } from '#src/db/accounts.ts'
import { findNoteRowByUri } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { addEmoji } from '#src/media/emojis.ts'
import { fileReport } from '#src/moderation/report.ts'
import { boostNote, unboostNote } from '#src/notes/boost.ts'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { deleteAccount } from '#src/notes/erase-account.ts'
import { likeNote, unlikeNote } from '#src/notes/like.ts'
import { pinNote, unpinNote } from '#src/notes/pin.ts'
import { voteInPoll } from '#src/notes/poll.ts'
import { revokeQuote } from '#src/notes/quote.ts'
import { reactToNote, unreactToNote } from '#src/notes/react.ts'
import { blockAccount, unblockAccount } from '#src/relationships/block.ts'
import { answerFollowRequest, followAccount, unfollowAccount } from '#src/relationships/follow.ts'
import { moveAway } from '#src/relationships/move.ts'
import { softPicture } from '#tests/media/pictures.ts'
import {
  type ForeignActor,
  type ForeignServer,
  type JsonObject,
  startForeignServer,
} from '#tests/support/foreign-server.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { storePainting, storePicture } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { activityOf, activityStreams, everyone } from './inbox/setup.ts'

// Everything this server says is said once, to a foreign server that follows, and read as strict JSON-LD: a property
// that its context does not know would be silently lost by whoever goes by the context.

let server: TestServer
let foreign: ForeignServer
let alice: TestPerson
let eve: TestPerson
let bob: ForeignActor
let fan: ForeignActor

beforeAll(async () => {
  ;[server, foreign] = await Promise.all([startTestServer(), startForeignServer()])
  ;[alice, eve] = await Promise.all([server.person('alice'), server.person('eve')])
  ;[bob, fan] = [foreign.addActor('bob'), foreign.addActor('fan')]
  const aliases = { alsoKnownAs: { '@id': 'as:alsoKnownAs', '@type': '@id' } }
  Object.assign(bob.document, {
    '@context': [bob.document['@context'], aliases].flat(),
    alsoKnownAs: [alice.account.uri],
  })
  const bytes = await softPicture(64, 64).png().toBuffer()
  await addEmoji(server.app, { shortcode: 'palette', bytes, category: null, addedBy: null })
})
afterAll(() => Promise.all([server.close(), foreign.close()]))

async function send(actor: ForeignActor, activity: JsonObject): Promise<void> {
  expect((await actor.post(`${server.url}/ap/inbox`, activity)).status).toBe(202)
  await server.settle()
}

async function idOf(actor: ForeignActor): Promise<Id> {
  const account = await findAccountByUri(server.app.db, actor.uri)
  if (!account) throw new Error(`${actor.name} is unknown here`)
  return account.id
}

/** A note of the fan's that mentions Alice. */
async function foreignNote(name: string, changes: JsonObject = {}, context: JsonObject = {}): Promise<Id> {
  const object = {
    id: `${fan.uri}/notes/${name}`,
    type: 'Note',
    attributedTo: fan.uri,
    to: [everyone],
    cc: [alice.account.uri],
    content: '<p>Hello</p>',
    tag: [{ type: 'Mention', href: alice.account.uri, name: '@alice' }],
    ...changes,
  }
  foreign.documents.set(new URL(object.id).pathname, { '@context': [activityStreams, context], ...object })
  const create = activityOf(fan, 'Create', object)
  await send(fan, { ...create, '@context': [activityStreams, context], to: object.to, cc: object.cc })
  const note = await findNoteRowByUri(server.app.db, object.id)
  if (!note) throw new Error(`${name} was not taken`)
  return note.id
}

/** Documents by where they stand, read as their readers get them. */
const served = new Map<string, JsonObject>()

async function read(address: string, reader?: ForeignActor): Promise<JsonObject> {
  const accept = 'application/activity+json'
  const response = reader ? await reader.get(address) : await fetch(address, { headers: { accept } })
  const document: JsonObject = JSON.parse(await response.text())
  served.set(`${response.status} ${address.slice(server.url.length).replaceAll(/\d{5,}/g, 'ID')}`, document)
  return document
}

/** The activities of a kind that were delivered; the kind of what is undone or changed stands behind. */
function sent(kind: string): JsonObject[] {
  return foreign.received.map(({ activity }) => activity).filter((activity) => kindOf(activity) === kind)
}

function kindOf({ type, object }: JsonObject): string {
  const inner = isObject(object) ? object.type : undefined
  return typeof inner === 'string' ? `${type} ${inner}` : String(type)
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

async function documentLoader(url: string): Promise<RemoteDocument> {
  const document = await findPreloadedContext(url)
  if (!document) throw new Error(`${url} would have to be fetched`)
  return { contextUrl: null, documentUrl: url, document }
}

/**
 * The terms of a document that no context defines: ActivityStreams' own gives them names that mean nothing outside.
 * @throws where a value is lost altogether, such as a relative address
 */
async function unknownTerms(document: JsonObject): Promise<string[]> {
  // The types of jsonld.js know no safe mode.
  const options = { documentLoader, safe: true }
  const expanded = JSON.stringify(await jsonld.expand(document, options))
  return [...expanded.matchAll(/"_:(\w+)"/g)].map(([, term = '']) => term)
}

const follow = (actor: ForeignActor, { account }: TestPerson) => activityOf(actor, 'Follow', account.uri)

async function sayWhatIsSaidOfPeople(): Promise<void> {
  const { app } = server
  await send(bob, follow(bob, alice))
  await updateProfile(app, eve.accountId, { isLocked: true })
  await send(fan, follow(fan, alice))
  await send(fan, follow(fan, eve))
  await answerFollowRequest(app, eve.accountId, await idOf(fan), 'Reject')
  const [fanId, bobId] = [await idOf(fan), await idOf(bob)]
  await followAccount(app, alice.accountId, fanId)
  await followAccount(app, eve.accountId, bobId)
  await unfollowAccount(app, eve.accountId, bobId)
  await blockAccount(app, eve.accountId, bobId)
  await unblockAccount(app, eve.accountId, bobId)
  const avatar = await softPicture(64, 64).png().toBuffer()
  await updateProfile(app, alice.accountId, {
    name: 'Alice :palette:',
    bio: 'I paint',
    fields: [{ name: 'Site', value: 'https://example.com' }],
    avatar,
    header: avatar,
  })
  const tag = await featureTag(app, alice.accountId, 'sea')
  await featureTag(app, alice.accountId, 'light')
  await unfeatureTag(app, alice.accountId, { id: tag.id })
  await server.settle()
}

async function sayWhatIsSaidOfNotes(): Promise<void> {
  const { app } = server
  const pictures = await Promise.all([1, 2, 3].map(() => storePicture(server, alice)))
  const painting = await storePainting(server, alice)
  const { note: painted } = await post(server, alice, {
    text: `:palette: Look @fan@${foreign.host} #sea`,
    summary: 'Weather',
    isSensitive: true,
    mediaIds: [painting, ...pictures].map(({ id }) => id),
    promptVisibility: 'public',
    remixPolicy: 'anyone',
  })
  const again = await storePainting(server, alice)
  const { note: remix } = await post(server, alice, { mediaIds: [again.id], remixOfId: painted.id })
  const { note: answer } = await post(server, alice, { inReplyToId: painted.id, visibility: 'followers' })
  const { note: direct } = await post(server, alice, { text: `@fan@${foreign.host}`, visibility: 'direct' })
  await editNote(app, alice.accountId, answer.id, noteForm({ text: 'Better', visibility: 'followers' }))
  for (const note of [painted, remix]) await pinNote(app, alice.accountId, note.id)
  await unpinNote(app, alice.accountId, remix.id)
  await server.settle()
  for (const { uri } of [painted, remix]) await read(uri)
  for (const { uri } of [answer, direct]) await read(uri, fan)
  for (const name of ['activity', 'replies', 'replies?page=own', 'replies?page=others', 'likes', 'shares'])
    await read(`${painted.uri}/${name}`)
  await read(painted.conversation_uri)
  await read(`${painted.conversation_uri}?page=true`)
  await deleteNote(app, alice.accountId, remix.id)
  await server.settle()
  await read(remix.uri)
}

async function sayWhatIsSaidToOthers(): Promise<void> {
  const { app } = server
  const noteId = await foreignNote('plain')
  const emojis = { toot: 'http://joinmastodon.org/ns#', Emoji: 'toot:Emoji' }
  await boostNote(app, alice.accountId, noteId, 'public')
  await likeNote(app, alice.accountId, noteId)
  for (const emoji of ['🔥', 'palette']) await reactToNote(app, alice.accountId, noteId, emoji)
  await server.settle()
  await unboostNote(app, alice.accountId, noteId)
  await unlikeNote(app, alice.accountId, noteId)
  await unreactToNote(app, alice.accountId, noteId, 'palette')
  const targetId = await idOf(fan)
  const report = {
    targetId,
    noteIds: [noteId],
    comment: 'Rude',
    category: 'other',
    isForwarded: true,
  } as const
  await fileReport(app, alice.accountId, report)
  await post(server, alice, { text: 'As she says', quoteOfId: noteId })
  const questionId = await foreignNote(
    'question',
    { type: 'Question', oneOf: ['Oil', 'Ink'].map((name) => ({ type: 'Note', name })) },
    emojis,
  )
  await voteInPoll(app, alice.accountId, questionId, [1])
  await server.settle()
  const poll = { titles: ['Oil', 'Ink'], isMultiple: true, expiresInSeconds: 3_600 }
  const { note: question } = await post(server, alice, { text: 'With what?', poll })
  await voteInPoll(app, eve.accountId, question.id, [0])
  server.clock.advance(3_700_000)
  await server.settle()
  await read(question.uri)
}

async function sayWhatIsSaidOfQuotes(): Promise<void> {
  const { note } = await post(server, alice, { text: 'Quote me' })
  const quote = 'https://w3id.org/fep/044f#quote'
  const quotingId = await foreignNote(
    'quoting',
    { quote: note.uri },
    { quote: { '@id': quote, '@type': '@id' } },
  )
  const asking = activityOf(fan, 'QuoteRequest', note.uri)
  const context = [activityStreams, { QuoteRequest: 'https://w3id.org/fep/044f#QuoteRequest' }]
  await send(fan, { ...asking, '@context': context, instrument: `${fan.uri}/notes/quoting` })
  const [answer] = sent('Accept QuoteRequest')
  await read(String(answer?.result))
  await revokeQuote(server.app, alice.accountId, note.id, quotingId)
  await server.settle()
}

async function serveTheRest(): Promise<void> {
  const { uris, db } = server.app
  await read(alice.account.uri)
  const instance = await db
    .selectFrom('accounts')
    .select('uri')
    .where('kind', '=', 'Application')
    .executeTakeFirst()
  await read(instance?.uri ?? '')
  for (const name of ['outbox', 'followers', 'following', 'featured', 'featured-tags'])
    for (const page of ['', '?page=true']) await read(`${alice.account.uri}/${name}${page}`)
  await read(uris.followersSynchronization(alice.accountId), fan)
  await read(uris.emoji('palette'))
}

async function leave(): Promise<void> {
  await moveAway(server.app, alice.accountId, { handle: bob.uri, password: alice.password, address: '' })
  await server.settle()
  await read(alice.account.uri)
  const { db } = server.app
  await db.transaction().execute((trx) => updateAccount(trx, eve.accountId, { is_locked: false }))
  await send(fan, { ...follow(fan, eve), id: `${fan.uri}/again` })
  await deleteAccount(server.app, eve.account, null)
  await server.settle()
  await read(eve.account.uri)
}

beforeAll(async () => {
  await sayWhatIsSaidOfPeople()
  await sayWhatIsSaidOfNotes()
  await sayWhatIsSaidToOthers()
  await sayWhatIsSaidOfQuotes()
  await serveTheRest()
  await leave()
}, 120_000)

const kinds = [
  'Accept Follow',
  'Reject Follow',
  'Follow',
  'Undo Follow',
  'Block',
  'Undo Block',
  'Flag',
  'Create Note',
  'Create Question',
  'Update Note',
  'Update Question',
  'Update Person',
  'Delete Tombstone',
  'Delete QuoteAuthorization',
  'Delete',
  'Announce',
  'Undo Announce',
  'Like',
  'Undo Like',
  'EmojiReact',
  'Undo EmojiReact',
  'QuoteRequest',
  'Accept QuoteRequest',
  'Add',
  'Add Hashtag',
  'Remove',
  'Remove Hashtag',
  'Move',
]

describe('every term stands in the context', () => {
  it.each(kinds)('of what is sent: %s', async (kind) => {
    expect(sent(kind).length).toBeGreaterThan(0)
    for (const activity of sent(kind)) expect(await unknownTerms(activity)).toEqual([])
  })

  it('of nothing that is not in this list', () => {
    expect([...new Set(foreign.received.map(({ activity }) => kindOf(activity)))].toSorted()).toEqual(
      kinds.toSorted(),
    )
  })

  it('of what is served', async () => {
    for (const [address, document] of served) {
      expect(await unknownTerms(document), address).toEqual([])
    }
    expect([...served.keys()].filter((key) => !/^(?:200|410) /.test(key))).toEqual([])
  })

  it('and the table reads what it takes of it as jsonld does', async () => {
    const tableOf = createTermTables()
    const byJsonld = createExpansion({ contextLoader: documentLoader, isFast: false })
    const said = foreign.received.map(({ activity: { proof: _proof, ...activity } }) => activity)
    let taken = 0
    for (const document of [...said, ...served.values()]) {
      const table = await tableOf(document['@context'])
      const expanded = table && expandByTable(document, table)
      if (!expanded) continue
      taken += 1
      expect(expanded).toEqual(await byJsonld(document))
    }
    console.info(`Of ${said.length + served.size} documents of ours the table took ${taken}.`)
    expect(taken).toBeGreaterThan((said.length + served.size) / 2)
  })

  it('or else this would fail', async () => {
    const [activity] = sent('Create Note')
    const more = { ...activity, unheardOf: 1, attachment: { type: 'Unseen', url: 'https://x.example' } }
    expect(await unknownTerms(more)).toEqual(expect.arrayContaining(['unheardOf', 'Unseen']))
  })
})
