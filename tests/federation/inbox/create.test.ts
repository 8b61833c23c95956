import { describe, expect, it } from 'vitest'
import { everyone, useNeighbours } from './setup.ts'

const near = useNeighbours()

const mediaOf = (noteId: string) =>
  near.server.app.db
    .selectFrom('media')
    .selectAll()
    .where('note_id', '=', noteId)
    .orderBy('position')
    .execute()

describe('Create', () => {
  it('stores a note that mentions someone here, and tells her', async () => {
    const note = near.note(near.bob, 'hello', {
      contentMap: { en: '<p>Hello</p>' },
      content: '<p>Hello<script>alert(1)</script></p>',
      summary: 'spoiler',
    })
    expect(await near.send(near.bob, near.create(near.bob, note))).toBe(202)
    const stored = await near.stored(note.id)
    expect(stored).toMatchObject({
      visibility: 'public',
      content_html: '<p>Hello</p>',
      summary: 'spoiler',
      is_sensitive: true,
      language: 'en',
      is_local: false,
    })
    expect(await near.notifications()).toContainEqual({ kind: 'mention', note_id: stored?.id })
  })

  it('ignores a note nobody here has a reason to get', async () => {
    const note = near.note(near.bob, 'nobody', { tag: [], cc: [`${near.bob.uri}/followers`] })
    expect(await near.send(near.bob, near.create(near.bob, note))).toBe(202)
    expect(await near.stored(note.id)).toBeUndefined()
  })

  it.each([
    ['public', [everyone], ['followers', 'alice']],
    ['unlisted', ['followers'], ['as:Public', 'alice']],
    ['unlisted', ['followers'], ['Public', 'alice']],
    ['followers', ['followers'], ['alice']],
    ['direct', ['alice'], []],
  ])('reads %s from to %j and cc %j', async (visibility, to, cc) => {
    const spelled = (names: string[]) =>
      names.map((name) =>
        name === 'followers' ? `${near.bob.uri}/followers` : name === 'alice' ? near.alice.account.uri : name,
      )
    const note = near.note(near.bob, `for-${crypto.randomUUID()}`, { to: spelled(to), cc: spelled(cc) })
    await near.send(near.bob, near.create(near.bob, note))
    expect(await near.stored(note.id)).toMatchObject({ visibility })
  })

  it('keeps four attachments with what Fedify would drop', async () => {
    const picture = (n: number) => ({
      type: 'Document',
      mediaType: 'image/webp',
      url: `${near.foreign.url}/media/${n}.webp`,
      name: `picture ${n}`,
      width: 640,
      height: 480,
      blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      focalPoint: [0.5, -0.25],
      generator: { type: 'Application', name: 'gpt-image', url: 'https://openai.example/' },
      tag: {
        type: 'Link',
        href: 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
        rel: 'https://w3id.org/pinxit/provenance#digitalSourceType',
        name: 'AI-generated',
      },
    })
    const note = near.note(near.bob, 'pictures', { attachment: [1, 2, 3, 4, 5].map(picture) })
    const context = [
      'https://www.w3.org/ns/activitystreams',
      {
        toot: 'http://joinmastodon.org/ns#',
        blurhash: 'toot:blurhash',
        focalPoint: { '@container': '@list', '@id': 'toot:focalPoint' },
      },
    ]
    await near.send(near.bob, { ...near.create(near.bob, note), '@context': context })
    const stored = await near.stored(note.id)
    const media = await mediaOf(stored?.id ?? '0')
    expect(media).toHaveLength(4)
    expect(media[0]).toMatchObject({
      kind: 'image',
      media_type: 'image/webp',
      description: 'picture 1',
      width: 640,
      blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      focus_x: 0.5,
      focus_y: -0.25,
      generator_name: 'gpt-image',
      digital_source_type: 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
    })
  })

  it('hangs a reply under its note, whichever comes first', async () => {
    const mine = await near.post('mine')
    const reply = near.note(near.bob, 'reply', { inReplyTo: [mine.uri], tag: [], cc: [] })
    const answer = near.note(near.bob, 'answer', { inReplyTo: `${near.bob.uri}/notes/late` })
    const late = near.note(near.bob, 'late')
    await near.send(near.bob, near.create(near.bob, reply))
    await near.send(near.bob, near.create(near.bob, answer))
    await near.send(near.bob, near.create(near.bob, late))
    expect(await near.stored(reply.id)).toMatchObject({
      in_reply_to_id: mine.id,
      conversation_uri: mine.conversation_uri,
    })
    expect(await near.stored(mine.uri)).toMatchObject({ replies_count: 1 })
    expect(await near.stored(answer.id)).toMatchObject({ in_reply_to_id: (await near.stored(late.id))?.id })
  })

  it('fetches the parents of a reply, within a budget', async () => {
    for (let n = 0; n < 15; n += 1) {
      const { pathname } = new URL(`${near.bob.uri}/notes/thread-${n}`)
      near.foreign.documents.set(pathname, {
        '@context': 'https://www.w3.org/ns/activitystreams',
        ...near.note(near.bob, `thread-${n}`, {
          inReplyTo: `${near.bob.uri}/notes/thread-${n + 1}`,
          tag: [],
          cc: [],
        }),
      })
    }
    const note = near.note(near.bob, 'bottom', { inReplyTo: `${near.bob.uri}/notes/thread-0` })
    await near.send(near.bob, near.create(near.bob, note))
    expect((await near.stored(note.id))?.in_reply_to_id).toBe(
      (await near.stored(`${near.bob.uri}/notes/thread-0`))?.id,
    )
    expect(await near.stored(`${near.bob.uri}/notes/thread-9`)).toBeDefined()
    expect(await near.stored(`${near.bob.uri}/notes/thread-10`)).toBeUndefined()
  })

  it('shows an article as a title, how it begins, and a link', async () => {
    const article = near.note(near.bob, 'article', {
      type: 'Article',
      name: 'On <paint>',
      content: `<p>${'long '.repeat(1000)}</p>`,
      url: `${near.bob.uri}/on-paint`,
    })
    await near.send(near.bob, near.create(near.bob, article))
    const html = (await near.stored(article.id))?.content_html
    expect(html).toContain('On &lt;paint&gt;')
    expect(html).toContain(`${near.bob.uri}/on-paint`)
    expect(html).toMatch(/<p>(long )+long…<\/p>/)
    expect(html?.length).toBeLessThan(1_000)
  })
})
