import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { knownScopes } from '#src/auth/scopes.ts'
import { startSession } from '#src/auth/sessions.ts'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'

// As apps of the network use it, over real HTTP; oauth.test.ts has the protocol's faults.
let server: TestServer
let alice: TestPerson
let cookie: string
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  cookie = `session=${await startSession(server.app, alice.userId, 'test')}`
})
afterAll(() => server.close())

const credentials = z.looseObject({ id: z.string(), client_id: z.string(), client_secret: z.string() })
type Client = z.infer<typeof credentials>

const callback = 'https://app.example/callback'
// As Elk registers its own: the address of this server stands encoded in the path.
const encoded = 'https://elk.example/api/http%3A%2F%2Flocalhost/oauth/https%3A%2F%2Felk.example'

async function register(fields: Record<string, unknown> = {}): Promise<Client> {
  const json = { client_name: 'Elk', redirect_uris: callback, scopes: 'read write profile', ...fields }
  const response = await server.fetch('/api/v1/apps', { json })
  expect(response.status).toBe(200)
  return credentials.parse(await response.json())
}

type Wishes = Record<string, string>

function ask(client: Client, wishes: Wishes = {}, path = '/oauth/authorize') {
  const fields = { response_type: 'code', client_id: client.client_id, redirect_uri: callback, scope: 'read' }
  return server.fetch(`${path}?${new URLSearchParams({ ...fields, ...wishes })}`, { headers: { cookie } })
}

function post(path: string, fields: Wishes, headers: Wishes = {}) {
  return server.fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers })
}

/** What a person who reads the page and presses the button sends. */
async function allow(client: Client, wishes: Wishes = {}, path = '/oauth/authorize'): Promise<Response> {
  const page = await (await ask(client, wishes, path)).text()
  const fields = [...page.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')],
  )
  return post(path, { ...Object.fromEntries(fields), step: 'allow' }, { cookie })
}

async function exchange(client: Client, code: string, redirectUri = callback): Promise<string> {
  const response = await post('/oauth/token', {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    client_secret: client.client_secret,
    redirect_uri: redirectUri,
    code,
  })
  expect(response.status).toBe(200)
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token
}

const codeOf = (response: Response) =>
  new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''

const grant = async (client: Client, wishes: Wishes = {}) =>
  exchange(client, codeOf(await allow(client, wishes)))

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('where the answer goes', () => {
  test('each of several registered addresses is taken as it stands, an encoded one too', async () => {
    const client = await register({ redirect_uris: [callback, encoded] })
    const wishes = [
      [callback, 'read'],
      [encoded, 'write'],
    ] as const
    for (const [redirect_uri, scope] of wishes) {
      const back = (await allow(client, { redirect_uri, scope })).headers.get('location') ?? ''
      expect(back.startsWith(`${redirect_uri}?code=`)).toBe(true)
      await exchange(client, new URL(back).searchParams.get('code') ?? '', redirect_uri)
    }
  })

  test.each([
    ['decoded', decodeURIComponent(encoded)],
    ['encoded once more', encodeURI(encoded)],
    ['in another case of its escapes', encoded.replaceAll('%2F', '%2f')],
    ['with a slash at its end', `${callback}/`],
    ['both in one', `${callback}\n${encoded}`],
  ])('%s it is another address', async (_name, redirect_uri) => {
    const client = await register({ redirect_uris: `${callback}\n${encoded}` })
    expect((await ask(client, { redirect_uri })).status).toBe(400)
    expect((await ask(client)).status).toBe(200)
  })

  test('a code for one registered address is not exchanged with another', async () => {
    const client = await register({ redirect_uris: `${callback} ${encoded}` })
    const code = codeOf(await allow(client))
    const fields = { grant_type: 'authorization_code', ...clientOf(client), code, redirect_uri: encoded }
    expect((await post('/oauth/token', fields)).status).toBe(400)
    await exchange(client, code)
  })
})

const clientOf = ({ client_id, client_secret }: Client) => ({ client_id, client_secret })

