import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { register } from '#src/accounts/register.ts'
import { requireScope } from '#src/api/bearer.ts'
import { createApiFrame } from '#src/api/frame.ts'
import { appRoutes } from '#src/api/mastodon/apps.ts'
import { oauthRoutes } from '#src/api/oauth.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'

let bare: BareApp
let server: Hono
beforeAll(async () => {
  bare = await createBareApp()
  server = new Hono({ strict: false })
    .route('/oauth', oauthRoutes(bare.app))
    .route('/api/v1/apps', createApiFrame(bare.app).route('/', appRoutes(bare.app)))
    .route(
      '/api/v1/me',
      createApiFrame(bare.app)
        .get('/', requireScope('read:accounts'), (c) => c.json({ id: c.var.viewer.accountId }))
        .post('/', requireScope('write:accounts'), (c) => c.json({})),
    )
  await register(bare.app, {
    username: 'alice',
    email: 'alice@mail.example',
    passwordHash: await hashPassword(password),
    role: 'user',
    confirmed: true,
    approved: true,
  })
})
afterAll(() => bare.close())

const password = 'a long enough password'
const redirectUri = 'https://app.example/callback?x=1'
const credentials = z.looseObject({ client_id: z.string(), client_secret: z.string() })
type Client = z.infer<typeof credentials>

function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return server.request(path, { method: 'POST', body: new URLSearchParams(fields), headers })
}

async function createClient(scopes = 'read write follow push', redirectUris = redirectUri): Promise<Client> {
  const response = await post('/api/v1/apps', {
    client_name: 'Test app',
    redirect_uris: redirectUris,
    scopes,
  })
  expect(response.status).toBe(200)
  return credentials.parse(await response.json())
}

const asClient = ({ client_id, client_secret }: Client) => ({ client_id, client_secret })

async function signIn(client: Client, extra: Record<string, string> = {}): Promise<string> {
  const response = await post('/oauth/authorize', {
    ...authorizeFields(client),
    ...extra,
    step: 'sign-in',
    login: 'alice',
    password,
  })
  expect(response.status).toBe(303)
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

const authorizeFields = (client: Client, extra: Record<string, string> = {}) => ({
  response_type: 'code',
  client_id: client.client_id,
  redirect_uri: redirectUri,
  scope: 'read write',
  state: 'st&te=ä',
  ...extra,
})

function ask(client: Client, extra: Record<string, string> = {}, cookie = '') {
  return server.request(`/oauth/authorize?${new URLSearchParams(authorizeFields(client, extra))}`, {
    headers: { cookie },
  })
}

async function csrfOf(client: Client, cookie: string, extra: Record<string, string> = {}): Promise<string> {
  const page = await (await ask(client, extra, cookie)).text()
  return /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
}

async function authorize(client: Client, extra: Record<string, string> = {}): Promise<string> {
  const cookie = await signIn(client)
  const fields = {
    ...authorizeFields(client, extra),
    step: 'allow',
    csrf: await csrfOf(client, cookie, extra),
  }
  const response = await post('/oauth/authorize', fields, { cookie })
  expect(response.status).toBe(303)
  const back = new URL(response.headers.get('location') ?? '')
  expect(back.origin + back.pathname).toBe('https://app.example/callback')
  expect(back.searchParams.get('x')).toBe('1')
  expect(back.searchParams.get('state')).toBe('st&te=ä')
  return back.searchParams.get('code') ?? ''
}

function exchange(client: Client, code: string, extra: Record<string, string> = {}) {
  return post('/oauth/token', {
    grant_type: 'authorization_code',
    ...asClient(client),
    redirect_uri: redirectUri,
    code,
    ...extra,
  })
}

const tokenSchema = z.looseObject({ access_token: z.string(), token_type: z.string(), scope: z.string() })

async function tokenOf(response: Response | Promise<Response>) {
  const { status, ...body } = {
    status: (await response).status,
    ...tokenSchema.parse(await (await response).json()),
  }
  expect(status).toBe(200)
  return body
}

function visit(token: string, method = 'GET') {
  return server.request('/api/v1/me', { method, headers: { authorization: `Bearer ${token}` } })
}

async function expectOAuthError(response: Response | Promise<Response>, error: string, status = 400) {
  const answer = await response
  expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ error })])
}

