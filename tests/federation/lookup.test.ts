import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ForeignServer, type JsonObject, startForeignServer } from '#tests/support/foreign-server.ts'
import { type Peer, startPeer } from '#tests/support/peer.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

let server: TestServer
let foreign: ForeignServer
let alice: TestPerson
const peers: Peer[] = []

beforeAll(async () => {
  server = await startTestServer()
  foreign = await startForeignServer()
  alice = await server.person('alice')
})
afterAll(async () => {
  await server.close()
  await foreign.close()
  for (const peer of peers) await peer.close()
})

const activityStreams = 'https://www.w3.org/ns/activitystreams'

async function peerThat(answer: (url: string) => RequestListener): Promise<Peer> {
  const peer = await startPeer((request, response) => answer(peer.url)(request, response))
  peers.push(peer)
  return peer
}

const accountRow = (id: string | undefined) =>
  server.app.db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', id ?? '0')
    .executeTakeFirst()
const noteRow = (id: string | undefined) =>
  server.app.db
    .selectFrom('notes')
    .selectAll()
    .where('id', '=', id ?? '0')
    .executeTakeFirst()

function serveNote(path: string, changes: JsonObject = {}): string {
  const bob = foreign.addActor('bob')
  const id = `${foreign.url}${path}`
  const words = { type: 'Note', attributedTo: bob.uri, to: [`${activityStreams}#Public`], content: 'Hello' }
  foreign.documents.set(path, { '@context': activityStreams, id, ...words, ...changes })
  return id
}

