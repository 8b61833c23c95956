import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#tests/support/foreign-server.ts'
import { activityOf, activityStreams, everyone, useNeighbours } from './setup.ts'

const near = useNeighbours()

async function send(changes: JsonObject) {
  const note = near.note(near.bob, crypto.randomUUID(), changes)
  expect(await near.send(near.bob, near.create(near.bob, note))).toBeLessThan(500)
  const dead = await near.server.app.db.selectFrom('dead_jobs').select('error').execute()
  expect(dead).toEqual([])
  return near.stored(note.id)
}

const ostatus = { '@context': [activityStreams, { conversation: 'http://ostatus.org#conversation' }] }
/** Two thousand characters that nothing can make shorter: six thousand bytes. */
const longText = Array.from({ length: 2_000 }, (_, index) =>
  String.fromCodePoint(0x4e00 + ((index * 7_919) % 20_000)),
).join('')

describe('an odd note', () => {
  it.each([
    [{ content: 'a\u0000b\ud800c' }, { content_html: 'abc' }],
    [{ content: 7 }, { content_html: '' }],
    [{ content: null, summary: ['a', 'b'] }, { summary: 'a' }],
    [{ summary: 's'.repeat(2_000) }, { summary: 's'.repeat(500) }],
    [
      { content: '<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>' },
      { content_html: '<span>x</span>' },
    ],
    [{ contentMap: { en: '<p>Hello</p>', de: '<p>Hallo</p>' } }, { language: 'en' }],
    [{ contentMap: { ['x'.repeat(100)]: '<p>Hello</p>' } }, { language: null }],
    [{ url: 'javascript:alert(1)' }, {}],
    [{ url: 'https://elsewhere.example/not-mine' }, {}],
    [{ inReplyTo: 'javascript:alert(1)' }, { in_reply_to_uri: null }],
    [{ sensitive: 'yes' }, { is_sensitive: false }],
    [{ type: ['Note', 'Article'], name: 'x' }, {}],
    [{ conversation: { a: 1 }, context: 7 }, {}],
    [{ ...ostatus, conversation: longText }, { conversation_uri: expect.stringMatching(/^http:/) }],
    [{ ...ostatus, conversation: 'tag:a,2026:1' }, { conversation_uri: 'tag:a,2026:1' }],
    [{ attachment: [{ type: 'Image', url: 'javascript:alert(1)' }, 'x', null, { type: 'Image' }] }, {}],
    [{ tag: [{ type: 'Mention' }, { type: 'Hashtag' }, 'x', { type: 'Mention', href: '/alice' }] }, {}],
    [{ tag: [{ type: 'Mention', href: 7 }] }, {}],
  ])('is stored as far as it makes sense: %j', async (changes, expected) => {
    const stored = await send({ ...changes })
    expect(stored).toMatchObject(expected)
    expect(stored?.url).toMatch(new RegExp(`^${near.bob.uri}`))
  })

  it.each(['2099-01-01T00:00:00Z', '1816-01-01T00:00:00Z', '+275000-01-01T00:00:00Z', 'yesterday', 7])(
    'published at %j was published now',
    async (published) => {
      const before = Date.now()
      const stored = await send({ published })
      const after = Date.now()
      for (const at of [stored?.published_at.getTime() ?? 0, Number(BigInt(stored?.id ?? 0) >> 16n)]) {
        expect(at).toBeGreaterThanOrEqual(before)
        expect(at).toBeLessThanOrEqual(after)
      }
    },
  )

  it('published some time ago sorts there', async () => {
    const published = '2024-05-06T07:08:09.000Z'
    const stored = await send({ published })
    expect(BigInt(stored?.id ?? 0) >> 16n).toBe(BigInt(Date.parse(published)))
  })

  it('that is a vote is none', async () => {
    const mine = await near.post('not a poll')
    expect(await send({ name: 'Yes', content: undefined, inReplyTo: mine.uri })).toBeUndefined()
  })

  it('that claims a conversation of ours stands alone', async () => {
    const mine = await near.post('mine')
    const stored = await send({ context: mine.conversation_uri })
    expect(stored?.conversation_uri).toBe(stored?.uri)
  })

  it('that answers what its author cannot see stands alone', async () => {
    const mine = await near.post('for me', { visibility: 'direct' })
    expect(await send({ inReplyTo: mine.uri })).toMatchObject({
      in_reply_to_id: null,
      in_reply_to_uri: mine.uri,
    })
    expect(await near.stored(mine.uri)).toMatchObject({ replies_count: 0 })
  })
})

describe('a Like with content', () => {
  it('is a reaction, and no like', async () => {
    const mine = await near.post('reacted to')
    await near.send(near.bob, { ...activityOf(near.bob, 'Like', mine.uri), content: '🎉' })
    expect(await near.stored(mine.uri)).toMatchObject({ likes_count: 0 })
  })
})

describe('a group', () => {
  it('passes on what its members wrote, as read at its origin', async () => {
    const group = near.foreign.addActor('painters', { type: 'Group' })
    const id = await near.server.app.lookup.account(group.uri)
    await near.server.fetch(`/api/v1/accounts/${id}/follow`, { as: near.alice, method: 'POST' })
    await near.server.settle()
    const follow = near.foreign.activities('Follow').find(({ object }) => object === group.uri)
    await near.send(group, activityOf(group, 'Accept', follow))
    const page = near.note(near.bob, 'page', { type: 'Page', name: 'A page', tag: [], cc: [] })
    near.foreign.documents.set(new URL(page.id).pathname, {
      '@context': 'https://www.w3.org/ns/activitystreams',
      ...page,
    })
    const { '@context': _context, ...inner } = near.create(near.bob, { ...page, name: 'Forged' })
    await near.send(group, { ...activityOf(group, 'Announce', inner), to: [everyone] })
    expect((await near.stored(page.id))?.content_html).toContain('A page')
    expect(await near.stored(page.id)).toMatchObject({ boosts_count: 1 })
    const home = await near.server.fetch('/api/v1/timelines/home', { as: near.alice })
    expect(await home.text()).toContain('A page')
  })
})

describe('a suspended account', () => {
  it('is not heard', async () => {
    const { db } = near.server.app
    const sue = near.foreign.addActor('sue')
    const first = near.note(sue, 'first')
    await near.send(sue, near.create(sue, first))
    expect(await near.stored(first.id)).toBeDefined()
    await db.updateTable('accounts').set({ suspended_at: new Date() }).where('uri', '=', sue.uri).execute()
    const second = near.note(sue, 'second')
    expect(await near.send(sue, near.create(sue, second))).toBe(202)
    expect(await near.stored(second.id)).toBeUndefined()
  })
})
