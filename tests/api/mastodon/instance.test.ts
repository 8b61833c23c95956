import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestPerson, type TestServer } from '#tests/support/test-server.ts'
import { type Client, clientOf } from './client.ts'

let server: TestServer
let client: Client
let alice: TestPerson
let owner: TestPerson

beforeAll(async () => {
  server = await startTestServer()
  client = clientOf(server)
  ;[alice, owner] = await Promise.all([server.person('alice'), server.person('olga', { role: 'owner' })])
})
afterAll(() => server.close())

describe('the instance', () => {
  it('is told in both versions, with the limits that hold', async () => {
    for (const path of ['/api/v1/instance', '/api/v2/instance', '/api/v2/instance/']) {
      const instance = await client.get(path)
      expect(instance).toMatchObject({
        title: 'Pinxit',
        version: expect.stringMatching(/^\d+\.\d+\.\d+ \(compatible; Pinxit \d+\.\d+\.\d+\)$/),
        configuration: {
          statuses: { max_characters: 5000, max_media_attachments: 4, characters_reserved_per_url: 23 },
          media_attachments: { image_size_limit: 16 * 1024 * 1024 },
        },
      })
    }
    expect(await client.get('/api/v2/instance')).toMatchObject({
      domain: new URL(server.url).host,
      api_versions: { mastodon: 2 },
      registrations: { enabled: false },
      contact: { account: { id: owner.accountId } },
      usage: { users: { active_month: 2 } },
    })
    const first = await client.get('/api/v1/instance')
    expect(first).toMatchObject({
      registrations: false,
      stats: { user_count: 2 },
      contact_account: { acct: 'olga' },
    })
  })

  it('says where its streams are, in either version', async () => {
    const streaming = server.url.replace('http:', 'ws:')
    expect((await client.get('/api/v1/instance')).urls).toEqual({ streaming_api: streaming })
    expect((await client.get('/api/v2/instance')).configuration.urls).toMatchObject({ streaming })
  })

  it('never shows an e-mail address', async () => {
    for (const path of ['/api/v1/instance', '/api/v2/instance']) {
      const text = JSON.stringify(await client.get(path))
      expect(text).not.toContain('mail.example')
    }
  })
})

describe('what apps ask for at their start', () => {
  it('is there, and empty where there is nothing', async () => {
    for (const path of ['/api/v1/custom_emojis']) {
      expect(await client.get(path)).toEqual([])
    }
    for (const path of ['/api/v1/filters', '/api/v2/filters', '/api/v1/lists', '/api/v1/followed_tags']) {
      expect(await client.get(path, alice)).toEqual([])
      expect(await client.status(path)).toBe(401)
    }
  })

  it('holds the preferences of the person', async () => {
    expect(await client.get('/api/v1/preferences', alice)).toEqual({
      'posting:default:visibility': 'public',
      'posting:default:sensitive': false,
      'posting:default:language': null,
      'posting:default:quote_policy': 'public',
      'reading:expand:media': 'default',
      'reading:expand:spoilers': false,
      'reading:autoplay:gifs': false,
    })
  })

  it('answers paths it does not know with an error in JSON', async () => {
    for (const path of ['/api/v1/nothing', '/api/v9', '/api/v1/stream']) {
      const response = await client.call(path, { as: alice })
      expect([response.status, await response.json()]).toEqual([404, { error: 'Record not found' }])
    }
  })

  it('lets web apps of any origin in', async () => {
    const response = await server.fetch('/api/v1/statuses', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,idempotency-key',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization')
  })
})

describe('markers', () => {
  it('keep how far each person read', async () => {
    const saved = await client.post('/api/v1/markers', alice, { home: { last_read_id: '12' } })
    expect(saved).toEqual({ home: { last_read_id: '12', version: 1, updated_at: expect.any(String) } })
    const body = new URLSearchParams({ 'home[last_read_id]': '15', 'notifications[last_read_id]': '3' })
    const response = await server.fetch('/api/v1/markers', { as: alice, method: 'POST', body })
    expect(await response.json()).toMatchObject({ home: { last_read_id: '15', version: 2 } })
    const read = await client.get(
      '/api/v1/markers?timeline[]=home&timeline[]=notifications&timeline[]=x',
      alice,
    )
    expect(read).toMatchObject({
      home: { last_read_id: '15' },
      notifications: { last_read_id: '3', version: 1 },
    })
    expect(await client.get('/api/v1/markers?timeline[]=home', owner)).toEqual({})
    expect(await client.get('/api/v1/markers', alice)).toEqual({})
    const junk = { as: alice, json: { home: { last_read_id: 'junk' } } }
    expect(await client.status('/api/v1/markers', junk)).toBe(422)
  })
})
