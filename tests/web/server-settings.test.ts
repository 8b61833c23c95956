import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSetting } from '#src/policies/settings.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

const path = '/admin/federation'
let server: TestServer
let olga: TestPerson
let peter: TestPerson
beforeAll(async () => {
  server = await startTestServer()
  olga = await server.person('olga', { role: 'owner' })
  peter = await server.person('peter')
})
afterAll(() => server.close())

async function browserOf(person: TestPerson) {
  const { cookie, csrf } = await visit(server, person)
  const headers = { cookie }
  const send = async (fields: Record<string, string>) =>
    (await server.fetch(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }), headers }))
      .status
  const read = async (from = path) => (await server.fetch(from, { headers })).text()
  return { read, send }
}

const isOn = (name: 'authorized_fetch' | 'label_pictures') => readSetting(server.app.db, name)

it('shows what is on, and keeps what an admin switches', async () => {
  const { read, send } = await browserOf(olga)
  expect(await read('/settings')).toContain(`href="${path}"`)
  expect(await read()).toMatch(/name="label_pictures"[^>]* checked/)
  expect(await read()).not.toMatch(/name="authorized_fetch"[^>]* checked/)
  expect(await send({ authorized_fetch: 'on' })).toBe(303)
  expect([await isOn('authorized_fetch'), await isOn('label_pictures')]).toEqual([true, false])
  const entries = await server.app.db.selectFrom('audit_log').select(['action', 'subject']).execute()
  expect(entries).toEqual(expect.arrayContaining([{ action: 'setting.change', subject: 'authorized_fetch' }]))
  expect(await send({ label_pictures: 'on' })).toBe(303)
  expect([await isOn('authorized_fetch'), await isOn('label_pictures')]).toEqual([false, true])
})

it('is nobody else’s', async () => {
  const { read, send } = await browserOf(peter)
  expect(await read('/settings')).not.toContain(path)
  expect(await read()).not.toContain('authorized_fetch')
  expect(await send({ authorized_fetch: 'on' })).toBe(404)
  expect((await server.fetch(path)).status).not.toBe(200)
  const { send: sendAsOwner } = await browserOf(olga)
  expect(await sendAsOwner({ authorized_fetch: 'on', csrf: 'forged' })).toBe(403)
  expect(await isOn('authorized_fetch')).toBe(false)
})
