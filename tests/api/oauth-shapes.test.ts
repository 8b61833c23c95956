import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { knownScopes } from '#src/auth/scopes.ts'
import { startTestServer, type TestServer } from '#tests/support/test-server.ts'

// The published OpenAPI description of Mastodon's client API lies beside the project, not in it.
const schemaPath = join(import.meta.dirname, '../../../shared/mastodon-openapi/schema.json')
const isPresent = existsSync(schemaPath)
if (!isPresent) console.warn(`Skipped: no OpenAPI description of Mastodon's API at ${schemaPath}`)

describe.skipIf(!isPresent)('what apps sign in and up with has the shapes that Mastodon publishes', () => {
  let server: TestServer
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  beforeAll(async () => {
    ajv.addSchema(JSON.parse(readFileSync(schemaPath, 'utf8')), 'mastodon')
    server = await startTestServer({ REGISTRATIONS: 'open' })
  })
  afterAll(() => server.close())

  async function answerOf(name: string, path: string, json?: object, token?: string) {
    const headers = {
      ...(json && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    }
    const response = await server.fetch(path, { ...(json && { json }), headers })
    const body = await response.json()
    const validate = ajv.compile({ $ref: `mastodon#/components/schemas/${name}` })
    validate(body)
    expect([path, validate.errors ?? []]).toEqual([path, []])
    return body
  }

  it('from the metadata to the token of who signed up', async () => {
    const metadata = await answerOf(
      'DiscoverOauthServerConfigurationResponse',
      '/.well-known/oauth-authorization-server',
    )
    expect(metadata.scopes_supported).toEqual(knownScopes)
    const app = await answerOf('CredentialApplication', '/api/v1/apps', {
      client_name: 'Elk',
      website: 'https://elk.example/',
      redirect_uris: ['https://elk.example/', 'elk://callback'],
      scopes: 'read write:accounts',
    })
    const { client_id, client_secret } = app
    const grant = { grant_type: 'client_credentials', client_id, client_secret, scope: 'write:accounts' }
    const { access_token } = await answerOf('Token', '/oauth/token', grant)
    await answerOf('Application', '/api/v1/apps/verify_credentials', undefined, access_token)
    await answerOf('ValidationError', '/api/v1/accounts', { username: 'a b' }, access_token)
    const person = {
      username: 'newcomer',
      email: 'newcomer@mail.example',
      password: 'a long enough password',
      agreement: true,
      locale: 'en',
    }
    const own = await answerOf('Token', '/api/v1/accounts', person, access_token)
    await answerOf('CredentialAccount', '/api/v1/accounts/verify_credentials', undefined, own.access_token)
  })

  it('and knows every scope that Mastodon has', () => {
    const { components } = JSON.parse(readFileSync(schemaPath, 'utf8'))
    const theirs: string[] = components.schemas.OAuthScope.enum
    expect([...knownScopes].sort()).toEqual([...theirs].sort())
  })
})
