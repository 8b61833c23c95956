import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#tests/support/foreign-server.ts'
import { activityOf, activityStreams, useNeighbours } from './inbox/setup.ts'

const near = useNeighbours()
const { send } = near

const misskeyContext = [
  activityStreams,
  {
    toot: 'http://joinmastodon.org/ns#',
    Emoji: 'toot:Emoji',
    misskey: 'https://misskey-hub.net/ns#',
    _misskey_reaction: 'misskey:_misskey_reaction',
  },
]
const litepub = () => [`${near.foreign.url}/schemas/litepub-0.1.jsonld`, { '@language': 'und' }]

function react(noteUri: string, content: unknown, changes: JsonObject = {}): JsonObject & { id: string } {
  const activity = activityOf(near.bob, 'EmojiReact', noteUri)
  return { ...activity, '@context': litepub(), content, to: [near.alice.account.uri], ...changes }
}

const emojiTag = (name: string, changes: JsonObject = {}) => ({
  id: `${near.foreign.url}/emojis/${name}`,
  type: 'Emoji',
  name: `:${name}:`,
  updated: '2026-01-01T00:00:00Z',
  icon: { type: 'Image', mediaType: 'image/png', url: `${near.foreign.url}/emojis/${name}.png` },
  ...changes,
})

async function reactionsOf(noteId: string): Promise<{ name: string; emoji_url: string | null }[]> {
  return near.server.app.db
    .selectFrom('reactions')
    .select(['name', 'emoji_url'])
    .where('note_id', '=', noteId)
    .orderBy('id')
    .execute()
}

const namesOf = async (noteId: string) => (await reactionsOf(noteId)).map(({ name }) => name)

