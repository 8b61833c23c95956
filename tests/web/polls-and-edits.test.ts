import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { updateOwnMedia } from '#src/db/media.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { post } from '#tests/support/notes.ts'
import { storePainting } from '#tests/support/pictures.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

let server: TestServer
let alice: TestPerson
let bob: TestPerson
let alicesBrowser: Visitor
let bobsBrowser: Visitor

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  ;[alicesBrowser, bobsBrowser] = await Promise.all([visit(server, alice), visit(server, bob)])
})
afterAll(() => server?.close())

async function see(path: string, visitor?: Visitor): Promise<string> {
  const response = await server.fetch(path, visitor && { headers: { cookie: visitor.cookie } })
  expect([path, response.status]).toEqual([path, 200])
  return response.text()
}

function send(path: string, { cookie, csrf }: Visitor, fields: [string, string][]) {
  const body = new URLSearchParams([['csrf', csrf], ...fields])
  return server.fetch(path, { method: 'POST', body, headers: { cookie, 'sec-fetch-site': 'same-origin' } })
}

const article = (page: string) => /<div class="poll".*?<p class="hint">.*?<\/p>/s.exec(page)?.[0] ?? ''

describe('a question', () => {
  const ask = async (isMultiple = false) => {
    const poll = { titles: ['Oil & <ink>', 'Chalk'], isMultiple, expiresInSeconds: 600 }
    const { note } = await post(server, alice, { text: 'With what?', poll })
    return { id: note.id, path: `/@alice/${note.id}` }
  }

  test('is answered by a form that needs no script, once', async () => {
    const { id, path } = await ask()
    const form = article(await see(path, bobsBrowser))
    expect(form).toContain(`action="/notes/${id}/vote"`)
    expect(form.match(/type="radio" name="choice"/g)).toHaveLength(2)
    expect(form).toContain('Oil &amp; &lt;ink&gt;')
    const answer = await send(`/notes/${id}/vote`, bobsBrowser, [
      ['choice', '1'],
      ['back', path],
    ])
    expect([answer.status, answer.headers.get('location')]).toEqual([303, path])
    const results = article(await see(path, bobsBrowser))
    expect(results).not.toContain('<form')
    expect(results).toMatch(/Chalk.*Your choice.*100%.*1 vote</s)
    expect((await send(`/notes/${id}/vote`, bobsBrowser, [['choice', '0']])).status).toBe(422)
  })

  test('shows strangers and its author the counts', async () => {
    const { path } = await ask()
    for (const visitor of [undefined, alicesBrowser]) {
      const results = article(await see(path, visitor))
      expect(results).not.toContain('<form')
      expect(results).toMatch(/0%.*0 votes.*Ends <time/s)
    }
  })

  test('takes several choices where it may, and none for none', async () => {
    const { id, path } = await ask(true)
    expect(article(await see(path, bobsBrowser)).match(/type="checkbox"/g)).toHaveLength(2)
    expect((await send(`/notes/${id}/vote`, bobsBrowser, [['back', path]])).status).toBe(303)
    await send(`/notes/${id}/vote`, bobsBrowser, [
      ['choice', '0'],
      ['choice', '1'],
    ])
    expect(article(await see(path, bobsBrowser))).toMatch(/100%.*100%.*1 person/s)
  })

  test('refuses junk in words', async () => {
    const { id } = await ask()
    for (const choice of ['9', '-1', 'x', ''.padEnd(1_000, '9')])
      expect((await send(`/notes/${id}/vote`, bobsBrowser, [['choice', choice]])).status).toBe(422)
    expect((await send('/notes/1/vote', bobsBrowser, [['choice', '0']])).status).toBe(404)
  })

  test('says that it has ended', async () => {
    const { id, path } = await ask()
    server.clock.advance(601_000)
    await server.settle()
    expect(article(await see(path, bobsBrowser))).toMatch(/Ended <time/)
    expect(await see('/notifications', alicesBrowser)).toContain('Your poll has ended')
    expect((await send(`/notes/${id}/vote`, bobsBrowser, [['choice', '0']])).status).toBe(422)
  })

  test('is asked in the composer', async () => {
    expect(await see('/compose', alicesBrowser)).toContain('name="poll_option"')
    const options: [string, string][] = ['Oil', '', 'Ink', ''].map((option) => ['poll_option', option])
    const fields: [string, string][] = [
      ['intent', 'post'],
      ['text', 'And you?'],
      ['poll_duration', '1800'],
      ['poll_multiple', '1'],
    ]
    const answer = await send('/compose', alicesBrowser, [...fields, ...options])
    expect(answer.status).toBe(303)
    const view = await loadNoteView(
      server.app.db,
      answer.headers.get('location')?.split('/').at(-1) ?? '',
      null,
    )
    expect(view.poll).toMatchObject({ is_multiple: true, options: [{ title: 'Oil' }, { title: 'Ink' }] })
    const refused = await send('/compose', alicesBrowser, [...fields, ['poll_option', 'Oil']])
    expect(refused.status).toBe(422)
    const page = await refused.text()
    expect(page).toContain('two to four different options')
    expect(page).toContain('value="Oil"')
  })
})

