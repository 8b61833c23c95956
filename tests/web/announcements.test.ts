import { afterAll, beforeAll, expect, it } from 'vitest'
import { listAnnouncements } from '#src/db/announcements.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

const path = '/admin/announcements'
let server: TestServer
let olga: TestPerson
let peter: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  olga = await server.person('olga', { role: 'owner' })
  peter = await server.person('peter', { role: 'moderator' })
})
afterAll(() => server.close())

async function browserOf(person: TestPerson) {
  const { cookie, csrf } = await visit(server, person)
  const headers = { cookie }
  const send = async (fields: Record<string, string>, to = path) => {
    const body = new URLSearchParams({ csrf, ...fields })
    const response = await server.fetch(to, { method: 'POST', body, headers })
    return { status: response.status, text: await response.text() }
  }
  const read = async () => (await server.fetch(path, { headers })).text()
  return { read, send }
}

const said = async () => (await listAnnouncements(server.app.db, 10)).map(({ text }) => text)

it('lets an admin announce something, and withdraw it', async () => {
  const { read, send } = await browserOf(olga)
  const fields = { text: 'Closed on Sunday', starts: '2026-01-02T10:00', ends: '' }
  expect((await send(fields)).status).toBe(303)
  const [announcement] = await listAnnouncements(server.app.db, 10)
  expect(announcement).toMatchObject({ text: 'Closed on Sunday', ends_at: null })
  expect(announcement?.starts_at?.toISOString()).toBe('2026-01-02T10:00:00.000Z')
  expect(await read()).toContain('<p>Closed on Sunday</p>')
  expect((await send({ id: announcement?.id ?? '' }, `${path}/remove`)).status).toBe(303)
  expect(await said()).toEqual([])
})

it.each([
  ['no words', { text: ' ', starts: '', ends: '' }],
  ['a time that there is not', { text: 'Kept as it was', starts: 'soon', ends: '' }],
  ['an end before its beginning', { text: 'Kept', starts: '2026-01-02T10:00', ends: '2026-01-01T10:00' }],
])('gives back what was typed with %s', async (_, fields) => {
  const { send } = await browserOf(olga)
  const { status, text } = await send(fields)
  expect(status).toBe(422)
  expect(text).toContain(fields.text.trim())
  expect(await said()).toEqual([])
})

it('is nobody else’s, moderators included', async () => {
  const { read, send } = await browserOf(peter)
  expect(await read()).not.toContain('datetime-local')
  const fields = { text: 'Mine', starts: '', ends: '' }
  expect((await send(fields)).status).toBe(404)
  expect((await send({ id: '1' }, `${path}/remove`)).status).toBe(404)
  const { send: sendAsOwner } = await browserOf(olga)
  expect((await sendAsOwner({ ...fields, csrf: 'forged' })).status).toBe(403)
  expect((await sendAsOwner({ id: 'x' }, `${path}/remove`)).status).toBe(404)
  expect(await said()).toEqual([])
})