describe('a second visit', () => {
  test('for what was allowed before asks nothing and carries the state', async () => {
    const client = await register()
    await grant(client, { scope: 'read write' })
    const again = await ask(client, { scope: 'write read', state: 'a&b' })
    expect(again.status).toBe(303)
    expect(new URL(again.headers.get('location') ?? '').searchParams.get('state')).toBe('a&b')
    await exchange(client, codeOf(again))
  })

  test('for more, for less or by another app asks', async () => {
    const [client, other] = [await register(), await register()]
    await grant(client, { scope: 'read' })
    for (const scope of ['read write', 'read:statuses', 'write']) {
      expect((await ask(client, { scope })).status).toBe(200)
    }
    expect((await ask(other, { scope: 'read' })).status).toBe(200)
  })

  test('asks for the password with force_login, and once more after the token ended', async () => {
    const client = await register()
    const token = await grant(client)
    expect(await (await ask(client, { force_login: 'true' })).text()).toContain('type="password"')
    expect((await ask(client)).status).toBe(303)
    expect((await post('/oauth/revoke', { ...clientOf(client), token })).status).toBe(200)
    expect((await ask(client)).status).toBe(200)
  })

  test('with no code for an address that shows it on a page', async () => {
    const redirect_uri = 'urn:ietf:wg:oauth:2.0:oob'
    const client = await register({ redirect_uris: redirect_uri })
    const shown = async (response: Response) => /<output>([^<]+)<\/output>/.exec(await response.text())?.[1]
    const first = (await shown(await allow(client, { redirect_uri }))) ?? ''
    await exchange(client, first, redirect_uri)
    const second = (await shown(await ask(client, { redirect_uri }))) ?? ''
    expect(second).not.toBe(first)
    await exchange(client, second, redirect_uri)
  })
})

test('a person who only wants admin rights by asking for them is told so at the app', async () => {
  const client = await register({ scopes: 'read admin:read' })
  const response = await ask(client, { scope: 'admin:read', state: 's' })
  const back = new URL(response.headers.get('location') ?? '')
  expect([back.searchParams.get('error'), back.searchParams.get('state')]).toEqual(['invalid_scope', 's'])
  expect(await (await ask(client, { scope: 'read admin:read' })).text()).not.toContain('admin:read</code>')
})

test('slashes at the end of every path are taken', async () => {
  const client = await register()
  const code = codeOf(await allow(client, {}, '/oauth/authorize/'))
  const fields = { grant_type: 'authorization_code', ...clientOf(client), redirect_uri: callback, code }
  const { access_token } = await (await post('/oauth/token/', fields)).json()
  for (const path of ['/api/v1/apps/verify_credentials/', '/.well-known/oauth-authorization-server/'])
    expect((await server.fetch(path, bearer(access_token))).status).toBe(200)
  expect((await server.fetch('/oauth/userinfo/', bearer(access_token))).status).toBe(403)
  expect((await post('/oauth/revoke/', { ...clientOf(client), token: access_token })).status).toBe(200)
})

describe('revoking', () => {
  test('another client’s token is forbidden and changes nothing', async () => {
    const [client, other] = [await register(), await register()]
    const token = await grant(client)
    const refused = await post('/oauth/revoke', { ...clientOf(other), token })
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: 'unauthorized_client', error_description: 'You are not authorized to revoke this token' },
    ])
    expect((await post('/oauth/revoke', { ...clientOf(client), client_secret: 'x', token })).status).toBe(401)
    expect((await server.fetch('/api/v1/accounts/verify_credentials', bearer(token))).status).toBe(200)
  })

  test('an unknown token, or the same one twice, is answered as if all were well', async () => {
    const client = await register()
    const token = await grant(client)
    for (const each of ['never issued', token, token]) {
      const response = await post('/oauth/revoke', { ...clientOf(client), token: each })
      expect([response.status, await response.json()]).toEqual([200, {}])
    }
    expect((await server.fetch('/api/v1/accounts/verify_credentials', bearer(token))).status).toBe(401)
  })
})

