import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { issueToken } from '#src/auth/grants.ts'
import { upsertRemoteAccount } from '#src/db/accounts.ts'
import { publishStreamEvent } from '#src/db/stream-events.ts'
import { announce, withdrawAnnouncement } from '#src/policies/announcements.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { type SecondProcess, startSecondProcess } from '#tests/support/second-process.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf, type Entity } from '../mastodon/client.ts'
import { openEventSource, openSocket, type SocketClient, type Told } from './stream-client.ts'

// People listen to one process of a server and everything happens in another.

let server: TestServer
let other: SecondProcess
let client: Client
let alice: TestPerson
let bob: TestPerson
let carol: TestPerson
const open = new Set<{ close(): void }>()

beforeAll(async () => {
  server = await startTestServer()
  other = await startSecondProcess(server)
  client = clientOf(server)
})
afterAll(async () => {
  await other.stop()
  await server.close()
})

let round = 0
beforeEach(async () => {
  round += 1
  alice = await server.person(`alice${round}`)
  bob = await server.person(`bob${round}`)
  carol = await server.person(`carol${round}`)
  await client.post(`/api/v1/accounts/${alice.accountId}/follow`, bob)
})
afterEach(() => {
  for (const one of open) one.close()
  open.clear()
})

/** Opens what somebody listens to, in the other process. */
async function listen(person: TestPerson, stream: string, query: Record<string, string> = {}) {
  const socket = await openSocket(other.ownUrl, { token: person.token, query: { stream, ...query } })
  open.add(socket)
  return socket
}

async function follow(person: TestPerson, path: string) {
  const source = await openEventSource(other.ownUrl, path, { authorization: `Bearer ${person.token}` })
  open.add(source)
  return source
}

const post = (author: TestPerson, status: string, more: object = {}): Promise<Entity> =>
  client.post('/api/v1/statuses', author, { status, ...more })

const textOf = ({ payload }: Told) => payload?.content

describe('the home stream', () => {
  it('tells followers and the author of a note, as an app would read it, and nobody else', async () => {
    const [toBob, toAlice, toCarol] = await Promise.all([bob, alice, carol].map((one) => listen(one, 'user')))
    const { id } = await post(alice, 'A note')
    const told = await toBob?.next()
    expect(told).toEqual({
      stream: ['user'],
      event: 'update',
      payload: await client.get(`/api/v1/statuses/${id}`, bob),
    })
    expect((await toAlice?.next())?.payload).toEqual(await client.get(`/api/v1/statuses/${id}`, alice))
    await post(carol, 'Her own')
    expect(textOf((await toCarol?.next()) ?? {})).toBe('<p>Her own</p>')
  })

  it('tells of boosts, and of what the reader did with the boosted note', async () => {
    const note = await post(carol, 'To be carried on')
    await client.post(`/api/v1/statuses/${note.id}/favourite`, bob)
    const toBob = await listen(bob, 'user')
    const boost = await client.post(`/api/v1/statuses/${note.id}/reblog`, alice)
    const { payload } = await toBob.next()
    expect(payload).toMatchObject({ id: boost.id, reblog: { id: note.id, favourited: true } })
    expect(payload).toEqual(await client.get(`/api/v1/statuses/${boost.id}`, bob))
  })

  it('tells of edits and deletions', async () => {
    const { id } = await post(alice, 'First words')
    const toBob = await listen(bob, 'user')
    await client.call(`/api/v1/statuses/${id}`, {
      as: alice,
      method: 'PUT',
      json: { status: 'Second words' },
    })
    expect(await toBob.next()).toMatchObject({
      event: 'status.update',
      payload: { id, content: '<p>Second words</p>' },
    })
    await client.call(`/api/v1/statuses/${id}`, { as: alice, method: 'DELETE' })
    expect(await toBob.next()).toEqual({ stream: ['user'], event: 'delete', payload: id })
  })

  it('tells of the boosts that go with a note', async () => {
    const { id } = await post(carol, 'Soon gone')
    const boost = await client.post(`/api/v1/statuses/${id}/reblog`, alice)
    const toBob = await listen(bob, 'user')
    await client.call(`/api/v1/statuses/${id}`, { as: carol, method: 'DELETE' })
    expect(await toBob.next()).toEqual({ stream: ['user'], event: 'delete', payload: boost.id })
  })

  it('keeps notes for followers and direct ones to those they are for', async () => {
    const [toBob, toCarol] = [await listen(bob, 'user'), await listen(carol, 'user')]
    await post(alice, 'For followers', { visibility: 'private' })
    expect(textOf(await toBob.next())).toBe('<p>For followers</p>')
    await post(alice, `For @${carol.account.username}`, { visibility: 'direct' })
    expect(await toCarol.next()).toMatchObject({ event: 'notification', payload: { type: 'mention' } })
    await post(alice, 'For all')
    expect(textOf(await toBob.next())).toBe('<p>For all</p>')
  })

  it('tells of many notes that came at once', async () => {
    const toBob = await listen(bob, 'user')
    const notes = await Promise.all(Array.from({ length: 30 }, (_, index) => post(alice, `Note ${index}`)))
    const told = await Promise.all(notes.map(() => toBob.next()))
    expect(told.map(({ payload }) => payload.id).sort()).toEqual(notes.map(({ id }) => id).sort())
  })
})