describe('an account', () => {
  it('is found by its handle, its address and its page, and is one', async () => {
    const bob = foreign.addActor('bob')
    foreign.documents.set('/@bob', bob.document)
    const id = await server.app.lookup.account(`@bob@${foreign.host}`)
    expect(await accountRow(id)).toMatchObject({ username: 'bob', domain: foreign.host, uri: bob.uri })
    for (const way of [`bob@${foreign.host}`, `acct:bob@${foreign.host}`, bob.uri, `${foreign.url}/@bob`])
      expect(await server.app.lookup.account(way)).toBe(id)
  })

  it('of ours is found without asking anyone', async () => {
    for (const way of [alice.handle, `@${alice.handle}`, alice.account.uri, alice.account.url])
      expect(await server.app.lookup.account(way)).toBe(alice.accountId)
    expect(await server.app.lookup.account(`nobody@${server.app.handleHost}`)).toBeUndefined()
  })

  it('is asked for with a signature', async () => {
    foreign.addActor('signed')
    await server.app.lookup.account(`signed@${foreign.host}`)
    const asked = foreign.requests.findLast(({ path }) => path === '/users/signed')
    expect(asked?.headers.signature).toContain('keyId=')
  })

  it.each([
    '',
    '@',
    'alice',
    'a@b@c',
    'http://',
    'javascript:alert(1)',
    `${'x'.repeat(2_000)}@127.0.0.1`,
    '@a@[',
    'a@b/c',
  ])('of no sense is nothing: %j', async (way) => {
    expect(await server.app.lookup.account(way)).toBeUndefined()
  })

  it.each([
    ['look-alike', 'раypal'],
    ['right-to-left', 'bob\u202egnp'],
    ['zero-width', 'b\u200bob'],
    ['endless', 'b'.repeat(2_000)],
    ['empty', ''],
  ])('whose name is %s is refused', async (_what, preferredUsername) => {
    const actor = foreign.addActor(`odd${foreign.documents.size}`)
    actor.document.preferredUsername = preferredUsername
    expect(await server.app.lookup.account(actor.uri)).toBeUndefined()
  })

  it('with endless words is cut, and what its name turns around is removed', async () => {
    const actor = foreign.addActor('wordy')
    Object.assign(actor.document, {
      name: `\u202e${'n'.repeat(10_000)}`,
      summary: `<p>${'s'.repeat(200_000)}</p><script>alert(1)</script>`,
      url: 'javascript:alert(1)',
      icon: { type: 'Image', url: 'javascript:alert(1)' },
      attachment: Array.from({ length: 100 }, () => ({ type: 'PropertyValue', name: 'n', value: 'v' })),
    })
    const row = await accountRow(await server.app.lookup.account(actor.uri))
    expect(row?.name).toBe('n'.repeat(200))
    expect(row?.bio_html.length).toBeLessThan(25_000)
    expect(row).toMatchObject({ url: actor.uri, avatar_remote_url: null })
    expect(row?.fields.length).toBeLessThanOrEqual(16)
  })

  it('keeps the handle of another domain only if that domain confirms it', async () => {
    const jrd = (host: string, href: string) =>
      JSON.stringify({
        subject: `acct:carol@${host}`,
        links: [{ rel: 'self', type: 'application/activity+json', href }],
      })
    const carol = foreign.addActor('carol')
    const domain = await peerThat((url) => (_request, response) => {
      response.setHeader('content-type', 'application/jrd+json')
      response.end(jrd(new URL(url).host, carol.uri))
    })
    carol.document['@context'] = [
      activityStreams,
      'https://w3id.org/security/v1',
      { webfinger: 'https://purl.archive.org/socialweb/webfinger#webfinger' },
    ]
    carol.document.webfinger = `carol@${new URL(domain.url).host}`
    expect(await accountRow(await server.app.lookup.account(carol.uri))).toMatchObject({
      username: 'carol',
      domain: new URL(domain.url).host,
    })
    const thief = foreign.addActor('dave')
    Object.assign(thief.document, { ...carol.document, id: thief.uri, preferredUsername: 'dave' })
    thief.document.webfinger = `dave@${new URL(domain.url).host}`
    expect(await accountRow(await server.app.lookup.account(thief.uri))).toMatchObject({
      domain: foreign.host,
    })
  })

  it('of another server is not to be had under a handle here', async () => {
    const target = foreign.addActor('target')
    const liar = await peerThat((url) => (_request, response) => {
      const links = [{ rel: 'self', type: 'application/activity+json', href: target.uri }]
      response.end(JSON.stringify({ subject: `acct:target@${new URL(url).host}`, links }))
    })
    expect(await server.app.lookup.account(`target@${new URL(liar.url).host}`)).toBeUndefined()
  })

  it('of ours is not to be had under a handle elsewhere', async () => {
    const liar = await peerThat((url) => (_request, response) => {
      const links = [{ rel: 'self', type: 'application/activity+json', href: alice.account.uri }]
      response.end(JSON.stringify({ subject: `acct:alice@${new URL(url).host}`, links }))
    })
    expect(await server.app.lookup.account(`alice@${new URL(liar.url).host}`)).toBeUndefined()
  })

  it('made anew takes its handle over from the old one', async () => {
    const old = foreign.addActor('renewed', { uri: `${foreign.url}/old/renewed` })
    const oldId = await server.app.lookup.account(old.uri)
    const renewed = foreign.addActor('renewed')
    const newId = await server.app.lookup.account(renewed.uri)
    expect(newId).not.toBe(oldId)
    expect(await accountRow(newId)).toMatchObject({ username: 'renewed' })
    const impostor = foreign.addActor('renewed', { uri: `${foreign.url}/impostor` })
    expect(await server.app.lookup.account(impostor.uri)).toBeUndefined()
  })
})

