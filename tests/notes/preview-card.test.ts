import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertDomainBlocks } from '#src/db/domain-blocks.ts'
import { editNote } from '#src/notes/create.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { peer } from '#tests/support/peer.ts'
import { storePicture } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { softPicture } from '../media/pictures.ts'

let server: TestServer
let alice: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
})
afterAll(() => server.close())

const story = '<title>A lighthouse</title><meta property="og:image" content="/light.jpg">'
const page =
  (html = story, type = 'text/html'): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': type }).end(html)

type Status = { card: { title: string; url: string; image: string | null } | null }

async function statusOf(id: string): Promise<Status> {
  return (await server.fetch(`/api/v1/statuses/${id}`, { as: alice })).json() as Promise<Status>
}

async function cardOf(text: string): Promise<Status['card']> {
  const { note } = await post(server, alice, { text })
  await server.settle()
  return (await statusOf(note.id)).card
}

it('a note with a link gets the card of its page, whose picture comes through us', async () => {
  const picture = await softPicture(800, 600).jpeg().toBuffer()
  const { url, requests } = await peer((request, response) =>
    request.url === '/light.jpg'
      ? void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture)
      : page()(request, response),
  )
  const { note } = await post(server, alice, { text: `Look: ${url}/story#part` })
  await server.settle()
  const { card } = await statusOf(note.id)
  expect(card).toMatchObject({ url: `${url}/story`, title: 'A lighthouse', type: 'link' })
  expect(requests.map(({ path }) => path)).toEqual(['/story'])
  expect(requests[0]?.headers['user-agent']).toMatch(/^Pinxit\/.*link preview/)
  expect(card?.image?.startsWith(`${server.url}/proxy/`)).toBe(true)
  expect((await server.fetch(card?.image ?? '')).status).toBe(200)

  const html = await (await server.fetch(`/@alice/${note.id}`)).text()
  expect(html).toContain('A lighthouse')
  expect(html).not.toContain(`src="${url}`)
})

describe('fifty notes with one link', () => {
  it('written at once here lead to one request', async () => {
    const { url, requests } = await peer(page())
    const notes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => post(server, alice, { text: `${index}: ${url}/story` })),
    )
    await server.settle()
    expect(requests).toHaveLength(1)
    const statuses = await Promise.all([notes[0], notes[49]].map((view) => statusOf(view?.note.id ?? '')))
    expect(statuses.map(({ card }) => card?.title)).toEqual(['A lighthouse', 'A lighthouse'])
  })

  it('later lead to another only when two weeks have gone', async () => {
    const { url, requests } = await peer(page())
    await cardOf(`${url}/story`)
    await cardOf(`${url}/story`)
    expect(requests).toHaveLength(1)
    await server.app.db
      .updateTable('preview_cards')
      .set({ fetched_at: new Date(Date.now() - 15 * 24 * 3_600_000) })
      .where('url', '=', `${url}/story`)
      .execute()
    expect((await cardOf(`${url}/story`))?.title).toBe('A lighthouse')
    expect(requests).toHaveLength(2)
  })
})

it('a page that fails now is asked again an hour later', async () => {
  let isWell = false
  const { url, requests } = await peer((request, response) =>
    isWell ? page()(request, response) : void response.writeHead(503).end(),
  )
  expect(await cardOf(`${url}/story`)).toBeNull()
  isWell = true
  expect(await cardOf(`${url}/story`)).toBeNull()
  expect(requests).toHaveLength(1)
  server.clock.advance(61 * 60_000)
  expect(await cardOf(`${url}/story`)).toMatchObject({ title: 'A lighthouse' })
})

