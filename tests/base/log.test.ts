import { dispose } from '@logtape/logtape'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configureLogging, createLog } from '#src/base/log.ts'

const lines: string[] = []
const log = createLog('test')

beforeAll(() => configureLogging({ level: 'info', write: (line) => lines.push(line) }))
beforeEach(() => lines.splice(0))
afterAll(() => dispose())

const secret = 'sesame-open-7f3a'

describe('the log', () => {
  it('writes one JSON object per line', () => {
    log.info('{name} painted\na picture', { name: 'alice', count: 3 })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: 'info',
      category: 'pinxit.test',
      message: 'alice painted\na picture',
      properties: { name: 'alice', count: 3 },
    })
  })

  it('leaves out what is below its level', () => {
    log.debug('unheard')
    expect(lines).toHaveLength(0)
  })

  it.each([
    ...['authorization', 'Authorization', 'cookie', 'Set-Cookie', 'token', 'accessToken', 'refresh_token'],
    ...[
      'password',
      'newPassword',
      'secret',
      'client_secret',
      'secretKey',
      'privateKey',
      'private_key',
      'prompt',
    ],
    ...['X-Api-Key', 'apiKey', 'privateJwk'],
  ])('never shows %s, at any depth or in the sentence', (name) => {
    log.info(`a {${name}} b`, { [name]: secret })
    log.info('nested', { a: [{ b: { [name]: secret } }], headers: new Headers([['x', 'y']]) })
    log.error('failed', {
      error: Object.assign(new Error('no', { cause: { [name]: secret } }), { [name]: secret }),
    })
    expect(lines).toHaveLength(3)
    expect(lines.join('')).not.toContain(secret)
    expect(lines.join('')).toContain('redacted')
  })

  it.each([
    `Bearer ${secret}`,
    `Basic ${secret}`,
    `https://example.com/?a=1&access_token=${secret}`,
    `https://example.com/callback?code=${secret}`,
    `postgres://pinxit:${secret}@db/pinxit`,
    `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
    `/reset/${secret}${secret} failed`,
    `https://pinxit.example/sign-up/${secret}${secret}`,
    `sk-${secret}`,
  ])('never shows what looks like a secret: %s', (text) => {
    log.info('{text}', { text })
    log.error('failed: {error}', { error: new Error(text) })
    expect(lines).toHaveLength(2)
    expect(lines.join('')).not.toContain(secret.slice(0, 6))
  })

  it('keeps what helps to find a fault', () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), {
      code: '23505',
      detail: 'a row',
    })
    log.error('failed', { error })
    expect(JSON.parse(lines[0] ?? '').properties.error).toMatchObject({
      name: 'Error',
      message: 'outer',
      code: '23505',
      stack: expect.stringContaining('log.test'),
      cause: { message: 'inner' },
    })
    expect(lines[0]).not.toContain('a row')
  })

  it('survives circles, depth, size and odd values', () => {
    const circle: Record<string, unknown> = {
      big: 10n,
      bytes: new Uint8Array(3),
      none: undefined,
      run: () => 1,
    }
    circle.self = circle
    log.info('odd {circle}', {
      circle,
      long: 'x'.repeat(1_000_000),
      many: Array.from({ length: 10_000 }, () => 1),
    })
    expect(lines[0]?.length).toBeLessThan(50_000)
    expect(JSON.parse(lines[0] ?? '').properties.circle).toMatchObject({ big: '10', bytes: '[3 bytes]' })
  })
})
