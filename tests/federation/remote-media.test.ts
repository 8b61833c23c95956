import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Peer, startPeer } from '#tests/support/peer.ts'
import { softPicture } from '../media/pictures.ts'
import { useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()
let files: Peer

beforeAll(async () => {
  const picture = await softPicture(1000, 500).jpeg().toBuffer()
  const film = Buffer.from('\0\0\0\x20ftypisom', 'latin1')
  files = await startPeer((request, response) => {
    const path = request.url ?? ''
    if (path.startsWith('/page'))
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<title>A page</title>')
    if (path.endsWith('.mp4')) return void response.writeHead(200, { 'content-type': 'video/mp4' }).end(film)
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture)
  })
})
afterAll(() => files.close())

const document = (path: string, mediaType: string) => ({
  type: 'Document',
  mediaType,
  url: `${files.url}${path}`,
  name: 'A sea',
  width: 1000,
  height: 500,
})

const asked = (path: string) => files.requests.filter((request) => request.path === path).length

describe('the media of a note that came here', () => {
  it('are copied before anyone looks, and shown under our own address alone', async () => {
    const note = near.note(near.bob, 'pictures', {
      attachment: [
        document('/one.jpg', 'image/jpeg'),
        document('/film.mp4', 'video/mp4'),
        { ...document('/odd.bin', 'application/x-odd'), type: 'Document' },
      ],
      tag: [
        { type: 'Mention', href: near.alice.account.uri },
        {
          type: 'http://joinmastodon.org/ns#Emoji',
          name: ':sea:',
          icon: { type: 'Image', url: `${files.url}/emoji.png` },
        },
      ],
    })
    expect(await near.send(near.bob, near.create(near.bob, note))).toBe(202)
    expect([asked('/one.jpg'), asked('/film.mp4'), asked('/odd.bin')]).toEqual([1, 0, 0])

    const stored = await near.stored(note.id)
    const answer = await near.server.fetch(`/api/v1/statuses/${stored?.id}`, { as: near.alice })
    const status = await answer.json()
    const ours = `${near.server.url}/proxy/`
    const [picture, film, odd] = status.media_attachments
    expect(picture).toMatchObject({
      type: 'image',
      url: expect.stringContaining(`${ours}original/`),
      preview_url: expect.stringContaining(`${ours}small/`),
      remote_url: `${files.url}/one.jpg`,
    })
    expect(film).toMatchObject({
      type: 'video',
      url: expect.stringContaining(`${ours}stream/`),
      preview_url: null,
    })
    // What cannot be shown is a link to where it is.
    expect(odd).toMatchObject({ type: 'unknown', url: `${files.url}/odd.bin`, preview_url: null })
    expect(status.emojis[0].url).toContain(`${ours}emoji/`)
    for (const address of [picture.url, picture.preview_url, film.url]) {
      expect((await near.server.fetch(address)).status).toBe(200)
    }
    expect(asked('/one.jpg')).toBe(1)
    const html = await (await near.server.fetch(`/notes/${stored?.id}`, { redirect: 'follow' })).text()
    expect(html).toContain(ours)
    expect(html).not.toMatch(new RegExp(`(?:src|srcset)="[^"]*${files.url}`))
  })

  it('are left where they are while nobody looks', async () => {
    const note = near.note(near.bob, 'unseen', {
      to: [`${near.bob.uri}/followers`],
      cc: [],
      tag: [],
      inReplyTo: (await near.post('A note')).uri,
      attachment: [document('/unseen.jpg', 'image/jpeg')],
    })
    await near.send(near.bob, near.create(near.bob, note))
    expect(asked('/unseen.jpg')).toBe(0)
  })

  it('include the pictures of people, fetched when they are first shown', async () => {
    const carol = near.foreign.addActor('carol')
    carol.document.icon = { type: 'Image', url: `${files.url}/carol.jpg` }
    await near.send(carol, near.create(carol, near.note(carol, 'hello')))
    const account = await near.account(carol)
    const shown = await (
      await near.server.fetch(`/api/v1/accounts/${account?.id}`, { as: near.alice })
    ).json()
    expect(shown.avatar).toContain('/proxy/avatar/')
    expect(asked('/carol.jpg')).toBe(0)
    expect((await near.server.fetch(shown.avatar)).status).toBe(200)
    const policy = (await near.server.fetch('/about')).headers.get('content-security-policy')
    expect(policy).toContain("img-src 'self' data:;")
    expect(policy).toContain("media-src 'self';")
  })
})

it('the link of a note that came here is asked for within a minute, once for all who sent it', async () => {
  const link = `${files.url}/page`
  const content = `<p><a href="${link}">${link}</a></p>`
  const before = Date.now()
  const notes = Array.from({ length: 5 }, (_, index) => near.note(near.bob, `link${index}`, { content }))
  for (const note of notes) await near.send(near.bob, near.create(near.bob, note))
  const jobs = await near.server.app.db
    .selectFrom('jobs')
    .select('run_at')
    .where('name', '=', 'fetchPreviewCard')
    .execute()
  const waiting = jobs[0]?.run_at.getTime() ?? 0
  expect(jobs).toHaveLength(asked('/page') === 0 ? 1 : 0)
  if (jobs.length > 0) expect(waiting - before).toBeLessThan(61_000)
  near.server.clock.advance(61_000)
  await near.server.settle()
  expect(asked('/page')).toBe(1)
  const stored = await near.stored(notes[4]?.id ?? '')
  const status = await (await near.server.fetch(`/api/v1/statuses/${stored?.id}`, { as: near.alice })).json()
  expect(status.card).toMatchObject({ url: link, title: 'A page' })
})
