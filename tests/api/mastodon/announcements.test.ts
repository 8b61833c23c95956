import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addEmoji } from '#src/media/emojis.ts'
import { announce, withdrawAnnouncement } from '#src/policies/announcements.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

const path = '/api/v1/announcements'
let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice', { role: 'owner' }), server.person('bob')])
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.app.db.deleteFrom('announcements').execute()
})

const say = (text: string, times: { startsAt?: Date; endsAt?: Date } = {}) =>
  announce(server.app, alice.accountId, { text, startsAt: null, endsAt: null, ...times })
const read = (as = bob) => client.get(path, as)
const inHours = (hours: number) => new Date(server.app.clock.now().getTime() + hours * 3_600_000)
const change = (method: string, at: string, as = bob) => client.status(`${path}/${at}`, { as, method })

describe('announcements', () => {
  it('are shown to everyone here, the newest first', async () => {
    await say('Closed on *Sunday*.\n\n<b>Really</b>')
    await say('Open again')
    expect(await read()).toEqual([
      expect.objectContaining({ content: '<p>Open again</p>' }),
      {
        id: expect.stringMatching(/^\d+$/),
        content: '<p>Closed on *Sunday*.</p><p>&lt;b&gt;Really&lt;/b&gt;</p>',
        starts_at: null,
        ends_at: null,
        all_day: false,
        published_at: expect.stringMatching(/Z$/),
        updated_at: expect.stringMatching(/Z$/),
        read: false,
        mentions: [],
        statuses: [],
        tags: [],
        emojis: [],
        reactions: [],
      },
    ])
    expect(await client.status(path)).toBe(401)
  })

  it('are shown in their time', async () => {
    await say('Later', { startsAt: inHours(1), endsAt: inHours(3) })
    expect(await read()).toEqual([])
    server.clock.advance(2 * 3_600_000)
    const [later] = await read()
    expect(later).toMatchObject({ content: '<p>Later</p>', starts_at: expect.any(String) })
    server.clock.advance(2 * 3_600_000)
    expect(await read()).toEqual([])
    expect(await change('POST', `${later.id}/dismiss`)).toBe(404)
  })

  it('are read by one person at a time', async () => {
    await say('Hear, hear')
    const [{ id }] = await read()
    for (let time = 0; time < 2; time += 1) expect(await change('POST', `${id}/dismiss`)).toBe(200)
    expect(await read()).toMatchObject([{ read: true }])
    expect(await read(alice)).toMatchObject([{ read: false }])
  })

  it('go when they are withdrawn, with all that was said to them', async () => {
    await say('Never mind')
    const [{ id }] = await read()
    await change('PUT', `${id}/reactions/${encodeURIComponent('👍')}`)
    await withdrawAnnouncement(server.app, alice.accountId, id)
    expect(await read()).toEqual([])
    expect(await server.app.db.selectFrom('announcement_reactions').selectAll().execute()).toEqual([])
    await expect(withdrawAnnouncement(server.app, alice.accountId, id)).rejects.toMatchObject({
      kind: 'notFound',
    })
  })

  it.each([
    ['no words', { text: ' \n ' }, 'text'],
    ['too many', { text: 'x'.repeat(50_001) }, 'text'],
    [
      'an end before the beginning',
      { text: 'Hm', startsAt: new Date(2_000), endsAt: new Date(1_000) },
      'time',
    ],
  ])('with %s are refused', async (_, form, code) => {
    const whole = { startsAt: null, endsAt: null, ...form }
    await expect(announce(server.app, alice.accountId, whole)).rejects.toMatchObject({
      kind: 'invalid',
      code,
    })
    expect(await read()).toEqual([])
  })
})

describe('reactions to an announcement', () => {
  const react = (id: string, name: string, as = bob, method = 'PUT') =>
    change(method, `${id}/reactions/${encodeURIComponent(name)}`, as)

  it('are counted once a person, and taken back', async () => {
    await say('Cake')
    const [{ id }] = await read()
    for (const person of [bob, bob, alice]) expect(await react(id, '🎂', person)).toBe(200)
    expect(await read()).toMatchObject([{ reactions: [{ name: '🎂', count: 2, me: true }] }])
    expect(await react(id, '🎂', bob, 'DELETE')).toBe(200)
    expect(await read()).toMatchObject([{ reactions: [{ name: '🎂', count: 1, me: false }] }])
  })

  it('can be of this server’s own emoji', async () => {
    const bytes = await softPicture(32, 32).png().toBuffer()
    await addEmoji(server.app, { shortcode: 'harbour', bytes, category: null, addedBy: null })
    await say('Ships')
    const [{ id }] = await read()
    expect(await react(id, ':harbour:')).toBe(200)
    expect(await read()).toMatchObject([
      { reactions: [{ name: 'harbour', count: 1, url: expect.stringContaining('http') }] },
    ])
  })

  it.each(['nothing', 'x'.repeat(300), '👍👍', '%00', '<b>'])('are not %s', async (name) => {
    await say('Hm')
    const [{ id }] = await read()
    expect(await react(id, name)).toBe(422)
    expect(await react(id, '👍')).toBe(200)
    expect(await read()).toMatchObject([{ reactions: [{ name: '👍' }] }])
  })

  it('are of eight kinds at most, and more of those', async () => {
    await say('Many')
    const [{ id }] = await read()
    const kinds = ['🍎', '🍐', '🍊', '🍋', '🍌', '🍉', '🍇', '🍓']
    for (const kind of kinds) expect(await react(id, kind)).toBe(200)
    expect(await react(id, '🍒')).toBe(422)
    expect(await react(id, '🍓', alice)).toBe(200)
    const [{ reactions }] = await read()
    expect(reactions).toHaveLength(8)
  })

  it('are of nothing where there is nothing', async () => {
    for (const id of ['1', 'x', '99999999999999999999'])
      for (const method of ['PUT', 'DELETE']) expect(await react(id, '👍', bob, method)).toBe(404)
  })
})