describe('a reaction that comes in', () => {
  it('as Pleroma’s EmojiReact is kept, told of once, and is no like', async () => {
    const note = await near.post('React to this')
    const before = (await near.notifications()).length
    expect(await send(near.bob, react(note.uri, '🔥'))).toBe(202)
    expect(await send(near.bob, react(note.uri, '🎉'))).toBe(202)
    expect(await namesOf(note.id)).toEqual(['🔥', '🎉'])
    expect((await near.notifications()).slice(before)).toEqual([{ kind: 'reaction', note_id: note.id }])
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 0 })
    const response = await near.server.fetch(`/api/v1/statuses/${note.id}`, { as: near.alice })
    expect(await response.json()).toMatchObject({
      favourites_count: 0,
      emoji_reactions: [
        { name: '🔥', count: 1, me: false },
        { name: '🎉', count: 1, me: false },
      ],
    })
  })

  it('as FEP-c0e0 has it, its term in the context, is the same', async () => {
    const note = await near.post('x')
    const context = [
      activityStreams,
      { litepub: 'http://litepub.social/ns#', EmojiReact: 'litepub:EmojiReact' },
    ]
    await send(near.bob, react(note.uri, '🔥', { '@context': context }))
    expect(await namesOf(note.id)).toEqual(['🔥'])
  })

  it('as Misskey’s Like with content is one, its default too', async () => {
    const note = await near.post('x')
    const like = (content: string, tag: unknown[] = []) => ({
      ...activityOf(near.bob, 'Like', note.uri),
      '@context': misskeyContext,
      content,
      _misskey_reaction: content,
      tag,
    })
    await send(near.bob, like('❤'))
    await send(near.bob, like('👍'))
    await send(near.bob, like(':blobcat:', [emojiTag('blobcat')]))
    expect(await reactionsOf(note.id)).toEqual([
      { name: '❤️', emoji_url: null },
      { name: '👍', emoji_url: null },
      { name: `blobcat@${near.foreign.host}`, emoji_url: `${near.foreign.url}/emojis/blobcat.png` },
    ])
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 0 })
  })

  it('by `_misskey_reaction` alone is one', async () => {
    const note = await near.post('x')
    const like = { ...activityOf(near.bob, 'Like', note.uri), '@context': misskeyContext }
    await send(near.bob, { ...like, _misskey_reaction: '🦊' })
    expect(await namesOf(note.id)).toEqual(['🦊'])
  })

  it('beside a like leaves the like one', async () => {
    const note = await near.post('x')
    await send(near.bob, activityOf(near.bob, 'Like', note.uri))
    await send(near.bob, react(note.uri, '🔥'))
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 1 })
    expect(await namesOf(note.id)).toEqual(['🔥'])
  })

  it('twenty times at once, or again under another id, is one', async () => {
    const note = await near.post('x')
    const activity = react(note.uri, '🔥')
    await Promise.all(
      Array.from({ length: 20 }, () => near.bob.post(`${near.server.url}/ap/inbox`, activity)),
    )
    await near.server.settle()
    await send(near.bob, react(note.uri, '🔥'))
    expect(await namesOf(note.id)).toEqual(['🔥'])
  })

  it.each([
    'two 🔥🔥',
    '🔥🔥',
    'a',
    '1',
    '',
    '<script>alert(1)</script>',
    ':nowhere:',
    `🔥${'\u0301'.repeat(1000)}`,
    ':a:b:',
    ['🔥', '🎉', 1],
    { x: 1 },
  ])('with %j for content says nothing', async (content) => {
    const note = await near.post('x')
    expect(await send(near.bob, react(note.uri, content))).toBe(202)
    expect((await namesOf(note.id)).filter((name) => name !== '🔥')).toEqual([])
    await send(near.bob, react(note.uri, '🔥'))
    expect(await namesOf(note.id)).toEqual(['🔥'])
  })

  it('is one of at most twenty of a person', async () => {
    const note = await near.post('x')
    const emojis = [...'😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰😗😙😚🙂🤗🤩🤔🤨😐😑']
    for (const emoji of emojis) await near.bob.post(`${near.server.url}/ap/inbox`, react(note.uri, emoji))
    await near.server.settle()
    expect(await namesOf(note.id)).toHaveLength(20)
    const carol = near.foreign.addActor('carol')
    await send(carol, { ...react(note.uri, '🔥'), id: `${carol.uri}/r`, actor: carol.uri })
    expect(await namesOf(note.id)).toHaveLength(21)
  })

  it('to a note that its giver cannot see is none', async () => {
    const note = await near.post('for followers', { visibility: 'private' })
    expect(await send(near.bob, react(note.uri, '🔥'))).toBe(202)
    expect(await namesOf(note.id)).toEqual([])
  })

  it('without an id, or of somebody else’s, is refused', async () => {
    const note = await near.post('x')
    await send(near.bob, react(note.uri, '🔥', { id: undefined }))
    expect(await send(near.bob, react(note.uri, '🔥', { id: 'https://elsewhere.example/1' }))).toBe(400)
    const mallory = near.foreign.addActor('mallory')
    expect(await send(mallory, react(note.uri, '🔥'))).toBe(401)
    expect(await namesOf(note.id)).toEqual([])
  })

  it('brings ten thousand emoji and is read for one', async () => {
    const note = await near.post('x')
    const tag = Array.from({ length: 700 }, (_, index) => emojiTag(`e${index}`))
    const status = await send(near.bob, react(note.uri, ':e3:', { tag }))
    expect([202, 400]).toContain(status)
    await send(near.bob, react(note.uri, ':e5:', { tag: [emojiTag('e5')] }))
    expect(await namesOf(note.id)).toContain(`e5@${near.foreign.host}`)
  })
})

