import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  alice = await server.person('alice')
})
afterAll(() => server.close())

const deep = (levels: number) => `{"status":${'['.repeat(levels)}${']'.repeat(levels)}}`

const bodies: [string, BodyInit, string][] = [
  ['no object', '"x"', 'application/json'],
  ['a list', '[1]', 'application/json'],
  ['half an object', '{"status":', 'application/json'],
  ['nothing', '', 'application/json'],
  ['deep nesting', deep(100_000), 'application/json'],
  ['prototypes', '{"__proto__":{"status":"x"},"constructor":{"prototype":1}}', 'application/json'],
  [
    'wrong types',
    '{"status":{"a":1},"media_ids":{"a":[]},"visibility":[1],"sensitive":{}}',
    'application/json',
  ],
  ['numbers beyond', '{"in_reply_to_id":1e400,"status":"x"}', 'application/json'],
  ['deep form keys', `status${'[a]'.repeat(500)}=x`, 'application/x-www-form-urlencoded'],
  [
    'many form keys',
    Array.from({ length: 5000 }, (_, i) => `k${i}=1`).join('&'),
    'application/x-www-form-urlencoded',
  ],
  ['a bad multipart', '--x\r\njunk', 'multipart/form-data; boundary=x'],
  ['another type', '<status>x</status>', 'text/xml'],
]

describe('bodies', () => {
  it.each(bodies)('with %s are refused in words, and leave nothing', async (_name, body, type) => {
    for (const [method, path] of [
      ['POST', '/api/v1/statuses'],
      ['PATCH', '/api/v1/accounts/update_credentials'],
      ['POST', '/api/v1/markers'],
      ['POST', '/api/v2/media'],
    ] as const) {
      const headers = { 'content-type': type }
      const response = await server.fetch(path, { as: alice, method, body, headers })
      expect(response.status).toBeLessThan(500)
      if (path === '/api/v1/statuses') expect([400, 422]).toContain(response.status)
      await response.body?.cancel()
    }
    expect(await client.get(`/api/v1/accounts/${alice.accountId}/statuses`, alice)).toEqual([])
  })

  it('of megabytes are 413', async () => {
    const json = { status: 'x'.repeat(2_000_000) }
    expect(await client.status('/api/v1/statuses', { as: alice, json })).toBe(413)
  })
})

describe('texts', () => {
  it('lose what Postgres refuses, in every field', async () => {
    const json = { status: 'a\u0000b\ud800c', spoiler_text: '\u0000w', language: 'd\u0000' }
    const status = await client.post('/api/v1/statuses', alice, json)
    expect(status).toMatchObject({ content: '<p>ab\ufffdc</p>', spoiler_text: 'w', language: null })
    await client.call(`/api/v1/statuses/${status.id}`, { as: alice, method: 'DELETE' })
    const update = {
      display_name: 'A\u0000',
      note: '\u0000\udfff',
      fields_attributes: [{ name: '\u0000', value: 'v' }],
    }
    const changed = await client.call('/api/v1/accounts/update_credentials', {
      as: alice,
      json: update,
      method: 'PATCH',
    })
    expect(await changed.json()).toMatchObject({ display_name: 'A' })
    for (const path of [
      '/api/v2/search?q=%00',
      '/api/v1/timelines/tag/%00',
      '/api/v1/accounts/lookup?acct=%00x',
    ]) {
      expect(await client.status(path, { as: alice })).toBeLessThan(500)
    }
  })

  it('are escaped wherever HTML is expected', async () => {
    const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"\''
    const json = { note: evil, fields_attributes: [{ name: 'x', value: `https://x/"onclick="${'a'}` }] }
    const response = await client.call('/api/v1/accounts/update_credentials', {
      as: alice,
      json,
      method: 'PATCH',
    })
    const me = await response.json()
    expect(me.note).not.toMatch(/<script|<img/)
    expect(me.fields[0].value).not.toContain('"onclick')
    const status = await client.post('/api/v1/statuses', alice, { status: evil })
    expect(status.content).not.toMatch(/<script|<img/)
    await client.call(`/api/v1/statuses/${status.id}`, { as: alice, method: 'DELETE' })
  })
})

describe('queries', () => {
  const ids = [
    '-1',
    '0',
    '9223372036854775808',
    '99999999999999999999999',
    'NaN',
    "1'--",
    '1e5',
    '٣',
    '%2e%2e',
    'a'.repeat(3000),
  ]

  it('with junk ids find nothing', async () => {
    for (const id of ids) {
      const encoded = encodeURIComponent(id)
      for (const path of [
        `/api/v1/statuses/${encoded}`,
        `/api/v1/statuses/${encoded}/context`,
        `/api/v1/accounts/${encoded}`,
        `/api/v1/accounts/${encoded}/statuses`,
        `/api/v1/notifications/${encoded}`,
        `/api/v1/media/${encoded}`,
      ]) {
        expect(`${path.slice(0, 60)} ${await client.status(path, { as: alice })}`).toMatch(/ 404$/)
      }
      const paged = `/api/v1/timelines/public?max_id=${encoded}&min_id=${encoded}&since_id=${encoded}&limit=${encoded}`
      expect(await client.status(paged)).toBe(200)
      expect(await client.get(`/api/v1/accounts/relationships?id[]=${encoded}`, alice)).toEqual([])
    }
  })

  it('of any size or depth are answered', async () => {
    for (const query of [
      `q=${'x'.repeat(8000)}`,
      `q[a][b]=1`,
      'q[]=1&q[]=2',
      'q=%F0%28',
      'q=%',
      'type=x&q=a',
      'q=https://',
    ]) {
      expect(await client.status(`/api/v2/search?${query}&limit=1000000000`, { as: alice })).toBeLessThan(500)
    }
    const many = Array.from({ length: 900 }, (_, index) => `id[]=${index}`).join('&')
    expect(await client.status(`/api/v1/accounts?${many}`)).toBe(200)
  })

  it('with an Idempotency-Key too long for an index are refused', async () => {
    const headers = { 'idempotency-key': 'k'.repeat(4000) }
    expect(await client.status('/api/v1/statuses', { as: alice, json: { status: 'x' }, headers })).toBe(422)
  })
})

it('answers as before after all of it', async () => {
  const status = await client.post('/api/v1/statuses', alice, { status: 'still here' })
  const [newest] = await client.get(`/api/v1/accounts/${alice.accountId}/statuses`)
  expect(newest?.id).toBe(status.id)
})
