import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { editNote } from '#src/notes/create.ts'
import { deleteNote } from '#src/notes/delete.ts'
import { noteForm, post } from '#tests/support/notes.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

let server: TestServer
let alice: TestPerson
let browser: Visitor
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  browser = await visit(server, alice)
})
afterAll(() => server.close())

const page = (path: string, headers: Record<string, string> = {}) =>
  server.fetch(path, { headers: { accept: 'text/html', 'accept-language': 'en', ...headers } })
const textOf = async (path: string, headers: Record<string, string> = {}) =>
  (await page(path, headers)).text()

describe('pages and feeds that strangers read', () => {
  const feeds = [
    '/',
    '/local',
    '/federated',
    '/@alice',
    '/tags/sea',
    '/api/v1/timelines/public',
    '/api/v1/timelines/tag/sea',
  ]

  it.each(feeds)('%s shows what was posted, edited and deleted a moment ago', async (path) => {
    await textOf(path)
    const { note } = await post(server, alice, { text: 'Low tide #sea' })
    expect(await textOf(path)).toContain('Low tide')
    await editNote(server.app, alice.accountId, note.id, noteForm({ text: 'High tide #sea' }))
    expect(await textOf(path)).toContain('High tide')
    await deleteNote(server.app, alice.accountId, note.id)
    expect(await textOf(path)).not.toContain('High tide')
  })

  it.each(feeds)('%s is known again by its tag, and told anew once it says something else', async (path) => {
    const first = await page(path)
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toBe('no-cache')
    const again = await page(path, { 'if-none-match': etag })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    const second = await page(path)
    for (const name of ['content-type', 'vary', 'etag', 'link', 'content-security-policy'])
      expect(second.headers.get(name), name).toBe(first.headers.get(name))
    await post(server, alice, { text: 'News #sea' })
    expect((await page(path, { 'if-none-match': etag })).status).toBe(200)
  })

  it.each(feeds.slice(0, 5))('%s is never one that somebody else saw', async (path) => {
    const asAlice = { cookie: browser.cookie }
    for (const mine of [false, true, false, true]) {
      const html = await textOf(path, mine ? asAlice : {})
      expect(html.includes(browser.csrf)).toBe(mine)
      expect(html.includes('/sign-in')).toBe(!mine)
    }
  })

  it('is in the language of who asks', async () => {
    expect(await textOf('/local')).toContain('<html lang="en"')
    expect(await textOf('/local', { 'accept-language': 'de' })).toContain('<html lang="de"')
    expect(await textOf('/local')).toContain('<html lang="en"')
  })

  it('counts each stranger’s requests by themselves, however they are answered', async () => {
    const left = async () =>
      Number((await page('/api/v1/timelines/public')).headers.get('x-ratelimit-remaining'))
    const before = await left()
    expect(await left()).toBe(before - 1)
  })
})

it('a timeline read with a token is not the one of strangers', async () => {
  const { note } = await post(server, alice)
  const path = '/api/v1/timelines/public?limit=1'
  const [stranger] = await (await server.fetch(path)).json()
  const [own] = await (await server.fetch(path, { as: alice })).json()
  expect(stranger).toMatchObject({ id: note.id })
  expect(stranger).not.toHaveProperty('favourited')
  expect(own).toMatchObject({ id: note.id, favourited: false })
  expect((await server.fetch(path, { as: alice })).headers.get('cache-control')).toBe('private, no-store')
})

it('a note that is not for everyone stays closed to strangers whoever read it before', async () => {
  const { note } = await post(server, alice, { visibility: 'followers', text: 'Swordfish' })
  const path = `/@alice/${note.id}`
  for (const mine of [false, true, false]) {
    const answer = await page(path, mine ? { cookie: browser.cookie } : {})
    expect(answer.status).toBe(mine ? 200 : 404)
    expect((await answer.text()).includes('Swordfish')).toBe(mine)
  }
})

it('a revoked token is refused at once', async () => {
  const carol = await server.person('carol')
  const read = async () => (await server.fetch('/api/v1/timelines/home', { as: carol })).status
  expect(await read()).toBe(200)
  await server.app.db
    .updateTable('access_tokens')
    .set({ revoked_at: new Date() })
    .where('account_id', '=', carol.accountId)
    .execute()
  expect(await read()).toBe(401)
})
