import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateProfile } from '#src/accounts/profile.ts'
import { listReactionCounts } from '#src/db/reactions.ts'
import { addEmoji } from '#src/media/emojis.ts'
import { reactToNote, unreactToNote } from '#src/notes/react.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { gifOfFrames, softPicture } from '#tests/media/pictures.ts'
import { type ForeignServer, startForeignServer } from '#tests/support/foreign-server.ts'
import { post } from '#tests/support/notes.ts'
import { settle, startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { lookUp } from '#tests/support/two-servers.ts'

let here: TestServer
let there: TestServer
let foreign: ForeignServer
let alice: TestPerson
let bob: TestPerson

beforeAll(async () => {
  ;[here, there, foreign] = await Promise.all([startTestServer(), startTestServer(), startForeignServer()])
  ;[alice, bob] = await Promise.all([here.person('alice'), there.person('bob')])
  const bytes = await softPicture(300, 200).png().toBuffer()
  await addEmoji(here.app, { shortcode: 'palette', bytes, category: null, addedBy: null })
  await addEmoji(there.app, { shortcode: 'blobcat', bytes, category: null, addedBy: null })
  const aliceThere = await lookUp(there, alice.account.uri)
  await followAccount(there.app, bob.accountId, aliceThere)
  await settle(here, there)
})
afterAll(() => Promise.all([here.close(), there.close(), foreign.close()]))

const document = async (url: string) =>
  (await fetch(url, { headers: { accept: 'application/activity+json' } })).json()

async function copyThere(uri: string) {
  await settle(here, there)
  return there.app.db.selectFrom('notes').selectAll().where('uri', '=', uri).executeTakeFirstOrThrow()
}

const reactions = async (server: TestServer, noteId: string) =>
  (await listReactionCounts(server.app.db, [noteId], null)).map(({ name, count }) => [name, count])

describe('an emoji of ours', () => {
  it('goes along with a note, as a tag whose document can be had', async () => {
    const { note } = await post(here, alice, {
      text: 'New :palette: :unknown: a:palette:b',
      summary: ':palette:',
    })
    const [own] = note.emojis
    expect(note.emojis).toHaveLength(1)
    const tag = {
      id: `${here.url}/ap/emojis/palette`,
      type: 'Emoji',
      name: ':palette:',
      updated: expect.stringMatching(/^20/),
      icon: { type: 'Image', mediaType: 'image/png', url: own?.url },
    }
    const { '@context': context, ...sent } = await document(note.uri)
    expect(sent.tag).toEqual([tag])
    expect(JSON.stringify(context)).toContain('"Emoji":"toot:Emoji"')
    expect(await document(tag.id)).toMatchObject(tag)
    const copy = await copyThere(note.uri)
    expect(copy.emojis).toEqual([{ shortcode: 'palette', url: own?.url }])
  })

  it('is at most 128 pixels large', async () => {
    const { note } = await post(here, alice, { text: ':palette:' })
    const picture = await fetch(note.emojis[0]?.url ?? '')
    expect(picture.headers.get('content-type')).toBe('image/png')
    const header = Buffer.from(await picture.arrayBuffer())
    expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([128, 85])
  })

  it('is the first frame of an animation', async () => {
    const added = { shortcode: 'moving', bytes: gifOfFrames(20), category: null, addedBy: null }
    const { media_type } = await addEmoji(here.app, added)
    expect(media_type).toBe('image/png')
  })

  it('goes along with a name and a bio', async () => {
    await updateProfile(here.app, alice.accountId, { name: 'Alice :palette:' })
    const actor = await document(alice.account.uri)
    expect(actor.tag).toMatchObject([{ type: 'Emoji', name: ':palette:' }])
    await settle(here, there)
    const copy = await there.app.db
      .selectFrom('accounts')
      .selectAll()
      .where('uri', '=', alice.account.uri)
      .executeTakeFirstOrThrow()
    expect(copy.emojis).toMatchObject([{ shortcode: 'palette' }])
    await updateProfile(here.app, alice.accountId, { name: 'Alice' })
    expect((await document(alice.account.uri)).tag).toEqual([])
  })

  it.each(['/ap/emojis/nothing', '/ap/emojis/..', '/ap/emojis/a%2Fb', '/ap/emojis/'])(
    '%s is not there',
    async (path) => {
      expect((await fetch(`${here.url}${path}`)).status).toBe(404)
    },
  )
})

describe('a reaction between two servers', () => {
  it('arrives and is taken back, as a character and as a picture', async () => {
    const { note } = await post(here, alice, { text: 'React' })
    const copy = await copyThere(note.uri)
    await reactToNote(there.app, bob.accountId, copy.id, '🔥')
    await reactToNote(there.app, bob.accountId, copy.id, ':blobcat:')
    await settle(here, there)
    expect(await reactions(there, copy.id)).toEqual([
      ['🔥', 1],
      ['blobcat', 1],
    ])
    const named = `blobcat@${new URL(there.url).host}`
    expect(await reactions(here, note.id)).toEqual([
      ['🔥', 1],
      [named, 1],
    ])
    // Alice joins in, with a picture that is not of her server.
    await reactToNote(here.app, alice.accountId, note.id, named)
    expect(await reactions(here, note.id)).toEqual([
      [named, 2],
      ['🔥', 1],
    ])
    await unreactToNote(there.app, bob.accountId, copy.id, 'blobcat')
    await unreactToNote(there.app, bob.accountId, copy.id, '🔥')
    await settle(here, there)
    expect(await reactions(here, note.id)).toEqual([[named, 1]])
    expect(
      await here.app.db.selectFrom('likes').selectAll().where('note_id', '=', note.id).execute(),
    ).toEqual([])
  })

  it('with the picture of the server it goes to is that server’s own', async () => {
    const { note } = await post(there, bob, { text: `React @alice@${here.app.handleHost}` })
    await settle(here, there)
    const copy = await here.app.db
      .selectFrom('notes')
      .selectAll()
      .where('uri', '=', note.uri)
      .executeTakeFirstOrThrow()
    await reactToNote(there.app, bob.accountId, note.id, 'blobcat')
    await reactToNote(here.app, alice.accountId, copy.id, 'palette')
    await settle(here, there)
    expect(await reactions(there, note.id)).toEqual([
      ['blobcat', 1],
      [`palette@${new URL(here.url).host}`, 1],
    ])
  })

  it('goes out as EmojiReact, to the author alone', async () => {
    const carol = foreign.addActor('carol')
    const id = `${carol.uri}/notes/1`
    foreign.documents.set('/users/carol/notes/1', {
      '@context': 'https://www.w3.org/ns/activitystreams',
      id,
      type: 'Note',
      attributedTo: carol.uri,
      to: ['https://www.w3.org/ns/activitystreams#Public'],
      content: 'Hello',
      published: new Date().toISOString(),
    })
    const noteId = (await here.app.lookup.note(id)) ?? ''
    await reactToNote(here.app, alice.accountId, noteId, ':palette:')
    await here.settle()
    await unreactToNote(here.app, alice.accountId, noteId, 'palette')
    await here.settle()
    const [sent] = foreign.activities('EmojiReact')
    expect(sent).toMatchObject({
      actor: alice.account.uri,
      to: [carol.uri],
      object: id,
      content: ':palette:',
      tag: [{ id: `${here.url}/ap/emojis/palette`, type: 'Emoji', name: ':palette:' }],
    })
    expect(foreign.activities('Undo')).toMatchObject([
      { actor: alice.account.uri, object: { id: sent?.id, type: 'EmojiReact', object: id } },
    ])
    expect(foreign.activities('Like')).toEqual([])
  })
})
