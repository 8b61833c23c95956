import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { register } from '#src/accounts/register.ts'
import { requireScope } from '#src/api/bearer.ts'
import { clamped, flag, form, idField, idList, query, textField } from '#src/api/bodies.ts'
import { problemHandler } from '#src/api/errors.ts'
import { createApiFrame } from '#src/api/frame.ts'
import { linkPages, readPage } from '#src/api/paging.ts'
import { parsePairs, readBody } from '#src/api/request-body.ts'
import { issueToken } from '#src/auth/grants.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import { sessionCookie, startSession } from '#src/auth/sessions.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'

const fieldsSchema = z.object({
  text: textField,
  yes: flag,
  limit: clamped(1, 40, 20),
  media_ids: idList(4),
  poll: z.object({ options: z.array(z.string()), multiple: flag }).optional(),
  file: z.instanceof(File).optional(),
})

let bare: BareApp
let server: ReturnType<typeof createServer>
let ours: ReturnType<typeof createServer>
let token: string
let session: string

beforeAll(async () => {
  bare = await createBareApp()
  server = createServer()
  ours = createServer({ errors: problemHandler, allowSession: true })
  const { account, user } = await register(bare.app, {
    username: 'alice',
    email: 'alice@mail.example',
    passwordHash: await hashPassword('a long enough password'),
    role: 'user',
    confirmed: true,
    approved: true,
  })
  const scopes = ['read', 'write:statuses']
  token = (await issueToken(bare.app, { application: null, accountId: account.id, scopes })).token
  session = `${sessionCookie(bare.app).name}=${await startSession(bare.app, user.id, undefined)}`
})
afterAll(() => bare.close())

function createServer(options: Parameters<typeof createApiFrame>[1] = {}) {
  return createApiFrame(bare.app, options)
    .post('/echo', form(fieldsSchema), async (c) => {
      const { file, ...fields } = c.req.valid('form')
      return c.json({ ...fields, file: file && { name: file.name, text: await file.text() } })
    })
    .get('/list', query(z.object({ id: idField })), (c) => c.json(c.req.valid('query')))
    .get('/page', (c) => {
      linkPages(bare.app, c, ['30', '20', '10'])
      return c.json(readPage(c))
    })
    .get('/read', requireScope('read:statuses'), (c) => c.json(c.var.viewer.role))
    .post('/write', requireScope('write:statuses'), (c) => c.json(c.var.viewer.role))
    .post('/write-media', requireScope('write:media'), (c) => c.json({}))
    .get('/admin', requireScope('admin:read', 'read'), (c) => c.json({}))
    .get('/broken', () => {
      throw new Error('the secret is in here')
    })
}

const echo = (body: BodyInit, contentType?: string) =>
  server.request('/echo', {
    method: 'POST',
    body,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  })

describe('bodies', () => {
  const expected = {
    text: 'ä & b',
    yes: true,
    limit: 40,
    media_ids: ['1', '2'],
    poll: { options: ['x', 'y'], multiple: false },
  }

  test('say the same as JSON, urlencoded and multipart', async () => {
    const pairs: [string, string][] = [
      ['text', 'ä & b'],
      ['yes', '1'],
      ['limit', '1000'],
      ['media_ids[]', '1'],
      ['media_ids[]', '2'],
      ['poll[options][]', 'x'],
      ['poll[options][]', 'y'],
      ['poll[multiple]', 'false'],
      ['unknown', 'ignored'],
    ]
    const multipart = new FormData()
    for (const [name, value] of pairs) multipart.append(name, value)
    const json = {
      text: 'ä & b',
      yes: true,
      limit: 1000,
      media_ids: [1, '2'],
      poll: { options: ['x', 'y'], multiple: false },
      unknown: {},
    }
    const answers = await Promise.all([
      echo(JSON.stringify(json), 'application/json; charset=utf-8'),
      echo(new URLSearchParams(pairs)),
      echo(multipart),
    ])
    for (const answer of answers) expect(await answer.json()).toEqual(expected)
  })

  test('carry files beside fields', async () => {
    const body = new FormData()
    body.append('text', 'with a file')
    body.append('file', new File(['content'], 'a "name".png', { type: 'image/png' }))
    expect(await (await echo(body)).json()).toMatchObject({
      text: 'with a file',
      file: { name: 'a "name".png', text: 'content' },
    })
  })

  test.each([
    ['{', 'application/json'],
    ['[]', 'application/json'],
    ['"x"', 'application/json'],
    ['null', 'application/json'],
    ['[['.repeat(100_000), 'application/json'],
    [`{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`, 'application/json'],
    ['--x\r\nnonsense', 'multipart/form-data; boundary=x'],
    ['no boundary', 'multipart/form-data'],
    ['a=1&'.repeat(2_000), 'application/x-www-form-urlencoded'],
    [JSON.stringify(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [i, i]))), 'application/json'],
  ])('%.20j as %s cannot be read: 400', async (body, type) => {
    const response = await echo(body, type)
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'The request could not be read' },
    ])
  })

  test('one byte over a mebibyte is 413, whatever the header says; a mebibyte is not', async () => {
    const wrap = (length: number) => JSON.stringify({ text: 'x'.repeat(length - '{"text":""}'.length) })
    expect((await echo(wrap(1_048_576), 'application/json')).status).toBe(200)
    expect((await echo(wrap(1_048_577), 'application/json')).status).toBe(413)
    const lying = new Request('http://localhost/echo', {
      method: 'POST',
      body: new Blob([wrap(1_048_577)]).stream(),
      duplex: 'half',
      headers: { 'content-type': 'application/json', 'content-length': '10' },
    } as RequestInit)
    expect((await server.fetch(lying)).status).toBe(413)
  })

  test('leave the prototype of everything alone', async () => {
    const attempts = [
      echo('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', 'application/json'),
      echo(
        '__proto__[polluted]=1&constructor[prototype][polluted]=1&poll[__proto__][polluted]=1',
        'application/x-www-form-urlencoded',
      ),
    ]
    for (const response of await Promise.all(attempts)) expect(response.status).toBeLessThan(500)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('lose what Postgres refuses', async () => {
    const answer = await echo(String.raw`{"text":"a\u0000b\ud800c"}`, 'application/json')
    expect(await answer.json()).toMatchObject({ text: 'ab\ufffdc' })
  })

  test('of wrong types are 422 with the field’s name', async () => {
    const response = await echo('{"text":{"a":1},"poll":7}', 'application/json')
    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({
      error: expect.stringMatching(/^Validation failed: .*text.*poll/),
    })
  })

  test('of other types hold no fields', async () => {
    const request = new Request('http://localhost/', {
      method: 'POST',
      body: 'a=1',
      headers: { 'content-type': 'text/plain' },
    })
    expect(await readBody(request, 100)).toEqual({})
  })

  test('any text at all is read or refused, never worse', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('json', 'x-www-form-urlencoded'),
        async (body, type) => {
          expect((await echo(body, `application/${type}`)).status).toBeLessThan(500)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('never change what the fields inherit from, whatever their names', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, value) => {
        const fields = parsePairs(new URLSearchParams([[name, value]]).toString())
        expect(Object.getPrototypeOf(fields)).toBe(Object.prototype)
      }),
    )
  })
})

