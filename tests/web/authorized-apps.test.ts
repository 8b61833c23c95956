import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApplication } from '#src/auth/applications.ts'
import { issueCode, issueToken, redeemCode } from '#src/auth/grants.ts'
import { findSession, startSession } from '#src/auth/sessions.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Visitor, visit } from '#tests/support/visitor.ts'

const path = '/settings/apps'
const redirectUri = 'https://app.example/callback'
let server: TestServer
let alice: TestPerson
let bob: TestPerson
let browser: Visitor
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  bob = await server.person('bob')
  browser = await visit(server, alice)
})
afterAll(() => server.close())

async function anApp(name: string) {
  const website = 'https://app.example/'
  const scopes = ['read', 'write:statuses']
  const made = await createApplication(server.app, { name, website, redirectUris: [redirectUri], scopes })
  return made.application
}

const read = async () => (await server.fetch(path, { headers: { cookie: browser.cookie } })).text()

async function send(action: string, { cookie, csrf }: Visitor) {
  const body = new URLSearchParams({ csrf })
  return (await server.fetch(`${path}/${action}`, { method: 'POST', body, headers: { cookie } })).status
}

const statusWith = async (token: string) =>
  (
    await server.fetch('/api/v1/accounts/verify_credentials', {
      headers: { authorization: `Bearer ${token}` },
    })
  ).status

it('shows an app with its website, all it may do and when it was used, until it is taken back', async () => {
  expect(await (await server.fetch('/settings', { headers: { cookie: browser.cookie } })).text()).toContain(
    `href="${path}"`,
  )
  const application = await anApp('Paint & Co <b>')
  const issue = (scopes: string[]) =>
    issueToken(server.app, { application, accountId: alice.accountId, scopes })
  const tokens = [await issue(['read']), await issue(['write:statuses'])]
  expect(await read()).toContain('Not used yet')
  expect(await statusWith(tokens[0]?.token ?? '')).toBe(200)
  const page = await read()
  for (const part of ['Paint &amp; Co &lt;b&gt;', 'href="https://app.example/"', 'Last used'])
    expect(page).toContain(part)
  expect(page.match(/<code>[^<]+<\/code>/g)).toEqual(['<code>read</code>', '<code>write:statuses</code>'])
  expect(await send(`${application.id}/revoke`, browser)).toBe(303)
  expect(await read()).not.toContain('Paint &amp; Co')
  for (const { token } of tokens) expect(await statusWith(token)).toBe(401)
})

it('takes back a code that was not exchanged yet, too', async () => {
  const application = await anApp('Waiting')
  const viewer = { accountId: alice.accountId, role: 'user' as const }
  const wish = { application, viewer, redirectUri, scopes: ['read'], codeChallenge: undefined }
  const code = await issueCode(server.app, wish)
  const use = { redirectUri, codeVerifier: undefined }
  await send(`${application.id}/revoke`, browser)
  await expect(redeemCode(server.app, application, { code, ...use })).rejects.toThrow()
  const another = await issueCode(server.app, wish)
  await redeemCode(server.app, application, { code: another, ...use })
})

it('touches nobody else’s, and nothing without the form’s own token', async () => {
  const application = await anApp('Shared')
  const { token } = await issueToken(server.app, {
    application,
    accountId: alice.accountId,
    scopes: ['read'],
  })
  const bobs = await visit(server, bob)
  expect(await send(`${application.id}/revoke`, bobs)).toBe(303)
  expect(await send(`${application.id}/revoke`, { ...browser, csrf: 'forged' })).toBe(403)
  expect(await send('99999999999999999999/revoke', browser)).toBe(404)
  const stranger = await server.fetch(path)
  expect([stranger.status, stranger.headers.get('location')]).toEqual([
    303,
    '/sign-in?next=%2Fsettings%2Fapps',
  ])
  expect(await statusWith(token)).toBe(200)
})

it('names the browsers someone is signed in with, marks this one, and signs out of another', async () => {
  const other = await startSession(server.app, alice.userId, 'Lynx/2.9 <i>')
  const bobs = await startSession(server.app, bob.userId, 'Links of Bob')
  const page = await read()
  expect(page.match(/This browser/g)).toHaveLength(1)
  expect(page).toContain('Lynx/2.9 &lt;i&gt;')
  expect(page).not.toContain('Links of Bob')
  const id = (await findSession(server.app, other))?.sessionId ?? ''
  const bobsId = (await findSession(server.app, bobs))?.sessionId ?? ''
  expect(await send(`browsers/${bobsId}/end`, browser)).toBe(303)
  expect(await findSession(server.app, bobs)).toBeDefined()
  expect(await send(`browsers/${id}/end`, browser)).toBe(303)
  expect(await findSession(server.app, other)).toBeUndefined()
  expect(await read()).toContain('This browser')
})

it('shows twenty apps at a time', async () => {
  const apps = []
  for (let i = 0; i < 21; i++) apps.push(await anApp(`Many ${i}.`))
  for (const application of apps)
    await issueToken(server.app, { application, accountId: alice.accountId, scopes: ['read'] })
  const first = await read()
  expect(first).not.toContain('Many 0.')
  const next = /href="([^"]*max_id=\d+[^"]*)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const headers = { cookie: browser.cookie }
  expect(await (await server.fetch(next, { headers })).text()).toContain('Many 0.')
})