describe('a note', () => {
  it('is found by its id, and by the page that leads to it', async () => {
    const uri = serveNote('/notes/1')
    const page = await peerThat(() => (_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<link rel="alternate" type="application/activity+json" href="${uri}">`)
    })
    const id = await server.app.lookup.note(`${page.url}/@bob/1`)
    expect(await noteRow(id)).toMatchObject({ uri, content_html: 'Hello', visibility: 'public' })
    expect(await server.app.lookup.note(uri)).toBe(id)
  })

  it('of ours is found without asking anyone', async () => {
    const response = await server.fetch('/api/v1/statuses', { as: alice, json: { status: 'mine' } })
    const posted: { id: string; uri: string; url: string } = JSON.parse(await response.text())
    const { id, uri, url } = posted
    expect(await server.app.lookup.note(uri)).toBe(id)
    expect(await server.app.lookup.note(url)).toBe(id)
    expect(await server.app.lookup.note(`${server.url}/ap/notes/1`)).toBeUndefined()
  })

  it('whose id, author or type does not fit is refused', async () => {
    const other = await startForeignServer()
    const mallory = other.addActor('mallory')
    const refused = [
      serveNote('/notes/elsewhere', { id: 'https://elsewhere.example/notes/1' }),
      serveNote('/notes/not-mine', { attributedTo: mallory.uri }),
      serveNote('/notes/no-author', { attributedTo: undefined }),
      serveNote('/notes/collection', { type: 'Collection' }),
      serveNote('/notes/no-id', { id: undefined }),
      foreign.addActor('person').uri,
    ]
    for (const url of refused) expect(await server.app.lookup.note(url)).toBeUndefined()
    await other.close()
  })
})

describe('another server', () => {
  it.each([401, 403, 404, 410, 429, 500, 503])('that answers %i is not found', async (status) => {
    foreign.documents.set(`/status/${status}`, status)
    expect(await server.app.lookup.account(`${foreign.url}/status/${status}`)).toBeUndefined()
    expect(await server.app.lookup.note(`${foreign.url}/status/${status}`)).toBeUndefined()
  })

  it.each<[string, RequestListener]>([
    ['garbage', (_request, response) => response.end('\u0000{{{')],
    ['a reset', (request) => request.socket.destroy()],
    ['a loop', (request, response) => response.writeHead(302, { location: request.url }).end()],
    [
      'JSON of another type',
      (_request, response) => response.setHeader('content-type', 'application/json').end('{}'),
    ],
    [
      'a bomb of contexts',
      (_request, response) =>
        response
          .setHeader('content-type', 'application/activity+json')
          .end(
            JSON.stringify({ '@context': Array.from({ length: 500 }, (_, n) => `http://localhost:1/${n}`) }),
          ),
    ],
    [
      'five megabytes',
      (_request, response) =>
        response.setHeader('content-type', 'application/activity+json').end(`{"a":"${'x'.repeat(5e6)}"}`),
    ],
  ])('that answers with %s is not found', async (_what, answer) => {
    const peer = await peerThat(() => answer)
    expect(await server.app.lookup.account(`${peer.url}/users/x`)).toBeUndefined()
    expect(await server.app.lookup.account(`x@${new URL(peer.url).host}`)).toBeUndefined()
    expect(await server.app.lookup.note(`${peer.url}/notes/x`)).toBeUndefined()
  })

  it('that is blocked is not asked, by any spelling, nor what lies under it', async () => {
    const { db } = server.app
    await db
      .insertInto('domain_blocks')
      .values([{ domain: '127.0.0.1' }, { domain: 'bad.example' }])
      .execute()
    const before = foreign.requests.length
    for (const way of [
      `eve@${foreign.host}`,
      `${foreign.url}/users/eve`,
      'eve@BAD.example.',
      'eve@sub.bad.example',
    ])
      expect(await server.app.lookup.account(way)).toBeUndefined()
    expect(await server.app.lookup.note(serveNote('/notes/blocked'))).toBeUndefined()
    expect(foreign.requests.length).toBe(before)
    await db.deleteFrom('domain_blocks').execute()
    expect(await server.app.lookup.note(serveNote('/notes/blocked'))).toBeDefined()
  })
})

describe('private addresses', () => {
  it('are refused on every path where they are not allowed', async () => {
    const strict = await startTestServer({ ALLOW_PRIVATE_ADDRESSES: '0' })
    const peer = await peerThat(() => (_request, response) => response.end('{}'))
    const { port } = peer
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0x7f.1',
      '2130706433',
      '127.1',
    ])
      for (const way of [
        `eve@${host}:${port}`,
        `http://${host}:${port}/users/eve`,
        `https://${host}:${port}/users/eve`,
      ]) {
        expect(await strict.app.lookup.account(way)).toBeUndefined()
        expect(await strict.app.lookup.note(way)).toBeUndefined()
      }
    expect(peer.requests).toEqual([])
    await strict.close()
  })
})
