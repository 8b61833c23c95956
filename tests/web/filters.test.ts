import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFilter, type FilterForm, removeFilter } from '#src/notes/filters.ts'
import { followAccount } from '#src/relationships/follow.ts'
import { post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

let server: TestServer
let alice: TestPerson
let bob: TestPerson
let alicesBrowser: Visitor
let painted: string

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  alicesBrowser = await visit(server, alice)
  await followAccount(server.app, alice.accountId, bob.accountId)
  const picture = await storePainting(server, bob, { description: 'A painted harbour' })
  painted = (await post(server, bob, { text: 'By the #sea', mediaIds: [picture.id] })).note.id
  await post(server, bob, { text: 'Nothing to see' })
})
afterAll(() => server?.close())

async function see(path: string, visitor: Visitor | undefined = alicesBrowser): Promise<string> {
  const response = await server.fetch(path, { headers: visitor ? { cookie: visitor.cookie } : {} })
  expect([path, response.status]).toEqual([path, 200])
  return response.text()
}

function send(path: string, fields: [string, string][] = [], { cookie, csrf } = alicesBrowser) {
  const body = new URLSearchParams([['csrf', csrf], ...fields])
  return server.fetch(path, { method: 'POST', body, headers: { cookie, 'sec-fetch-site': 'same-origin' } })
}

/** The card of the painted note on a page. */
const cardIn = (page: string) =>
  new RegExp(`<article [^>]*id="note-${painted}".*?</article>`, 's').exec(page)?.[0]

async function filtered<T>(form: Partial<FilterForm>, look: () => Promise<T>): Promise<T> {
  const keywords = [{ keyword: 'sea' }]
  const filter = await createFilter(server.app, alice.accountId, {
    ...{ title: 'Seas <&>', contexts: ['home', 'public', 'thread', 'account'], keywords },
    ...form,
  })
  try {
    return await look()
  } finally {
    await removeFilter(server.app, alice.accountId, filter.id)
  }
}

const line = 'Filtered: Seas &lt;&amp;&gt;'
const feeds = ['/', '/local', '/tags/sea', '/@bob']

describe('a note that meets a filter', () => {
  test('stands behind a line that names it', async () => {
    await filtered({ action: 'warn' }, async () => {
      for (const path of [...feeds, `/@bob/${painted}`]) {
        const card = cardIn(await see(path))
        expect([path, card]).toEqual([path, expect.stringContaining(line)])
        expect(card?.indexOf(line)).toBeLessThan(card?.indexOf('By the') ?? 0)
        expect(card).toMatch(/<details class="warned filtered"><summary>/)
      }
    })
    expect(cardIn(await see('/'))).not.toContain('<details class="warned')
  })

  test('has its pictures behind a button and its words before', async () => {
    await filtered({ action: 'blur' }, async () => {
      for (const path of feeds) {
        const card = cardIn(await see(path)) ?? ''
        const [before = '', behind = ''] = card.split('<details class="warned blurred">')
        expect(before).not.toContain('class="attachments"')
        expect(behind).toContain(line)
        const [inside = '', after = ''] = behind.split('<div class="content"')
        expect(inside).toContain('A painted harbour')
        expect(after).toContain('By the')
      }
    })
  })

  test('is left out of what one reads, and stands behind the line where one asks for it', async () => {
    await filtered({ action: 'hide' }, async () => {
      for (const path of feeds) {
        const page = await see(path)
        expect([path, cardIn(page)]).toEqual([path, undefined])
        if (path !== '/tags/sea') expect(page).toContain('Nothing to see')
      }
      expect(cardIn(await see(`/@bob/${painted}`))).toContain(line)
    })
    for (const path of feeds) expect(cardIn(await see(path))).toContain('By the')
  })

  test('meets it only where it applies', async () => {
    await filtered({ action: 'hide', contexts: ['home'] }, async () => {
      expect(cardIn(await see('/'))).toBeUndefined()
      for (const path of feeds.slice(1)) expect(cardIn(await see(path))).toContain('By the')
    })
  })

  test('is left out of the notifications', async () => {
    await post(server, bob, { text: '@alice at the sea' })
    expect(await see('/notifications')).toContain('at the sea')
    await filtered({ action: 'hide', contexts: ['notifications'] }, async () => {
      const page = await see('/notifications')
      expect(page).not.toContain('at the sea')
      expect(page).not.toContain('mentioned you')
    })
  })

  test('stands behind the line where it is quoted, too', async () => {
    const { note } = await post(server, bob, { text: 'Look at this', quoteOfId: painted })
    await filtered({ action: 'hide' }, async () => {
      const page = await see(`/@bob/${note.id}`)
      expect(page.split(line)).toHaveLength(2)
      expect(page).toContain('Look at this')
    })
  })

  test('is for others as it was, and one’s own notes are', async () => {
    const own = await post(server, alice, { text: 'My own sea' })
    const bobs = await visit(server, bob)
    await filtered({ action: 'hide' }, async () => {
      expect(await see(`/@alice/${own.note.id}`)).not.toContain(line)
      expect(await see('/')).toContain('My own')
      expect(cardIn(await see('/local', bobs))).toContain('By the')
      const strangers = await server.fetch('/local')
      expect(cardIn(await strangers.text())).toContain('By the')
    })
  })
})

