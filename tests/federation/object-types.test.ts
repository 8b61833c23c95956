import { existsSync, globSync, readFileSync } from 'node:fs'
import { getDocumentLoader } from '@fedify/vocab-runtime'
import { describe, expect, it } from 'vitest'
import { type IncomingNote, noteFrom } from '#federation/convert/note.ts'
import { findPreloadedContext } from '#federation/remote/contexts.ts'
import { createExpansion } from '#federation/remote/expansion/expansion.ts'

const folder = new URL('../../../shared/fixtures/activities/', import.meta.url).pathname
const isThere = existsSync(folder)
if (!isThere) console.warn(`SKIPPED: the captured objects are not at ${folder}`)

const now = new Date('2026-11-22T12:00:00Z')
const activityStreams = 'https://www.w3.org/ns/activitystreams'
const terms = [
  activityStreams,
  {
    toot: 'http://joinmastodon.org/ns#',
    sc: 'http://schema.org#',
    mz: 'https://joinmobilizon.org/ns#',
    sensitive: 'as:sensitive',
    blurhash: 'toot:blurhash',
    focalPoint: { '@container': '@list', '@id': 'toot:focalPoint' },
    votersCount: 'toot:votersCount',
    timezone: 'mz:timezone',
    address: 'sc:address',
    streetAddress: 'sc:streetAddress',
    addressLocality: 'sc:addressLocality',
    ChatMessage: 'http://litepub.social/ns#ChatMessage',
    Review: 'https://reviews.example/ns#Review',
  },
]

const loadBuiltIn = getDocumentLoader()