describe('a custom emoji in a reaction', () => {
  it('of a third server counts as its own only where it looks the same', async () => {
    const note = await near.post('x')
    const dora = near.foreign.addActor('dora')
    await send(near.bob, react(note.uri, ':cat:', { tag: [emojiTag('cat')] }))
    await send(dora, {
      ...react(note.uri, ':cat:', { tag: [emojiTag('cat')] }),
      id: `${dora.uri}/r1`,
      actor: dora.uri,
    })
    const forged = emojiTag('dog', {
      id: 'https://elsewhere.example/emojis/dog',
      icon: { type: 'Image', url: 'https://elsewhere.example/rude.png' },
    })
    await send(near.bob, react(note.uri, ':dog:', { tag: [forged] }))
    expect(await namesOf(note.id)).toEqual([
      `cat@${near.foreign.host}`,
      `cat@${near.foreign.host}`,
      `dog@${near.foreign.host}`,
    ])
  })

  it.each([
    ['without a picture', { icon: undefined }],
    ['with a picture at no address', { icon: { type: 'Image', url: 'javascript:alert(1)' } }],
    ['under another name', { name: ':other:' }],
    ['of another type', { type: 'Hashtag' }],
  ])('%s is none', async (_name, changes) => {
    const note = await near.post('x')
    await send(near.bob, react(note.uri, ':cat:', { tag: [emojiTag('cat', changes)] }))
    expect(await namesOf(note.id)).toEqual([])
  })
})

describe('taking a reaction back', () => {
  const undo = (object: unknown) => ({ ...activityOf(near.bob, 'Undo', object), '@context': litepub() })

  it('is by its id, alone or embedded', async () => {
    const note = await near.post('x')
    const first = react(note.uri, '🔥')
    const second = react(note.uri, '🎉')
    await send(near.bob, first)
    await send(near.bob, second)
    await send(near.bob, undo(first.id))
    expect(await namesOf(note.id)).toEqual(['🎉'])
    await send(near.bob, undo(second))
    expect(await namesOf(note.id)).toEqual([])
    expect((await near.notifications()).filter((one) => one.note_id === note.id)).toEqual([])
  })

  it('by what it was, under a new id, takes that one and no like', async () => {
    const note = await near.post('x')
    await send(near.bob, activityOf(near.bob, 'Like', note.uri))
    await send(near.bob, react(note.uri, '🔥'))
    await send(near.bob, react(note.uri, ':cat:', { tag: [emojiTag('cat')] }))
    await send(near.bob, undo(react(note.uri, '🎉')))
    expect(await namesOf(note.id)).toHaveLength(2)
    await send(near.bob, undo(react(note.uri, ':cat:', { tag: [emojiTag('cat')] })))
    expect(await namesOf(note.id)).toEqual(['🔥'])
    await send(near.bob, undo({ ...activityOf(near.bob, 'Like', note.uri), content: '🔥' }))
    expect(await namesOf(note.id)).toEqual([])
    expect(await near.stored(note.uri)).toMatchObject({ likes_count: 1 })
  })

  it('before it came leaves nothing to come', async () => {
    const note = await near.post('x')
    const late = react(note.uri, '🔥')
    await send(near.bob, undo(late))
    await send(near.bob, late)
    expect(await namesOf(note.id)).toEqual([])
  })

  it('is for whoever gave it', async () => {
    const note = await near.post('x')
    const given = react(note.uri, '🔥')
    await send(near.bob, given)
    const erin = near.foreign.addActor('erin')
    await send(erin, activityOf(erin, 'Undo', given.id))
    await send(erin, activityOf(erin, 'Undo', { ...given, actor: erin.uri }))
    expect(await namesOf(note.id)).toEqual(['🔥'])
  })
})

describe('whoever reacted', () => {
  it('hears of the note’s change and end, and leaves nothing when they go', async () => {
    const note = await near.post('x')
    const fay = near.foreign.addActor('fay')
    await send(fay, { ...react(note.uri, '🔥'), id: `${fay.uri}/r`, actor: fay.uri })
    await near.server.fetch(`/api/v1/statuses/${note.id}`, {
      as: near.alice,
      json: { status: 'edited' },
      method: 'PUT',
    })
    await near.server.settle()
    expect(near.foreign.activities('Update').some(({ object }) => Object(object).id === note.uri)).toBe(true)
    await send(fay, activityOf(fay, 'Delete', fay.uri))
    expect(await namesOf(note.id)).toEqual([])
  })
})
