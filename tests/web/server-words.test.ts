import { afterAll, beforeAll, expect, it } from 'vitest'
import { listRules } from '#src/db/server-words.ts'
import { readServerWords } from '#src/policies/server-words.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { visit } from '#tests/support/visitor.ts'

const path = '/admin/words'
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
  const send = (fields: [string, string][], token = csrf) =>
    server.fetch(path, { method: 'POST', body: new URLSearchParams([['csrf', token], ...fields]), headers })
  const read = async () => (await server.fetch(path, { headers })).text()
  return { read, send }
}

const pageAt = async (at: string) => {
  const response = await server.fetch(at)
  return { status: response.status, text: await response.text() }
}

const filled: [string, string][] = [
  ['title', 'The Harbour'],
  ['description', 'Boats and brushes'],
  ['about', 'We paint boats.\r\n\r\nAnd <harbours>.'],
  ['privacy', 'We keep little.'],
  ['rule', 'Be kind'],
  ['hint', 'Always'],
  ['rule', ''],
  ['hint', ''],
  ['terms', 'Be nice.'],
  ['day', '2999-01-01'],
]

it('keeps what an admin writes, and shows it to everyone', async () => {
  const { read, send } = await browserOf(olga)
  expect((await send(filled)).status).toBe(303)
  const page = await read()
  for (const text of ['The Harbour', 'We paint boats.', 'Be kind', 'Always', 'Be nice.', '2999-01-01'])
    expect(page).toContain(text)
  const about = await pageAt('/about')
  expect(about.text).toContain('<p>We paint boats.</p><p>And &lt;harbours&gt;.</p>')
  expect(about.text).toContain('Be kind')
  expect(about.text).toContain('href="/privacy"')
  expect((await pageAt('/privacy')).text).toContain('<p>We keep little.</p>')
  // They do not hold yet.
  expect(about.text).not.toContain('href="/terms"')
  expect((await pageAt('/terms')).status).toBe(404)
})

it('changes nothing when it is sent again as it stands', async () => {
  const { send } = await browserOf(olga)
  const before = await readServerWords(server.app.db)
  const rules = await listRules(server.app.db)
  expect((await send(filled)).status).toBe(303)
  expect(await readServerWords(server.app.db)).toEqual(before)
  expect(await listRules(server.app.db)).toEqual(rules)
})

it('gives back what was typed when something is wrong with it', async () => {
  const { send } = await browserOf(olga)
  const answer = await send([...filled.filter(([name]) => name !== 'day'), ['day', '2001-01-01']])
  expect(answer.status).toBe(422)
  const text = await answer.text()
  expect(text).toContain('2001-01-01')
  expect(text).toContain('Please give a day from today on')
  const long = await send([['title', 'x'.repeat(101)]])
  expect([long.status, await long.text()]).toEqual([422, expect.stringContaining('x'.repeat(101))])
})

it('shows terms from their day on, and when others follow', async () => {
  const { send } = await browserOf(olga)
  const today = server.app.clock.now().toISOString().slice(0, 10)
  await send([...filled.slice(0, 8), ['terms', 'Be nice now.'], ['day', today]])
  const { status, text } = await pageAt('/terms')
  expect(status).toBe(200)
  expect(text).toContain('<p>Be nice now.</p>')
  expect(text).toContain(`In force since ${today}. From 2999-01-01 on others hold.`)
  expect((await pageAt('/about')).text).toContain('href="/terms"')
})

it('is nobody else’s', async () => {
  const { read, send } = await browserOf(peter)
  expect(await read()).not.toContain('name="privacy"')
  expect((await send(filled)).status).toBe(404)
  const { send: sendAsOwner } = await browserOf(olga)
  const forged = filled.map(([name, value]): [string, string] =>
    name === 'title' ? [name, 'Taken'] : [name, value],
  )
  expect((await sendAsOwner(forged, 'forged')).status).toBe(403)
  expect((await readServerWords(server.app.db)).title).toBe('The Harbour')
})