/** The contexts that Fedify and we hold; what else a document names has no words we read. */
async function contextLoader(url: string) {
  const document = await findPreloadedContext(url)
  if (document) return { contextUrl: null, documentUrl: url, document }
  if (/^https:\/\/(www\.w3\.org|w3id\.org)\//.test(url)) return loadBuiltIn(url)
  return { contextUrl: null, documentUrl: url, document: { '@context': {} } }
}

const expand = createExpansion({ contextLoader, isFast: true })

async function read(document: object): Promise<IncomingNote | undefined> {
  const node = await expand(document)
  return node && noteFrom(node, { followers_uri: null }, now)
}

const uri = 'https://there.example/things/1'
const note = (changes: object) =>
  read({
    '@context': terms,
    id: uri,
    to: [`${activityStreams}#Public`],
    attributedTo: 'https://there.example/bob',
    ...changes,
  })

const linkTo = (url: string) =>
  `<p><a href="${url}" rel="nofollow noopener noreferrer" target="_blank">${url}</a></p>`
const ending = linkTo(uri)

describe.skipIf(!isThere)('a captured object', () => {
  const files = isThere ? globSync('*/objects/*.json', { cwd: folder }).sort() : []
  const captured = (file: string) => JSON.parse(readFileSync(folder + file, 'utf8'))

  it('is there to be read', () => expect(files.length).toBeGreaterThan(40))

  // A word of each, by which a reader knows it again.
  const expected: Record<string, Partial<IncomingNote> & { says: string | RegExp }> = {
    'discourse/objects/page.json': { objectType: 'Note', says: 'Last Meeting' },
    'friendica/objects/note_1.json': { objectType: 'Note', language: 'de', says: 'test' },
    'friendica/objects/note_2.json': {
      objectType: 'Note',
      language: 'en',
      says: 'Do your commenting tests here.',
    },
    'friendica/objects/page_1.json': {
      objectType: 'Page',
      language: 'de',
      says: linkTo('https://www.nasaspaceflight.com/2022/03/us-eva-80/'),
    },
    'friendica/objects/page_2.json': {
      objectType: 'Article',
      says: '<p><strong>From Friendica to Lemmy</strong></p><p>Hello Lemmy!</p>',
    },
    'gnusocial/objects/note.json': { objectType: 'Note', says: 'yay ^^' },
    'gnusocial/objects/page.json': {
      objectType: 'Page',
      says: '<strong>hello, world.</strong></p><p>This is an interesting page.</p>',
    },
    'lemmy/objects/comment.json': { objectType: 'Note', says: 'first comment!' },
    'lemmy/objects/page.json': {
      objectType: 'Page',
      says: '<p><strong>Post title</strong></p><p>This is a post',
    },
    'lemmy/objects/page_image_and_link.json': {
      objectType: 'Page',
      says: linkTo('https://example.com/some-article'),
    },
    'lemmy/objects/private_message.json': {
      objectType: 'Note',
      visibility: 'direct',
      says: 'Hello hello, testing',
    },
    'lotide/objects/note.json': { objectType: 'Note', says: 'Bob Dylan and RNG' },
    'lotide/objects/page.json': { objectType: 'Page', says: 'What&#39;s Dylan Grillin&#39;?' },
    'mastodon/objects/note_1.json': { objectType: 'Note', language: 'en', says: 'thinkpad' },
    'mastodon/objects/note_2.json': { objectType: 'Note', language: 'en', says: 'keep the gears turning' },
    'mastodon/objects/page.json': { objectType: 'Note', language: 'it', says: 'Variable never resetting' },
    'mobilizon/objects/event.json': {
      objectType: 'Event',
      language: 'en',
      says: /<p>Sunday, December 11, 2022 at 0?7:00.PM GMT<\/p><p>The Kenn Centre, Devon Expressway, EX6 7TW, Teignbridge, United Kingdom<\/p><p>£6 each\..+…<\/p>/,
      tagNames: ['dance', 'caledonian', 'lesson'],
    },
    'nodebb/objects/page.json': { objectType: 'Article', says: '<strong>Welcome to your NodeBB!</strong>' },
    'peertube/objects/note.json': { objectType: 'Note', says: 'idk' },
    'peertube/objects/video.json': {
      objectType: 'Video',
      language: 'en',
      says: /^<p><strong>Mesa, Wayland .+…<\/p><p><a href="https:\/\/tilvids/,
    },
    'pleroma/objects/chat_message.json': { objectType: 'Note', visibility: 'direct', says: 'Hi!' },
    'pleroma/objects/note.json': { objectType: 'Note', language: null, says: 'Have what?' },
    'smithereen/objects/note.json': { objectType: 'Note', says: 'So does this federate now?' },
    'wordpress/objects/note.json': { objectType: 'Note', language: 'en', says: 'Hello from WordPress!' },
    'wordpress/objects/page.json': {
      objectType: 'Article',
      language: 'en',
      says: 'I like the Last Light boardgame',
    },
  }

  it.each(files)('%s is a note that makes sense, or none', async (file) => {
    const found = await read(captured(file))
    const { says, ...wanted } = expected[file] ?? {}
    if (says === undefined) return expect(found).toBeUndefined()
    expect(found).toMatchObject(wanted)
    if (typeof says === 'string') expect(found?.contentHtml).toContain(says)
    else expect(found?.contentHtml).toMatch(says)
    expect(found?.summary).toBe('')
  })

  it('of PeerTube plays at most 720 lines, and shows its preview', async () => {
    const found = await read(captured('peertube/objects/video.json'))
    expect(found?.attachments).toMatchObject([
      {
        kind: 'video',
        media_type: 'video/mp4',
        remote_url: expect.stringMatching(/-360-fragmented\.mp4$/),
        preview_remote_url: expect.stringMatching(/previews\/.+\.jpg$/),
        width: 640,
        height: 360,
        description: expect.stringContaining('Mesa'),
      },
    ])
  })

  it.each(['page', 'page_image_and_link'])('of Lemmy has its picture once: %s', async (name) => {
    const found = await read(captured(`lemmy/objects/${name}.json`))
    expect(found?.attachments).toMatchObject([
      { kind: 'image', remote_url: expect.stringMatching(/eOtYb9iEiB\.png$/) },
    ])
    expect(found?.contentHtml).not.toContain('.png')
  })
})

describe('a thing with a title', () => {
  it('says its title, its summary and where it is', async () => {
    expect(
      await note({
        type: 'Article',
        name: 'On <light>',
        summary: '<p>How it <b>falls</b></p>',
        content: '<p>Long</p>',
        sensitive: false,
      }),
    ).toMatchObject({
      objectType: 'Article',
      contentHtml: `<p><strong>On &lt;light&gt;</strong></p><p>How it falls</p>${ending}`,
      summary: '',
      isSensitive: false,
    })
  })

  it('without a summary says all of a short text, and how a long one begins', async () => {
    const short = '<p>See <a href="https://x.example/">x</a></p>'
    expect((await note({ type: 'Page', name: 'P', content: short }))?.contentHtml).toContain(
      'See <a href="https://x.example/"',
    )
    const long = await note({ type: 'Article', name: 'A', content: `<p>${'word '.repeat(1_000)}</p>` })
    expect(long?.contentHtml).toMatch(/<p>(word )+word…<\/p>/)
    expect(long?.contentHtml.length).toBeLessThan(900)
    const unbroken = await note({ type: 'Article', name: 'A', content: `<p>${'🎨'.repeat(2_000)}</p>` })
    expect(unbroken?.contentHtml).toMatch(/<p>(🎨)+…<\/p>/u)
  })

  it('has the picture it goes by', async () => {
    const found = await note({
      type: 'Article',
      name: 'A',
      image: { type: 'Image', url: 'https://cdn.example/a.png', name: 'A tree' },
    })
    expect(found?.attachments).toMatchObject([
      { kind: 'image', remote_url: 'https://cdn.example/a.png', description: 'A tree' },
    ])
  })

  it.each([
    [['480', '720', '1080'], '720'],
    [['1080', '2160'], '1080'],
    [['240'], '240'],
  ])('that is a film in %j lines plays %s of them', async (heights, chosen) => {
    const url = heights.map((height) => ({
      type: 'Link',
      mediaType: 'video/mp4',
      href: `https://cdn.example/${height}.mp4`,
      height: Number(height),
      width: 2 * Number(height),
    }))
    const found = await note({
      type: 'Video',
      name: 'Film',
      url: [{ type: 'Link', mediaType: 'text/html', href: 'https://there.example/w/1' }, ...url],
    })
    expect(found).toMatchObject({
      url: 'https://there.example/w/1',
      attachments: [{ kind: 'video', remote_url: `https://cdn.example/${chosen}.mp4` }],
    })
  })

  it('that no browser plays shows its picture', async () => {
    const found = await note({
      type: 'Video',
      name: 'Live',
      url: [{ type: 'Link', mediaType: 'application/x-mpegURL', href: 'https://cdn.example/live.m3u8' }],
      icon: { type: 'Image', url: 'https://cdn.example/live.jpg' },
    })
    expect(found?.attachments).toMatchObject([{ kind: 'image', remote_url: 'https://cdn.example/live.jpg' }])
  })

  it('that is a sound, or a picture, is its own attachment', async () => {
    const link = (mediaType: string, href: string) => ({ type: 'Link', mediaType, href })
    const sound = await note({
      type: 'Audio',
      name: 'Song',
      url: [link('audio/ogg', 'https://cdn.example/a.ogg')],
      image: { type: 'Image', url: 'https://cdn.example/cover.jpg' },
    })
    expect(sound?.attachments).toMatchObject([
      {
        kind: 'audio',
        remote_url: 'https://cdn.example/a.ogg',
        preview_remote_url: 'https://cdn.example/cover.jpg',
      },
    ])
    const picture = await note({
      type: 'Image',
      name: 'Sea',
      url: [link('image/webp', 'https://cdn.example/a.webp')],
    })
    expect(picture?.attachments).toMatchObject([
      { kind: 'image', remote_url: 'https://cdn.example/a.webp', description: 'Sea' },
    ])
  })

  it('says when and where it is, in its language', async () => {
    const event = {
      type: 'Event',
      name: 'Vernissage',
      startTime: '2026-12-01T18:00:00Z',
      timezone: 'Europe/Rome',
      location: {
        type: 'Place',
        name: 'Galleria',
        address: { type: 'sc:PostalAddress', streetAddress: 'Via 1', addressLocality: 'Roma' },
      },
    }
    const italian = await note({ ...event, contentMap: { it: '<p>Venite</p>' } })
    expect(italian?.contentHtml).toContain(
      '<p>martedì 1 dicembre 2026 alle ore 19:00 CET</p><p>Galleria, Via 1, Roma</p><p>Venite</p>',
    )
    const nowhere = await note({
      ...event,
      timezone: 'Mars/Olympus',
      location: 'https://there.example/places/1',
    })
    expect(nowhere?.contentHtml).toContain('<p>2026-12-01 18:00 UTC</p>')
    const timeless = await note({ ...event, startTime: 'soon', location: undefined })
    expect(timeless?.contentHtml).toBe(`<p><strong>Vernissage</strong></p>${ending}`)
  })

  it('of a kind nobody told us of is a link with its name', async () => {
    expect(
      await note({ type: 'Review', name: 'Five stars', url: 'https://there.example/r/1' }),
    ).toMatchObject({
      objectType: 'Page',
      contentHtml: `<p><strong>Five stars</strong></p>${linkTo('https://there.example/r/1')}`,
    })
    expect(
      await note({ type: 'Nonsense', name: 'Known to nobody', url: 'https://there.example/r/2' }),
    ).toMatchObject({ objectType: 'Page' })
    expect(await note({ type: 'Review', content: 'No name' })).toBeUndefined()
    expect(await note({ type: 'Review', name: 'No address' })).toBeUndefined()
  })

  it.each(['Person', 'Group', 'Collection', 'OrderedCollectionPage', 'Like', 'Delete', 'Tombstone', 'Place'])(
    '%s is none',
    async (type) => expect(await note({ type, name: 'N', url: 'https://there.example/n' })).toBeUndefined(),
  )
})

describe('a note', () => {
  it('of a chat is for the one it is sent to', async () => {
    expect(await note({ type: 'ChatMessage', content: 'Hi' })).toMatchObject({
      objectType: 'Note',
      visibility: 'direct',
      contentHtml: 'Hi',
    })
  })

  it('of several languages keeps the plain words, and their language', async () => {
    const contentMap = { en: '<p>Hello</p>', de: '<p>Hallo</p>' }
    expect(await note({ type: 'Note', content: '<p>Hello</p>', contentMap })).toMatchObject({
      contentHtml: '<p>Hello</p>',
      language: 'en',
    })
    expect(await note({ type: 'Note', content: '<p>Ciao</p>', contentMap })).toMatchObject({
      contentHtml: '<p>Ciao</p>',
      language: null,
    })
    expect(await note({ type: 'Note', contentMap: { de: '<p>Hallo</p>' } })).toMatchObject({
      contentHtml: '<p>Hallo</p>',
      language: 'de',
    })
  })

  it.each([
    ['<p>Eye &amp; <b>contact</b></p>', 'Eye & contact'],
    ['5 < 6 & 7 > 3', '5 < 6 & 7 > 3'],
    ['x'.repeat(2_000), 'x'.repeat(500)],
  ])('warns in bare text: %s', async (summary, warning) => {
    expect(await note({ type: 'Note', content: 'x', summary })).toMatchObject({
      summary: warning,
      isSensitive: true,
    })
  })

  it('brings films and sounds with their sizes, points and words', async () => {
    const attachment = [
      {
        type: 'Document',
        mediaType: 'video/mp4',
        url: 'https://cdn.example/gif.mp4',
        name: 'A cat',
        width: 320,
        height: 240,
        blurhash: 'UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH',
        focalPoint: [0.5, -0.5],
        icon: { type: 'Image', url: 'https://cdn.example/gif.jpg' },
      },
      { type: 'Audio', mediaType: 'audio/mpeg', url: 'https://cdn.example/a.mp3', summary: 'Rain' },
      { type: 'Document', mediaType: 'application/pdf', url: 'https://cdn.example/a.pdf' },
    ]
    expect((await note({ type: 'Note', content: 'x', attachment }))?.attachments).toMatchObject([
      {
        kind: 'video',
        description: 'A cat',
        width: 320,
        height: 240,
        focus_x: 0.5,
        focus_y: -0.5,
        blurhash: expect.any(String),
        preview_remote_url: 'https://cdn.example/gif.jpg',
      },
      { kind: 'audio', description: 'Rain', preview_remote_url: null },
      { kind: 'unknown' },
    ])
  })
})