describe('notifications', () => {
  it('are told of in the home stream and in one of their own', async () => {
    const { id } = await post(alice, 'Likeable')
    const [home, alone] = [await listen(alice, 'user'), await listen(alice, 'user:notification')]
    await client.post(`/api/v1/statuses/${id}/favourite`, bob)
    const [notification] = await client.get('/api/v1/notifications?types[]=favourite', alice)
    expect(await home.next()).toEqual({ stream: ['user'], event: 'notification', payload: notification })
    expect(await alone.next()).toEqual({
      stream: ['user:notification'],
      event: 'notification',
      payload: notification,
    })
  })

  it('are told of in the home stream only where the token may read them', async () => {
    const { token } = await tokenWith(['read:statuses'], alice)
    const { id } = await post(alice, 'Likeable')
    const socket = await openSocket(other.ownUrl, { token, query: { stream: 'user' } })
    open.add(socket)
    await client.post(`/api/v1/statuses/${id}/favourite`, bob)
    await post(alice, 'Afterwards')
    expect(textOf(await socket.next())).toBe('<p>Afterwards</p>')
  })
})

function tokenWith(scopes: string[], person: TestPerson) {
  return issueToken(server.app, { accountId: person.accountId, application: null, scopes })
}

describe('public streams', () => {
  it('tell of what their timelines show', async () => {
    const names = ['public', 'public:local', 'public:media', 'public:local:media']
    const [all, local, media, localMedia] = (await Promise.all(names.map((name) => listen(carol, name)))) as [
      SocketClient,
      SocketClient,
      SocketClient,
      SocketClient,
    ]
    const remote = await listen(carol, 'public:remote')
    const note = await post(alice, 'Plain')
    await post(bob, `@${alice.account.username} an answer`, { in_reply_to_id: note.id })
    await post(alice, 'Quiet', { visibility: 'unlisted' })
    await client.post(`/api/v1/statuses/${note.id}/reblog`, bob)
    const picture = await client.upload(alice, await softPicture(64, 64).png().toBuffer())
    await post(alice, 'With a picture', { media_ids: [picture.id] })
    for (const [index, stream] of [all, local].entries()) {
      expect(await stream.next()).toMatchObject({ stream: [names[index]], payload: { id: note.id } })
      expect(textOf(await stream.next())).toBe('<p>With a picture</p>')
    }
    expect(textOf(await media.next())).toBe('<p>With a picture</p>')
    expect(textOf(await localMedia.next())).toBe('<p>With a picture</p>')
    // Nothing came from another server.
    remote.say({ type: 'subscribe', stream: 'public' })
    await remote.obeyed()
    const last = await post(alice, 'The last')
    expect(await remote.next()).toMatchObject({ stream: ['public'], payload: { id: last.id } })
  })

  it('tell what is elsewhere from what is here, and keep it from who blocks that server', async () => {
    const [remote, local] = [await listen(carol, 'public:remote'), await listen(carol, 'public:local')]
    const media = await listen(carol, 'public:remote:media')
    const blocking = await listen(bob, 'public')
    await client.call('/api/v1/domain_blocks', { as: bob, json: { domain: 'elsewhere.example' } })
    const plain = await receive('plain')
    const picture = await receive('picture', 'media')
    await publishStreamEvent(server.app.db, 'notes', [plain, picture])
    const { id } = await post(alice, 'From here')
    expect([await remote.next(), await remote.next()]).toMatchObject([
      { stream: ['public:remote'], payload: { id: plain } },
      { stream: ['public:remote'], payload: { id: picture } },
    ])
    expect(await media.next()).toMatchObject({ stream: ['public:remote:media'], payload: { id: picture } })
    expect(await local.next()).toMatchObject({ payload: { id } })
    expect(await blocking.next()).toMatchObject({ payload: { id } })
  })

  it('show everybody the same, but for what they stand to it', async () => {
    const [toAlice, toCarol] = [await listen(alice, 'public'), await listen(carol, 'public')]
    const { id } = await post(alice, 'For all')
    expect((await toAlice.next()).payload).toEqual(await client.get(`/api/v1/statuses/${id}`, alice))
    expect((await toCarol.next()).payload).toEqual(await client.get(`/api/v1/statuses/${id}`, carol))
  })

  it.each([
    ['blocks the author', () => client.post(`/api/v1/accounts/${alice.accountId}/block`, carol)],
    ['is blocked by the author', () => client.post(`/api/v1/accounts/${carol.accountId}/block`, alice)],
    ['mutes the author', () => client.post(`/api/v1/accounts/${alice.accountId}/mute`, carol)],
  ])('tell nothing of a note to who %s', async (_, refuse) => {
    const [toCarol, toBob] = [await listen(carol, 'public'), await listen(bob, 'public')]
    await refuse()
    await post(alice, 'Not for her')
    await post(bob, 'For her')
    expect(textOf(await toBob.next())).toBe('<p>Not for her</p>')
    expect(textOf(await toCarol.next())).toBe('<p>For her</p>')
  })

  it('tell of deletions', async () => {
    const { id } = await post(alice, 'Soon gone')
    const toCarol = await listen(carol, 'public:local:media')
    await client.call(`/api/v1/statuses/${id}`, { as: alice, method: 'DELETE' })
    expect(await toCarol.next()).toMatchObject({ event: 'delete', payload: id })
  })
})