describe('AI pictures', () => {
  const choose = (display: string) => send('/settings/filters/ai', [['ai_display', display]])

  test('are shown, blurred or left out as the reader chooses', async () => {
    expect(cardIn(await see('/'))).not.toContain('Filtered')
    expect((await choose('blur')).status).toBe(303)
    expect(await see('/settings/filters')).toMatch(/<option value="blur" selected/)
    for (const path of feeds)
      expect(cardIn(await see(path))).toMatch(/class="warned blurred".*Filtered: AI pictures/s)
    await choose('hide')
    for (const path of feeds) expect(cardIn(await see(path))).toBeUndefined()
    expect(cardIn(await see(`/@bob/${painted}`))).toContain('Filtered: AI pictures')
    await choose('show')
    for (const path of feeds) expect(cardIn(await see(path))).not.toContain('Filtered')
  })

  test('are named in the reader’s language', async () => {
    await choose('blur')
    await send('/settings/language', [['language', 'de']])
    expect(cardIn(await see('/'))).toContain('Gefiltert: KI-Bilder')
    await send('/settings/language', [['language', '']])
    await choose('show')
  })
})

describe('the page of filters', () => {
  const fields = (more: [string, string][] = []): [string, string][] => [
    ['title', 'Seas & "lakes"'],
    ['action', 'blur'],
    ['context', 'home'],
    ['context', 'thread'],
    ['duration', 'day'],
    ...more,
  ]
  const all = async () => (await server.fetch('/api/v2/filters', { as: alice })).json()

  test('makes, lists, changes and deletes them, without a script', async () => {
    expect(await see('/settings')).toContain('href="/settings/filters"')
    expect(await see('/settings/filters/new')).toContain('name="keyword-2"')
    const keywords: [string, string][] = [
      ['keyword-0', 'sea'],
      ['whole-0', '1'],
      ['keyword-1', ''],
      ['whole-1', '1'],
      ['keyword-2', 'lake'],
    ]
    const made = await send('/settings/filters', fields(keywords))
    expect([made.status, made.headers.get('location')]).toEqual([303, '/settings/filters?saved'])
    const [filter] = await all()
    expect(filter).toMatchObject({
      title: 'Seas & "lakes"',
      filter_action: 'blur',
      context: ['home', 'thread'],
      expires_at: expect.any(String),
      keywords: [
        { keyword: 'sea', whole_word: true },
        { keyword: 'lake', whole_word: false },
      ],
    })
    const list = await see('/settings/filters')
    expect(list).toContain(`href="/settings/filters/${filter.id}"`)
    expect(list).toContain('sea, lake')

    const path = `/settings/filters/${filter.id}`
    expect(await see(path)).toContain('value="Seas &amp; &quot;lakes&quot;"')
    const [sea, lake] = filter.keywords
    const changes: [string, string][] = [
      ['id-0', sea.id],
      ['keyword-0', ''],
      ['id-1', lake.id],
      ['keyword-1', 'lakes'],
      ['whole-1', '1'],
    ]
    const kept = fields(changes).map(([name, value]): [string, string] =>
      name === 'duration' ? [name, 'keep'] : [name, value],
    )
    expect((await send(path, kept)).status).toBe(303)
    expect(await all()).toMatchObject([
      { expires_at: filter.expires_at, keywords: [{ id: lake.id, keyword: 'lakes', whole_word: true }] },
    ])
    expect((await send(`${path}/delete`)).status).toBe(303)
    expect(await all()).toEqual([])
  })

  test('keeps what was typed when it cannot be used, and says why', async () => {
    const wrong = await send('/settings/filters', [
      ['title', 'Without a place'],
      ['keyword-0', '<kept>'],
    ])
    expect(wrong.status).toBe(422)
    const page = await wrong.text()
    expect(page).toContain('A filter needs a title, and at least one place')
    expect(page).toContain('value="Without a place"')
    expect(page).toContain('value="&lt;kept&gt;"')
    expect(await all()).toEqual([])
    const long = await send('/settings/filters', fields([['keyword-0', 'x'.repeat(513)]]))
    expect(long.status).toBe(422)
    expect(await all()).toEqual([])
  })

  test('is one’s own', async () => {
    await filtered({ action: 'hide' }, async () => {
      const [{ id }] = await all()
      const bobs = await visit(server, bob)
      const path = `/settings/filters/${id}`
      expect((await server.fetch(path, { headers: { cookie: bobs.cookie } })).status).toBe(404)
      for (const to of [path, `${path}/delete`]) expect((await send(to, fields(), bobs)).status).toBe(404)
      expect(await all()).toMatchObject([{ id, title: 'Seas <&>' }])
      const stranger = await server.fetch(path)
      expect(stranger.headers.get('location')).toMatch(/^\/sign-in/)
    })
  })
})
