import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRetention } from '#src/policies/retention.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

const path = '/admin/retention'
let server: TestServer
let olga: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  olga = await server.person('olga', { role: 'owner' })
})
afterAll(() => server.close())

async function browserOf(person: TestPerson) {
  const { cookie, csrf } = await visit(server, person)
  const headers = { cookie }
  const send = async (fields: Record<string, string>) => {
    const body = new URLSearchParams({ csrf, ...fields })
    const answer = await server.fetch(path, { method: 'POST', body, headers })
    return { status: answer.status, page: await answer.text() }
  }
  const read = async (from = path) => {
    const answer = await server.fetch(from, { headers })
    return { status: answer.status, page: await answer.text() }
  }
  return { read, send }
}

const usual = {
  remoteNotesDays: '90',
  followedNotesDays: '180',
  notificationsDays: '180',
  accountsDays: '180',
  cardsDays: '30',
  deadJobsDays: '30',
  remoteMediaMb: '5120',
}

it('shows what is kept, and keeps what an admin decides', async () => {
  const { read, send } = await browserOf(olga)
  expect((await read('/settings')).page).toContain(`href="${path}"`)
  const { page } = await read()
  for (const [name, value] of Object.entries(usual)) {
    expect(page).toMatch(new RegExp(`<input id="${name}"[^>]* value="${value}"`))
  }
  expect((await send({ ...usual, remoteNotesDays: '30' })).status).toBe(303)
  expect(await readRetention(server.app.db)).toMatchObject({ remoteNotesDays: 30, remoteMediaMb: 5_120 })
})

it.each([
  ['accountsDays', '-5'],
  ['accountsDays', '1.5'],
  ['accountsDays', ''],
  ['cardsDays', '99999999999999999999'],
  ['remoteMediaMb', '1'],
  ['notificationsDays', '<script>'],
])('says where %s is %s', async (name, value) => {
  const before = await readRetention(server.app.db)
  const { status, page } = await (await browserOf(olga)).send({ ...usual, [name]: value })
  expect(status).toBe(422)
  expect(page).toMatch(new RegExp(`<input id="${name}"[^>]* aria-invalid="true"`))
  expect(page).not.toContain('<script>')
  expect(await readRetention(server.app.db)).toEqual(before)
})

it('is there for nobody else', async () => {
  const before = await readRetention(server.app.db)
  for (const role of ['user', 'moderator'] as const) {
    const { read, send } = await browserOf(await server.person(`some${role}`, { role }))
    expect((await read('/settings')).page).not.toContain(path)
    expect((await read()).status).toBe(404)
    expect((await send({ ...usual, remoteNotesDays: '1' })).status).toBe(404)
  }
  expect([302, 303, 401]).toContain((await server.fetch(path)).status)
  expect(await readRetention(server.app.db)).toEqual(before)
})