describe('who signed in', () => {
  test('is told to an app with the profile scope alone, and nothing else is', async () => {
    const token = await grant(await register(), { scope: 'profile' })
    for (const method of ['GET', 'POST']) {
      const response = await server.fetch('/oauth/userinfo', { method, ...bearer(token) })
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect([response.status, await response.json()]).toEqual([
        200,
        {
          iss: server.url,
          sub: alice.account.uri,
          name: '',
          preferred_username: 'alice',
          profile: `${server.url}/@alice`,
          picture: expect.stringMatching(/^http/),
        },
      ])
    }
    const status = async (path: string) => (await server.fetch(path, bearer(token))).status
    expect(await status('/api/v1/accounts/verify_credentials')).toBe(200)
    expect(await status('/api/v1/timelines/home')).toBe(403)
  })

  test('is not told without it', async () => {
    const token = await grant(await register(), { scope: 'read write' })
    expect((await server.fetch('/oauth/userinfo', bearer(token))).status).toBe(403)
    expect((await server.fetch('/oauth/userinfo')).status).toBe(401)
  })
})

test('an app learns who it is by its own token and by a person’s', async () => {
  const client = await register({ website: 'https://elk.example/' })
  const fields = { grant_type: 'client_credentials', ...clientOf(client) }
  const { access_token } = await (await post('/oauth/token', fields)).json()
  for (const token of [access_token, await grant(client)]) {
    const response = await server.fetch('/api/v1/apps/verify_credentials', bearer(token))
    expect(await response.json()).toEqual({
      id: client.id,
      name: 'Elk',
      website: 'https://elk.example/',
      scopes: ['read', 'write', 'profile'],
      redirect_uri: callback,
      redirect_uris: [callback],
      vapid_key: expect.any(String),
    })
  }
  expect((await server.fetch('/api/v1/apps/verify_credentials')).status).toBe(401)
})

test('the metadata is what RFC 8414 and Mastodon’s apps read, and leads where it says', async () => {
  const metadata = await (await server.fetch('/.well-known/oauth-authorization-server')).json()
  expect(metadata).toEqual({
    issuer: server.url,
    authorization_endpoint: `${server.url}/oauth/authorize`,
    token_endpoint: `${server.url}/oauth/token`,
    revocation_endpoint: `${server.url}/oauth/revoke`,
    userinfo_endpoint: `${server.url}/oauth/userinfo`,
    app_registration_endpoint: `${server.url}/api/v1/apps`,
    service_documentation: 'https://docs.joinmastodon.org/',
    scopes_supported: knownScopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'password'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
  })
  for (const path of ['/oauth/token', '/oauth/revoke', '/oauth/userinfo', '/api/v1/apps', '/api/v2/instance'])
    expect(await preflight(path)).toBe('*')
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/webfinger'])
    expect(await preflight(path)).toBe('*')
})

async function preflight(path: string) {
  const headers = { origin: 'https://web.example', 'access-control-request-method': 'POST' }
  const response = await server.fetch(path, { method: 'OPTIONS', headers })
  expect(response.status).toBe(204)
  return response.headers.get('access-control-allow-origin')
}

test('an app that asks for a language gets it, after a wrong password too', async () => {
  const client = await register()
  const fields = { response_type: 'code', client_id: client.client_id, redirect_uri: callback, scope: 'read' }
  const asked = await server.fetch(`/oauth/authorize?${new URLSearchParams({ ...fields, lang: 'ko' })}`)
  const page = await asked.text()
  expect(page).toContain('<html lang="ko">')
  const action = /action="([^"]+)"/.exec(page)?.[1] ?? ''
  const wrong = await post(action, { ...fields, step: 'sign-in', login: 'alice', password: 'wrong one' })
  expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining('<html lang="ko">')])
})

test('every scope can be asked for, and is described to the person in their language', async () => {
  const olga = await server.person('olga', { role: 'owner' })
  const client = await register({ scopes: knownScopes.join(' ') })
  const own = `session=${await startSession(server.app, olga.userId, 'test')}`
  const fields = { response_type: 'code', client_id: client.client_id, redirect_uri: callback }
  for (const language of ['en', 'it', 'de', 'ko']) {
    const query = new URLSearchParams({ ...fields, scope: knownScopes.join(' ') })
    const headers = { cookie: own, 'accept-language': language }
    const page = await (await server.fetch(`/oauth/authorize?${query}`, { headers })).text()
    const lines = [...page.matchAll(/<li>(.*?) <code>(.*?)<\/code>/g)]
    expect(lines.map(([, , scope]) => scope)).toEqual(knownScopes)
    expect(new Set(lines.map(([, words]) => words)).size).toBe(knownScopes.length)
    expect(page).not.toContain('undefined')
  }
})
