import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, environmentSchema, parseConfig } from '#src/base/config.ts'

const example = Object.fromEntries(
  readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
)

function faultsOf(environment: Record<string, string>): string[] {
  try {
    parseConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('.env.example', () => {
  it('names exactly what is read', () => {
    expect(Object.keys(example).sort()).toEqual(Object.keys(environmentSchema.shape).sort())
  })

  it('holds the defaults', () => {
    expect(parseConfig(example)).toEqual(parseConfig({}))
  })
})

describe('the environment', () => {
  it('may be empty', () => {
    const config = parseConfig({})
    expect(config).toMatchObject({
      port: 3000,
      publicUrl: 'http://localhost:3000',
      host: '127.0.0.1',
      role: undefined,
      cores: availableParallelism(),
    })
  })

  it('has all its faults reported together, each by name', () => {
    const faults = faultsOf({
      PORT: 'http',
      ROLE: 'boss',
      PUBLIC_URL: 'ftp://x',
      AI_PRICES: '{',
      SECRET_KEY: 'short',
    })
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'PORT',
      'PUBLIC_URL',
      'SECRET_KEY',
      'ROLE',
      'AI_PRICES',
    ])
  })

  it.each([
    ['PORT', '65536'],
    ['PUBLIC_URL', 'https://example.com/path'],
    ['DATABASE_URL', 'mysql://localhost'],
    ['ALLOW_PRIVATE_ADDRESSES', 'yes'],
    ['REGISTRATIONS', 'maybe'],
    ['LOG_LEVEL', 'loud'],
    ['AI_PROVIDER', 'oracle'],
    ['AI_PRICES', '{"model":{"input":"5"}}'],
    ['TRUST_PROXY', '-1'],
    ['METRICS_TOKEN', 'short'],
    ['S3_BUCKET', 'alone'],
  ])('refuses %s=%s in words', (name, value) => {
    expect(faultsOf({ [name]: value }).length).toBeGreaterThan(0)
  })

  it('takes an origin with a slash for what it is', () => {
    expect(parseConfig({ PUBLIC_URL: 'https://example.com/' }).publicUrl).toBe('https://example.com')
    expect(parseConfig({ MEDIA_URL: 'https://cdn.example/a/' }).mediaUrl).toBe('https://cdn.example/a')
  })

  it('turns the pieces in front of Fedify off one by one', () => {
    const on = { inbox: true, expansion: true, delivery: true, documents: true }
    expect(parseConfig({}).fastPath).toEqual(on)
    expect(parseConfig({ FAST_INBOX: '0' }).fastPath).toEqual({ ...on, inbox: false })
    expect(parseConfig({ FAST_EXPANSION: '0' }).fastPath).toEqual({ ...on, expansion: false })
    expect(parseConfig({ FAST_DELIVERY: '0' }).fastPath).toEqual({ ...on, delivery: false })
    expect(parseConfig({ FAST_DOCUMENTS: '0', FAST_INBOX: '1' }).fastPath).toEqual({
      ...on,
      documents: false,
    })
    expect(faultsOf({ FAST_INBOX: 'no' })).toEqual(['FAST_INBOX: 0 or 1'])
  })

  it('leaves the address open when the system chooses the port', () => {
    expect(parseConfig({ PORT: '0' }).publicUrl).toBeUndefined()
  })

  it.each([
    [{}, 'sketch'],
    [{ PUBLIC_URL: 'https://example.com' }, 'none'],
    [{ PUBLIC_URL: 'https://example.com', OPENAI_API_KEY: 'sk-1' }, 'openai'],
    [{ PUBLIC_URL: 'https://example.com', AI_PROVIDER: 'sketch' }, 'sketch'],
    [{ OPENAI_API_KEY: 'sk-1', AI_PROVIDER: 'none' }, 'none'],
  ])('%j paints with %s', (environment, provider) => {
    expect(parseConfig(environment).ai.provider).toBe(provider)
  })
})