describe('no card', () => {
  it.each([
    ['a file', page('%PDF', 'application/pdf')],
    ['an ActivityPub document', page('{"name":"<title>x</title>"}', 'application/activity+json')],
    ['a page without a title', page('<p>hello')],
    ['what is not there', (_request, response) => response.writeHead(404).end(story)],
    [
      'a redirect in a circle',
      (request, response) => response.writeHead(302, { location: request.url }).end(),
    ],
    ['an answer cut short', (request) => request.socket.destroy()],
  ] satisfies [string, RequestListener][])('comes of %s', async (_name, answer) => {
    const { url } = await peer(answer)
    expect(await cardOf(`${url}/x`)).toBeNull()
    expect(await cardOf(`${url}/y but not ${url}/x`)).toBeNull()
  })

  it('comes of an endless page but by its beginning', async () => {
    const { url } = await peer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      const more = () => {
        while (!response.destroyed && response.write(`${story}<body>${'x'.repeat(100_000)}`));
      }
      response.on('drain', more)
      more()
    })
    expect(await cardOf(`${url}/x`)).toMatchObject({ title: 'A lighthouse' })
  })

  it('is asked for of a blocked server, nor is one that leads there', async () => {
    const blocked = await peer(page())
    const open = await peer((_request, response) =>
      response.writeHead(302, { location: `${blocked.url}/x` }).end(),
    )
    const domain = new URL(blocked.url).host
    await server.app.db.transaction().execute((trx) => insertDomainBlocks(trx, [{ domain, reason: '' }]))
    expect(await cardOf(`${blocked.url}/story`)).toBeNull()
    expect(blocked.requests).toEqual([])
    expect(await cardOf(`${open.url}/story`)).toBeNull()
  })

  it('is asked for of a private address', async () => {
    const { url, port, requests } = await peer(page())
    const careful = await startTestServer({ ALLOW_PRIVATE_ADDRESSES: '0' })
    const bob = await careful.person('bob')
    for (const address of [
      url,
      `http://localhost:${port}`,
      `http://2130706433:${port}`,
      `http://[::1]:${port}`,
    ]) {
      await post(careful, bob, { text: `${address}/story` })
    }
    await careful.settle()
    expect(requests).toEqual([])
    const cards = await careful.app.db.selectFrom('preview_cards').select('state').execute()
    expect(cards.every(({ state }) => state === 'empty')).toBe(true)
    await careful.close()
  })

  it('is asked for of what stands here, beside pictures, or in what few may read', async () => {
    const { url, requests } = await peer(page())
    const { note } = await post(server, alice)
    const picture = await storePicture(server, alice)
    const elsewhere = `${url}/story`
    const notes = [
      await post(server, alice, { text: note.url }),
      await post(server, alice, { text: elsewhere, mediaIds: [picture.id] }),
      await post(server, alice, { text: elsewhere, visibility: 'direct' }),
      await post(server, alice, { text: `@alice #tag` }),
    ]
    await server.settle()
    expect(requests).toEqual([])
    for (const view of notes) expect((await statusOf(view.note.id)).card).toBeNull()
    // And where there is no such reason, there is one.
    expect(await cardOf(elsewhere)).not.toBeNull()
  })
})

it('an edited note has the card of the link it has now, or none', async () => {
  const { url } = await peer((request, response) => page(`<title>${request.url}</title>`)(request, response))
  const { note } = await post(server, alice, { text: `${url}/one` })
  await server.settle()
  expect((await statusOf(note.id)).card?.title).toBe('/one')
  await editNote(server.app, alice.accountId, note.id, noteForm({ text: `${url}/two` }))
  await server.settle()
  expect((await statusOf(note.id)).card?.title).toBe('/two')
  await editNote(server.app, alice.accountId, note.id, noteForm({ text: 'nothing' }))
  expect((await statusOf(note.id)).card).toBeNull()
})

it('the previews of others are answered from a word, when nothing changed', async () => {
  const { note } = await post(server, alice, { text: 'A note that many link to' })
  const first = await server.fetch(`/@alice/${note.id}`)
  const html = await first.text()
  expect(html).toContain('<meta property="og:description" content="A note that many link to"')
  expect(html).toMatch(/<meta property="og:title" content="[^"]*alice/)
  const etag = first.headers.get('etag') ?? ''
  expect(etag).not.toBe('')
  const again = await server.fetch(`/@alice/${note.id}`, { headers: { 'if-none-match': etag } })
  expect([again.status, await again.text()]).toEqual([304, ''])
})
