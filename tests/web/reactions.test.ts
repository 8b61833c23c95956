import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { softPicture } from '#tests/media/pictures.ts'
import { post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

let server: TestServer
let olga: TestPerson
let alice: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  olga = await server.person('olga', { role: 'owner' })
  alice = await server.person('alice')
})
afterAll(() => server.close())

/** A browser with this person's session. */
async function browserOf(person: TestPerson) {
  const { cookie, csrf } = await visit(server, person)
  const headers = { cookie }
  return {
    read: async (path: string) => {
      const response = await server.fetch(path, { headers })
      return { status: response.status, page: await response.text() }
    },
    send: async (path: string, fields: Record<string, string | Blob>) => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ csrf, ...fields })) body.set(name, value)
      return (await server.fetch(path, { method: 'POST', body, headers })).status
    },
  }
}

const png = async () => new Blob([new Uint8Array(await softPicture(40, 40).png().toBuffer())])
const addPath = '/admin/emojis'

describe('the page of custom emoji', () => {
  it('adds one, shows it in notes and in the picker, and removes it', async () => {
    const browser = await browserOf(olga)
    expect(await browser.send(addPath, { shortcode: ':paint:', category: '', file: await png() })).toBe(303)
    expect((await browser.read(addPath)).page).toContain(':paint:')
    const { note } = await post(server, alice, { text: 'My :paint: box', summary: 'A :paint:' })
    const { page } = await browser.read(`/@alice/${note.id}`)
    expect(page.match(/<img class="emoji"[^>]+alt=":paint:"/g)).toHaveLength(2)
    expect(page).toContain('name="name" value="paint"')
    expect(await browser.send(`${addPath}/remove`, { shortcode: 'paint' })).toBe(303)
    expect((await browser.read(addPath)).page).not.toContain(':paint:')
    const log = await server.app.db.selectFrom('audit_log').select(['action', 'subject']).execute()
    expect(log).toEqual([
      { action: 'emoji.add', subject: 'paint' },
      { action: 'emoji.remove', subject: 'paint' },
    ])
  })

  it('says why one cannot be used', async () => {
    const browser = await browserOf(olga)
    expect(await browser.send(addPath, { shortcode: 'good', file: await png() })).toBe(303)
    expect(await browser.send(addPath, { shortcode: 'good', file: await png() })).toBe(422)
    expect(await browser.send(addPath, { shortcode: 'no good', file: await png() })).toBe(422)
    expect(await browser.send(addPath, { shortcode: 'svg', file: new Blob(['<svg onload="x()"/>']) })).toBe(
      422,
    )
    expect(await browser.send(addPath, { shortcode: 'none' })).toBe(422)
  })

  it('is there for nobody else', async () => {
    const browser = await browserOf(alice)
    expect((await browser.read(addPath)).status).toBe(404)
    expect(await browser.send(addPath, { shortcode: 'mine', file: await png() })).toBe(404)
    expect(await browser.send(`${addPath}/remove`, { shortcode: 'good' })).toBe(404)
    expect(await browser.send(addPath, { shortcode: 'mine', csrf: 'x' })).toBe(403)
  })
})

describe('reactions under a note', () => {
  it('are given and taken back without a script', async () => {
    const { note } = await post(server, alice, { text: 'React' })
    const path = `/@alice/${note.id}`
    const browser = await browserOf(olga)
    expect(await browser.send(`/notes/${note.id}/reactions`, { intent: 'give', name: '🔥' })).toBe(303)
    const { page } = await browser.read(path)
    expect(page).toMatch(/value="take"[^>]*aria-pressed="true"[^>]*aria-label="🔥, 1 reaction"/)
    const strangers = await (await server.fetch(path)).text()
    expect(strangers).toContain('🔥, 1 reaction')
    expect(strangers).not.toContain('class="picker"')
    expect(await browser.send(`/notes/${note.id}/reactions`, { intent: 'take', name: '🔥' })).toBe(303)
    expect((await browser.read(path)).page).not.toContain('1 reaction')
  })

  it('need a session and an emoji', async () => {
    const { note } = await post(server, alice, { text: 'React' })
    const browser = await browserOf(olga)
    const fields = { intent: 'give', name: 'x' }
    expect(await browser.send(`/notes/${note.id}/reactions`, fields)).toBe(422)
    const body = new URLSearchParams({ ...fields, name: '🔥' })
    const { status } = await server.fetch(`/notes/${note.id}/reactions`, { method: 'POST', body })
    expect([303, 401, 403]).toContain(status)
    expect((await browser.read(`/@alice/${note.id}`)).page).not.toContain('1 reaction')
  })
})