describe('an edit', () => {
  test('changes words, warning and descriptions, and keeps the rest', async () => {
    const painting = await storePainting(server, alice)
    const { note } = await post(server, alice, {
      text: 'Frist',
      mediaIds: [painting.id],
      remixPolicy: 'anyone',
      promptVisibility: 'public',
    })
    const path = `/@alice/${note.id}`
    expect(await see(path, alicesBrowser)).toContain(`href="/compose?edit=${note.id}"`)
    expect(await see(path, bobsBrowser)).not.toContain('/compose?edit=')
    const form = await see(`/compose?edit=${note.id}`, alicesBrowser)
    expect(form).toMatch(/name="text"[^>]*>\s*Frist/)
    expect(form).toContain('A lighthouse in a storm')
    const answer = await send(`/notes/${note.id}/edit`, alicesBrowser, [
      ['text', 'First'],
      ['summary', 'Wind'],
      [`alt-${painting.id}`, 'A storm'],
    ])
    expect([answer.status, answer.headers.get('location')]).toEqual([303, path])
    const view = await loadNoteView(server.app.db, note.id, null)
    expect(view).toMatchObject({
      note: {
        content_html: '<p>First</p>',
        summary: 'Wind',
        is_sensitive: true,
        remix_policy: 'anyone',
        prompt_visibility: 'public',
        language: 'en',
      },
      media: [{ description: 'A storm' }],
    })
    const page = await see(path)
    expect(page).toMatch(/<details class="versions">.*2 versions.*First.*Frist.*A lighthouse in a storm/s)
  })

  test('that says nothing, or too much, is shown again', async () => {
    const { note } = await post(server, alice, { text: 'Something' })
    const blank = await send(`/notes/${note.id}/edit`, alicesBrowser, [
      ['text', ' '],
      ['summary', 'kept'],
    ])
    expect(blank.status).toBe(422)
    expect(await blank.text()).toMatch(/Write something.*/s)
    const long = await send(`/notes/${note.id}/edit`, alicesBrowser, [['text', 'x'.repeat(5_001)]])
    expect(long.status).toBe(422)
    expect(await long.text()).toContain('too long')
    expect(await loadNoteView(server.app.db, note.id, null)).toMatchObject({ note: { edited_at: null } })
  })

  test('is for one’s own notes alone', async () => {
    const { note } = await post(server, alice, { text: 'Mine' })
    const status = async (path: string, visitor: Visitor) =>
      (await server.fetch(path, { headers: { cookie: visitor.cookie } })).status
    expect(await status(`/compose?edit=${note.id}`, bobsBrowser)).toBe(404)
    expect(await status('/compose?edit=junk', bobsBrowser)).toBe(404)
    expect((await send(`/notes/${note.id}/edit`, bobsBrowser, [['text', 'Yours']])).status).toBe(404)
    expect((await server.fetch(`/compose?edit=${note.id}`)).status).toBe(303)
  })
})

describe('films and sounds', () => {
  test('of others play where they stand, and are not fetched before', async () => {
    const { note } = await post(server, alice, { text: 'Film' })
    const remote = {
      account_id: alice.accountId,
      note_id: note.id,
      remote_url: 'https://cdn.example/film.mp4',
    }
    const film = await server.app.db
      .insertInto('media')
      .values({
        ...remote,
        kind: 'video',
        media_type: 'video/mp4',
        width: 640,
        height: 360,
        preview_remote_url: 'https://cdn.example/film.jpg',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await updateOwnMedia(server.app.db, film.id, alice.accountId, { description: 'Waves' })
    await server.app.db
      .insertInto('media')
      .values({ ...remote, kind: 'audio', media_type: 'audio/mpeg', position: 1 })
      .execute()
    const page = await see(`/@alice/${note.id}`)
    expect(page).toMatch(/<video[^>]*preload="none"/)
    expect(page).toMatch(/<video[^>]*poster="/)
    expect(page).toMatch(/<video[^>]*aria-label="Waves"/)
    expect(page).toMatch(/<audio[^>]*controls/)
  })

  const film = new Uint8Array(
    Buffer.from('0000002066747970697336d0000002006973366d69736f326176633161766331', 'hex'),
  )
  const sound = new Uint8Array(Buffer.from(`494433040000000000${'00'.repeat(64)}`, 'hex'))

  test.each([
    ['video/mp4', film],
    ['audio/mpeg', sound],
  ])('%s of our own people is refused in words', async (type, bytes) => {
    const body = new FormData()
    body.set('file', new Blob([bytes], { type }), 'upload')
    const api = await server.fetch('/api/v2/media', { as: alice, method: 'POST', body })
    expect(api.status).toBe(422)
    expect(await api.json()).toMatchObject({ error: expect.stringMatching(/JPEG, PNG/) })
    const { cookie, csrf } = alicesBrowser
    for (const [name, value] of Object.entries({ csrf, intent: 'upload' })) body.set(name, value)
    const page = await server.fetch('/compose', {
      method: 'POST',
      body,
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    })
    expect(page.status).toBe(422)
    expect(await page.text()).toContain('JPEG, PNG')
  })
})