describe('registering an app', () => {
  test('answers credentials once and stores only a hash of the secret', async () => {
    const client = await createClient('read write:statuses', `${redirectUri}\nurn:ietf:wg:oauth:2.0:oob`)
    expect(client).toMatchObject({
      name: 'Test app',
      website: null,
      scopes: ['read', 'write:statuses'],
      redirect_uris: [redirectUri, 'urn:ietf:wg:oauth:2.0:oob'],
      client_secret_expires_at: 0,
    })
    const rows = await bare.app.db.selectFrom('applications').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(client.client_secret)
  })

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    '/relative',
    'https://a.example/#fragment',
    'https://a.exämple/',
    '',
  ])('refuses the redirect address %j', async (uri) => {
    const response = await post('/api/v1/apps', { client_name: 'Bad app', redirect_uris: uri })
    expect(response.status).toBe(422)
  })

  test('refuses unknown scopes and a missing name', async () => {
    const unknown = { client_name: 'x', redirect_uris: redirectUri, scopes: 'read everything' }
    expect((await post('/api/v1/apps', unknown)).status).toBe(400)
    expect((await post('/api/v1/apps', { redirect_uris: redirectUri })).status).toBe(422)
  })

  test('takes JSON with a list of addresses', async () => {
    const response = await server.request('/api/v1/apps/', {
      method: 'POST',
      body: JSON.stringify({ client_name: 'J', redirect_uris: [redirectUri, 'myapp://callback'] }),
      headers: { 'content-type': 'application/json', origin: 'https://phanpy.example' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })
})

describe('the page that asks', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['a redirect address with a slash more', { redirect_uri: `${redirectUri}/` }],
    ['another host', { redirect_uri: 'https://app.example.evil.example/callback?x=1' }],
    ['another case', { redirect_uri: redirectUri.toUpperCase() }],
    ['another scheme', { redirect_uri: redirectUri.replace('https', 'http') }],
    ['a parameter less', { redirect_uri: 'https://app.example/callback' }],
    ['a parameter more', { redirect_uri: `${redirectUri}&y=2` }],
    ['no redirect address', { redirect_uri: '' }],
  ])('%s is a 400 page that asks for no password', async (_name, extra) => {
    const response = await ask(await createClient(), extra)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).not.toContain('type="password"')
  })

  test.each([
    ['response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['PKCE plain', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without a method', { code_challenge: 'x'.repeat(43) }, 'invalid_request'],
    ['PKCE too short', { code_challenge: 'x', code_challenge_method: 'S256' }, 'invalid_request'],
    ['an unknown scope', { scope: 'read everything' }, 'invalid_scope'],
    ['a scope the app did not register', { scope: 'read admin:read' }, 'invalid_scope'],
  ])('a fault in %s goes back to the app, with its state', async (_name, extra, error) => {
    const response = await ask(await createClient(), extra)
    expect(response.status).toBe(303)
    const back = new URL(response.headers.get('location') ?? '')
    expect(back.searchParams.get('error')).toBe(error)
    expect(back.searchParams.get('state')).toBe('st&te=ä')
  })

  test('asks for a password first, cannot be framed, and speaks the reader’s language', async () => {
    const client = await createClient()
    const url = `/oauth/authorize?${new URLSearchParams(authorizeFields(client))}`
    const response = await server.request(url, { headers: { 'accept-language': 'fr, it;q=0.8, en;q=0.5' } })
    expect(response.status).toBe(200)
    const page = await response.text()
    expect(page).toContain('<html lang="it">')
    expect(page).toContain('type="password"')
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('shows what an app calls itself as text', async () => {
    const response = await post('/api/v1/apps', {
      client_name: '<script>x</script>',
      redirect_uris: redirectUri,
    })
    const client = credentials.parse(await response.json())
    expect(await (await ask(client, { scope: 'read' })).text()).not.toContain('<script>')
  })

  test('sets a session that only https and this host carry', async () => {
    const client = await createClient()
    const response = await post('/oauth/authorize', {
      ...authorizeFields(client),
      step: 'sign-in',
      login: 'alice',
      password,
    })
    const cookie = response.headers.get('set-cookie') ?? ''
    for (const part of ['__Host-session=', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) {
      expect(cookie).toContain(part)
    }
  })

  test('a wrong password shows the form again, without the password', async () => {
    const fields = {
      ...authorizeFields(await createClient()),
      step: 'sign-in',
      login: 'alice',
      password: 'wrong one',
    }
    const response = await post('/oauth/authorize', fields)
    expect(response.status).toBe(401)
    const page = await response.text()
    expect(page).toContain('role="alert"')
    expect(page).not.toContain('wrong one')
  })

  test('force_login asks even someone who is signed in, and is done with after that', async () => {
    const client = await createClient()
    const cookie = await signIn(client)
    expect(await (await ask(client, { force_login: 'true' }, cookie)).text()).toContain('type="password"')
    expect(await (await ask(client, {}, cookie)).text()).not.toContain('type="password"')
  })

  test('consent from another site, without the token or with another session’s, is refused', async () => {
    const client = await createClient()
    const [cookie, other] = [await signIn(client), await signIn(client)]
    const csrf = await csrfOf(client, cookie)
    const fields = { ...authorizeFields(client), step: 'allow' }
    const attempts = [
      post('/oauth/authorize', { ...fields, csrf }, { cookie, origin: 'https://evil.example' }),
      post('/oauth/authorize', { ...fields, csrf }, { cookie, 'sec-fetch-site': 'cross-site' }),
      post('/oauth/authorize', fields, { cookie }),
      post('/oauth/authorize', { ...fields, csrf: await csrfOf(client, other) }, { cookie }),
    ]
    for (const response of await Promise.all(attempts)) expect(response.status).toBe(403)
    const good = await post(
      '/oauth/authorize',
      { ...fields, csrf },
      { cookie, origin: 'https://pinxit.example' },
    )
    expect(good.status).toBe(303)
  })

  test('denying goes back without a code', async () => {
    const client = await createClient()
    const cookie = await signIn(client)
    const fields = { ...authorizeFields(client), step: 'deny', csrf: await csrfOf(client, cookie) }
    const response = await post('/oauth/authorize', fields, { cookie })
    const back = new URL(response.headers.get('location') ?? '')
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(back.searchParams.get('code')).toBeNull()
  })

  test('an app without an address gets its code by hand', async () => {
    const oob = 'urn:ietf:wg:oauth:2.0:oob'
    const client = await createClient('read write', oob)
    const extra = { redirect_uri: oob }
    const cookie = await signIn(client, extra)
    const page = await (await ask(client, extra, cookie)).text()
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const allowed = await post(
      '/oauth/authorize',
      { ...authorizeFields(client, extra), step: 'allow', csrf },
      { cookie },
    )
    const code = /<output>([^<]+)<\/output>/.exec(await allowed.text())?.[1] ?? ''
    await tokenOf(exchange(client, code, { redirect_uri: oob }))
    const denied = await post(
      '/oauth/authorize',
      { ...authorizeFields(client, extra), step: 'deny', csrf },
      { cookie },
    )
    expect(denied.status).toBe(400)
    expect(await denied.text()).toContain('The request was denied.')
  })
})

describe('a code', () => {
  test('becomes a token that opens what it says and no more', async () => {
    const client = await createClient()
    const { access_token, token_type, scope } = await tokenOf(
      exchange(client, await authorize(client, { scope: 'read' })),
    )
    expect([token_type, scope]).toEqual(['Bearer', 'read'])
    expect((await visit(access_token)).status).toBe(200)
    const outside = await visit(access_token, 'POST')
    expect([outside.status, await outside.json()]).toEqual([
      403,
      { error: 'This action is outside the authorized scopes' },
    ])
    const rows = await bare.app.db.selectFrom('access_tokens').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(access_token)
  })

  test('used twice opens nothing, and closes what it opened', async () => {
    const client = await createClient()
    const code = await authorize(client)
    const { access_token } = await tokenOf(exchange(client, code))
    await expectOAuthError(exchange(client, code), 'invalid_grant')
    expect((await visit(access_token)).status).toBe(401)
  })

  test('used twenty times at once makes one token at most', async () => {
    const client = await createClient()
    const code = await authorize(client)
    const responses = await Promise.all(Array.from({ length: 20 }, () => exchange(client, code)))
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('is too old after ten minutes', async () => {
    const client = await createClient()
    const code = await authorize(client)
    bare.clock.advance(10 * 60_000)
    await expectOAuthError(exchange(client, code), 'invalid_grant')
  })

  test('is of no use to another client, and still of use to its own', async () => {
    const [client, other] = [await createClient(), await createClient()]
    const code = await authorize(client)
    await expectOAuthError(exchange(other, code), 'invalid_grant')
    await tokenOf(exchange(client, code))
  })

  test('needs the redirect address it was made for', async () => {
    const client = await createClient()
    const code = await authorize(client)
    await expectOAuthError(
      exchange(client, code, { redirect_uri: 'https://app.example/callback' }),
      'invalid_grant',
    )
  })

  test.each([
    ['missing', undefined],
    ['wrong', 'w'.repeat(43)],
    ['the challenge itself', createHash('sha256').update('v'.repeat(43)).digest('base64url')],
  ])('with PKCE and a verifier that is %s opens nothing', async (_name, verifier) => {
    const client = await createClient()
    const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
    const code = await authorize(client, { code_challenge: challenge, code_challenge_method: 'S256' })
    const extra: Record<string, string> = verifier === undefined ? {} : { code_verifier: verifier }
    await expectOAuthError(exchange(client, code, extra), 'invalid_grant')
    await tokenOf(exchange(client, code, { code_verifier: 'v'.repeat(43) }))
  })

  test('whose challenge was taken away opens nothing to who brings the verifier', async () => {
    const client = await createClient()
    const code = await authorize(client)
    await expectOAuthError(exchange(client, code, { code_verifier: 'v'.repeat(43) }), 'invalid_grant')
    await tokenOf(exchange(client, code, { code_verifier: '' }))
  })

  test('gives nobody the right to administer by asking for it', async () => {
    const client = await createClient('read admin:read')
    const { scope } = await tokenOf(exchange(client, await authorize(client, { scope: 'read admin:read' })))
    expect(scope).toBe('read')
  })
})

describe('other grants', () => {
  test('a client proves itself in the body or by Basic, and by the right secret alone', async () => {
    const client = await createClient()
    const grant = { grant_type: 'client_credentials' }
    const basic = (secret: string) => ({
      authorization: `Basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}`,
    })
    await tokenOf(post('/oauth/token', { ...grant, ...asClient(client) }))
    await tokenOf(post('/oauth/token', grant, basic(client.client_secret)))
    await expectOAuthError(post('/oauth/token', grant, basic('wrong')), 'invalid_client', 401)
    await expectOAuthError(
      post('/oauth/token', { ...grant, client_id: client.client_id }),
      'invalid_client',
      401,
    )
    await expectOAuthError(post('/oauth/token', grant), 'invalid_client', 401)
  })

  test('a token of an app alone says whose it is and opens nothing of a person', async () => {
    const client = await createClient()
    const fields = { grant_type: 'client_credentials', scope: 'read', ...asClient(client) }
    const { access_token } = await tokenOf(post('/oauth/token', fields))
    const headers = { authorization: `Bearer ${access_token}` }
    const response = await server.request('/api/v1/apps/verify_credentials', { headers })
    expect(await response.json()).toMatchObject({
      name: 'Test app',
      scopes: ['read', 'write', 'follow', 'push'],
    })
    expect((await visit(access_token)).status).toBe(422)
  })

  test('the password grant opens for name or e-mail, and not for a scope the app lacks', async () => {
    const client = await createClient('read write follow')
    const grant = { grant_type: 'password', ...asClient(client), password, scope: 'read write follow' }
    for (const username of ['alice', 'alice@mail.example']) {
      const { access_token } = await tokenOf(post('/oauth/token', { ...grant, username }))
      expect((await visit(access_token)).status).toBe(200)
    }
    const grown = { ...grant, username: 'alice', scope: 'read write follow push' }
    await expectOAuthError(post('/oauth/token', grown), 'invalid_scope')
  })

  test('passwords guessed by the password grant end in a 429 that says for how long', async () => {
    const client = await createClient()
    const guess = () =>
      post('/oauth/token', {
        grant_type: 'password',
        ...asClient(client),
        username: 'guessed',
        password: 'wrong one',
      })
    for (let i = 0; i < 10; i++) await expectOAuthError(guess(), 'invalid_grant')
    const refused = await guess()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('an address asks for no more tokens than the API lets it ask for anything', async () => {
    const from = { incoming: { socket: { remoteAddress: '192.0.2.77' } } }
    const askFrom = (bindings: object) =>
      server.request('/oauth/token', { method: 'POST', body: new URLSearchParams() }, bindings)
    for (let i = 0; i < 1_500; i++) await askFrom(from)
    const refused = await askFrom(from)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await expectOAuthError(refused, 'temporarily_unavailable', 429)
    await expectOAuthError(askFrom({}), 'invalid_client', 401)
  })

  test('an unknown grant and missing fields are told in RFC 6749’s words', async () => {
    const client = asClient(await createClient())
    await expectOAuthError(post('/oauth/token', { ...client, grant_type: 'magic' }), 'unsupported_grant_type')
    await expectOAuthError(post('/oauth/token', { ...client, grant_type: 'password' }), 'invalid_request')
    await expectOAuthError(
      post('/oauth/token', { ...client, grant_type: 'authorization_code' }),
      'invalid_request',
    )
  })
})