/** A public note that came from another server. */
async function receive(name: string, kind?: 'media'): Promise<string> {
  const { db } = server.app
  const uri = `https://elsewhere.example/${round}`
  const author = await upsertRemoteAccount(db, {
    username: `erin${round}`,
    domain: 'elsewhere.example',
    uri,
    url: uri,
    inbox_uri: `${uri}/inbox`,
  })
  const noteUri = `${uri}/${name}`
  const { rows } = await sql<{ id: string }>`
    insert into notes (uri, url, account_id, is_local, conversation_uri, visibility, content_html)
    values (${noteUri}, ${noteUri}, ${author.id}, false, ${noteUri}, 'public', ${name}) returning id`.execute(
    db,
  )
  const id = rows[0]?.id ?? ''
  if (kind)
    await sql`insert into media (account_id, note_id, media_type, remote_url)
      values (${author.id}, ${id}, 'image/png', ${`${noteUri}.png`})`.execute(db)
  return id
}

describe('hashtags', () => {
  it('are told of under the name they were asked for, answers too', async () => {
    const toCarol = await listen(carol, 'hashtag', { tag: 'Katzen' })
    const local = await listen(carol, 'hashtag:local', { tag: 'katzen' })
    const dogs = await listen(carol, 'hashtag', { tag: 'hunde' })
    const note = await post(alice, 'On #KATZEN')
    expect(await toCarol.next()).toMatchObject({ stream: ['hashtag', 'Katzen'], payload: { id: note.id } })
    expect(await local.next()).toMatchObject({
      stream: ['hashtag:local', 'katzen'],
      payload: { id: note.id },
    })
    const answer = await post(bob, 'On #katzen and #hunde', { in_reply_to_id: note.id })
    expect((await toCarol.next()).payload.id).toBe(answer.id)
    expect((await dogs.next()).payload.id).toBe(answer.id)
  })
})