describe('a page of a list', () => {
  test.each([
    ['', { limit: 20 }],
    ['limit=-1', { limit: 1 }],
    ['limit=1000000000', { limit: 40 }],
    ['limit=NaN', { limit: 20 }],
    ['limit=5&max_id=12&since_id=3&min_id=4', { limit: 5, maxId: '12', sinceId: '3', minId: '4' }],
    ['max_id=abc&since_id=-1&min_id=99999999999999999999', { limit: 20 }],
    ['max_id[]=1', { limit: 20 }],
  ])('%j is understood', async (search, page) => {
    expect(await (await server.request(`/page?${search}`)).json()).toEqual(page)
  })

  test('links to what comes next first, with the other parameters kept', async () => {
    const response = await server.request('/page?limit=3&max_id=40&only_media=true')
    const address = 'https://pinxit.example/page?limit=3&only_media=true'
    expect(response.headers.get('link')).toBe(
      `<${address}&max_id=10>; rel="next", <${address}&min_id=30>; rel="prev"`,
    )
    expect(response.headers.get('access-control-expose-headers')).toContain('Link')
  })
})

describe('who is asking', () => {
  const by = (value: string) => ({ headers: { authorization: `Bearer ${value}` } })

  test('a token opens what its scopes cover', async () => {
    expect((await server.request('/read', by(token))).status).toBe(200)
    expect((await server.request('/read/', by(token))).status).toBe(200)
    expect((await server.request('/write', { method: 'POST', ...by(token) })).status).toBe(200)
    expect((await server.request('/write-media', { method: 'POST', ...by(token) })).status).toBe(403)
    expect((await server.request('/admin', by(token))).status).toBe(403)
  })

  test.each([
    ['/read', undefined],
    ['/read', 'nonsense'],
    ['/read', ''],
    ['/read', `${'x'.repeat(10_000)}`],
  ])('%s with the token %.10j is 401', async (path, value) => {
    const response = await server.request(path, value === undefined ? {} : by(value))
    expect([response.status, await response.json()]).toEqual([401, { error: 'The access token is invalid' }])
  })

  test('a session opens our own endpoints, and nothing where tokens are asked for', async () => {
    const headers = { cookie: session }
    expect((await ours.request('/read', { headers })).status).toBe(200)
    expect((await server.request('/read', { headers })).status).toBe(401)
  })

  test('a session changes nothing for another site', async () => {
    const from = (headers: Record<string, string>) =>
      ours.request('/write', { method: 'POST', headers: { cookie: session, ...headers } })
    expect((await from({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await from({ origin: 'https://pinxit.example' })).status).toBe(200)
    expect((await from({ 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await from({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await from({ origin: 'null' })).status).toBe(403)
  })
})

describe('failures', () => {
  test('that we did not foresee tell nothing', async () => {
    const response = await server.request('/broken')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
  })

  test('of our own endpoints are problem+json, 401 and 413 too', async () => {
    const responses = [
      await ours.request('/read'),
      await ours.request('/echo', { method: 'POST', body: 'x'.repeat(1_048_577) }),
      await ours.request('/broken'),
    ]
    expect(responses.map(({ status }) => status)).toEqual([401, 413, 500])
    for (const response of responses) {
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.json()).toMatchObject({ type: 'about:blank', status: response.status })
    }
  })

  test('an id that is none is a 422', async () => {
    expect((await server.request('/list?id=99999999999999999999')).status).toBe(422)
    expect((await server.request('/list?id=1')).status).toBe(200)
  })

  test('the 1,501st request within five minutes is a 429, for that person alone', async () => {
    const frame = createServer()
    const visit = (headers: Record<string, string> = {}) => frame.request('/page', { headers })
    for (let i = 0; i < 1_500; i++) await visit()
    const refused = await visit()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
    expect(Number(refused.headers.get('retry-after'))).toBe(300)
    const person = await visit({ authorization: `Bearer ${token}` })
    expect([person.status, person.headers.get('x-ratelimit-remaining')]).toEqual([200, '1499'])
    bare.clock.advance(5 * 60_000)
    expect((await visit()).status).toBe(200)
  })
})
