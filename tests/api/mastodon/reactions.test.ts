import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addEmoji } from '#src/media/emojis.ts'
import { softPicture } from '#tests/media/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let bob: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  const bytes = await softPicture(64, 64).png().toBuffer()
  await addEmoji(server.app, { shortcode: 'palette', bytes, category: 'art', addedBy: null })
})
afterAll(() => server.close())

async function posted(form = {}): Promise<string> {
  return (await client.post('/api/v1/statuses', alice, { status: 'React', ...form })).id
}

const pathOf = (id: string, emoji?: string) =>
  `/api/v1/pleroma/statuses/${id}/reactions${emoji === undefined ? '' : `/${encodeURIComponent(emoji)}`}`
const put = async (id: string, emoji: string, as: TestPerson) =>
  (await client.call(pathOf(id, emoji), { as, method: 'PUT' })).json()

describe('reactions', () => {
  it('are given, counted, listed and taken back', async () => {
    const id = await posted()
    await put(id, '🔥', alice)
    await put(id, '🔥', alice)
    await put(id, ':palette:', bob)
    const status = await put(id, '🔥', bob)
    const url = expect.stringContaining('/media/')
    expect(status).toMatchObject({
      id,
      favourites_count: 0,
      emoji_reactions: [
        { name: '🔥', count: 2, me: true },
        { name: 'palette', count: 1, me: true, url },
      ],
    })
    expect(await client.get(pathOf(id), alice)).toMatchObject([
      { name: '🔥', count: 2, me: true, accounts: [{ acct: 'alice' }, { acct: 'bob' }] },
      { name: 'palette', count: 1, me: false, url, accounts: [{ acct: 'bob' }] },
    ])
    expect(await client.get(pathOf(id, 'palette'))).toMatchObject([{ name: 'palette', me: false }])
    const notifications = await client.get('/api/v1/notifications', alice)
    expect(notifications).toMatchObject([{ type: 'pleroma:emoji_reaction', account: { acct: 'bob' } }])
    await client.call(pathOf(id, 'palette'), { as: bob, method: 'DELETE' })
    await client.call(pathOf(id, '🔥'), { as: bob, method: 'DELETE' })
    expect(await client.get(pathOf(id), alice)).toMatchObject([{ name: '🔥', count: 1 }])
    expect(await client.get('/api/v1/notifications', alice)).toEqual([])
  })

  it('spelled in two ways are one', async () => {
    const id = await posted()
    await put(id, '❤', alice)
    expect((await put(id, '❤️', bob)).emoji_reactions).toMatchObject([{ name: '❤️', count: 2 }])
  })

  it.each(['x', 'nothing', ':nothing:', 'cat@elsewhere.example', '🔥🔥', '%00', 'a'.repeat(10_000)])(
    'of %j are refused',
    async (emoji) => {
      const id = await posted()
      expect(await client.status(pathOf(id, emoji), { as: bob, method: 'PUT' })).toBe(422)
      expect(await client.get(pathOf(id), alice)).toEqual([])
    },
  )

  it('are at most twenty each', async () => {
    const id = await posted()
    const emojis = [...'😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰😗😙😚🙂🤗']
    for (const emoji of emojis) await put(id, emoji, bob)
    expect(await client.status(pathOf(id, '🤩'), { as: bob, method: 'PUT' })).toBe(422)
    expect(await client.status(pathOf(id, '🤩'), { as: alice, method: 'PUT' })).toBe(200)
  })

  it('to what the viewer cannot see find nothing there', async () => {
    const id = await posted({ visibility: 'private' })
    for (const method of ['PUT', 'DELETE', 'GET']) {
      expect(await client.status(pathOf(id, '🔥'), { as: bob, method })).toBe(404)
    }
    expect(await client.status(pathOf(id, '🔥'), { as: alice, method: 'PUT' })).toBe(200)
  })
})

describe('someone who is blocked', () => {
  it('reacts to nothing, and is reacted to by nobody who blocks them', async () => {
    const mallory = await server.person('mallory')
    const [mine, theirs] = [await posted(), await client.post('/api/v1/statuses', mallory, { status: 'x' })]
    await client.post(`/api/v1/accounts/${mallory.accountId}/block`, alice)
    expect(await client.status(pathOf(mine, '🔥'), { as: mallory, method: 'PUT' })).toBe(404)
    expect([403, 404]).toContain(await client.status(pathOf(theirs.id, '🔥'), { as: alice, method: 'PUT' }))
    expect(await client.status(pathOf(mine, '🔥'), { as: bob, method: 'PUT' })).toBe(200)
  })
})

describe('emoji of this server', () => {
  it('are listed for apps', async () => {
    const emojis = await client.get('/api/v1/custom_emojis')
    const url = expect.stringMatching(/\.png$/)
    expect(emojis).toEqual([
      { shortcode: 'palette', url, static_url: url, visible_in_picker: true, category: 'art' },
    ])
  })

  it('come along with what names them', async () => {
    const status = await client.post('/api/v1/statuses', alice, { status: 'My :palette:' })
    expect(status.emojis).toMatchObject([{ shortcode: 'palette' }])
  })
})