describe('a list', () => {
  it('is told of what its members write and delete, and of nobody else', async () => {
    const { id: list } = await client.post('/api/v1/lists', bob, { title: 'Painters' })
    await client.post(`/api/v1/lists/${list}/accounts`, bob, { account_ids: [alice.accountId] })
    await client.post(`/api/v1/accounts/${carol.accountId}/follow`, bob)
    const [socket, source] = [await listen(bob, 'list', { list }), await follow(bob, `list?list=${list}`)]
    await post(carol, 'By no member')
    const note = await post(alice, 'By a member')
    expect(await socket.next()).toMatchObject({ stream: ['list', list], payload: { id: note.id } })
    expect(await source.next()).toMatchObject({ event: 'update', payload: { id: note.id } })
    await client.call(`/api/v1/statuses/${note.id}`, { as: alice, method: 'DELETE' })
    expect(await socket.next()).toEqual({ stream: ['list', list], event: 'delete', payload: note.id })
  })

  it('is its owner’s alone', async () => {
    const { id: list } = await client.post('/api/v1/lists', alice, { title: 'Painters' })
    const socket = await listen(bob, 'list', { list })
    expect(await socket.next()).toEqual({ error: 'Not authorized to stream this list', status: 401 })
    const own = await listen(alice, 'list', { list })
    await own.obeyed()
  })
})

describe('direct notes', () => {
  it('are told of to those they are between, as conversations', async () => {
    const [toAlice, toCarol] = [await listen(alice, 'direct'), await listen(carol, 'direct')]
    const source = await follow(carol, 'direct')
    const { id } = await post(alice, `@${carol.account.username} listen`, { visibility: 'direct' })
    const [conversation] = await client.get('/api/v1/conversations', carol)
    expect(conversation.last_status.id).toBe(id)
    expect(await toCarol.next()).toEqual({ stream: ['direct'], event: 'conversation', payload: conversation })
    expect(await source.next()).toEqual({ event: 'conversation', payload: conversation })
    expect((await toAlice.next()).payload).toMatchObject({ unread: false, last_status: { id } })
  })
})

describe('what concerns a person', () => {
  it('is told of: that their filters changed', async () => {
    const toBob = await listen(bob, 'user')
    await publishStreamEvent(server.app.db, 'filters', [alice.accountId, bob.accountId])
    expect(await toBob.next()).toEqual({ stream: ['user'], event: 'filters_changed' })
  })

  it('applies to what they are told of: their filters, and to nobody else', async () => {
    const [toBob, toAlice] = [await listen(bob, 'user'), await listen(alice, 'user')]
    const form = { title: 'Cats', context: ['home'], keywords_attributes: [{ keyword: 'cat' }] }
    await client.post('/api/v2/filters', bob, form)
    expect(await toBob.next()).toEqual({ stream: ['user'], event: 'filters_changed' })
    const { id } = await post(alice, 'A cat')
    const told = (await toBob.next()).payload
    expect(told.filtered).toMatchObject([{ filter: { title: 'Cats' }, keyword_matches: ['cat'] }])
    expect(told).toEqual(await client.get(`/api/v1/statuses/${id}`, bob))
    expect((await toAlice.next()).payload.filtered).toEqual([])
  })

  it('is told of: what is announced, and taken back', async () => {
    const toBob = await listen(bob, 'user')
    await announce(server.app, alice.accountId, { text: 'A new brush', startsAt: null, endsAt: null })
    const { event, payload } = await toBob.next()
    const [announcement] = await client.get('/api/v1/announcements', bob)
    expect({ event, payload }).toEqual({ event: 'announcement', payload: announcement })
    await withdrawAnnouncement(server.app, alice.accountId, announcement.id)
    expect(await toBob.next()).toMatchObject({ event: 'announcement.delete', payload: announcement.id })
  })
})

describe('one socket', () => {
  it('subscribes to several streams, and unsubscribes', async () => {
    const socket = await openSocket(other.ownUrl, { token: bob.token })
    open.add(socket)
    for (const stream of ['user', 'public', 'direct', 'public']) socket.say({ type: 'subscribe', stream })
    socket.say({ type: 'subscribe', stream: 'hashtag', tag: 'x' })
    await socket.obeyed()
    await post(alice, '#x')
    const told = [await socket.next(), await socket.next(), await socket.next()]
    expect(told.map(({ stream }) => stream?.join(':')).sort()).toEqual(['hashtag:x', 'public', 'user'])
    for (const stream of ['user', 'list']) socket.say({ type: 'unsubscribe', stream, list: '1' })
    expect(await socket.next()).toMatchObject({ error: 'Not authorized to stream this list', status: 401 })
    socket.say({ type: 'unsubscribe', stream: 'hashtag', tag: 'x' })
    await socket.obeyed()
    await post(alice, 'Another #x')
    await post(alice, 'The last')
    expect(await socket.next()).toMatchObject({
      stream: ['public'],
      payload: { content: expect.stringContaining('Another') },
    })
    expect(await socket.next()).toMatchObject({ stream: ['public'], payload: { content: '<p>The last</p>' } })
  })
})

describe('an EventSource', () => {
  it.each([
    ['user', 'Plain'],
    ['public', 'Plain'],
    ['public/local/', 'Plain'],
    ['public?only_media=true', 'Picture'],
    ['public/local?only_media=1', 'Picture'],
    ['hashtag?tag=y', 'Plain'],
    ['hashtag/local?tag=Y', 'Plain'],
  ])('is told of notes by %s', async (path, expected) => {
    const source = await follow(bob, path)
    expect(await source.nextComment()).toBe(')')
    await post(alice, 'Plain #y')
    const picture = await client.upload(alice, await softPicture(64, 64).png().toBuffer())
    await post(alice, 'Picture #y', { media_ids: [picture.id] })
    const { event, payload } = await source.next()
    expect(event).toBe('update')
    expect(payload.content).toContain(expected)
  })

  it('is told of notifications, by both streams that have them', async () => {
    const sources = [await follow(alice, 'user'), await follow(alice, 'user/notification')]
    await client.post(`/api/v1/accounts/${alice.accountId}/follow`, carol)
    for (const source of sources)
      expect(await source.next()).toMatchObject({
        event: 'notification',
        payload: { type: 'follow', account: { id: carol.accountId } },
      })
  })

  it('opens what is elsewhere', async () => {
    for (const path of ['public/remote', 'public/remote?only_media=true']) {
      const source = await follow(bob, path)
      expect(await source.nextComment()).toBe(')')
    }
  })

  it('is told of events without a payload', async () => {
    const source = await follow(bob, 'user')
    await publishStreamEvent(server.app.db, 'filters', [bob.accountId])
    expect(await source.next()).toMatchObject({ event: 'filters_changed' })
  })
})
