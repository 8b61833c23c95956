import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { authenticateApplication } from '#src/auth/applications.ts'
import { grantByPassword, grantToApplication, type IssuedToken, redeemCode } from '#src/auth/grants.ts'
import { knownScopes, parseScopes } from '#src/auth/scopes.ts'
import { endToken } from '#src/auth/tokens.ts'
import { AppError } from '#src/base/errors.ts'
import type { Application } from '#src/db/applications.ts'
import { bearer, type Env } from './bearer.ts'
import { form, textField } from './bodies.ts'
import { openToWebApps } from './cors.ts'
import { oauthErrorHandler } from './errors.ts'
import { limits } from './limits.ts'
import { authorizeRoutes } from './oauth-authorize.tsx'
import { toToken } from './oauth-token.ts'
import { userinfoRoutes } from './oauth-userinfo.ts'

const clientFields = { client_id: textField, client_secret: textField }

const tokenForm = z.object({
  ...clientFields,
  grant_type: textField,
  code: textField,
  redirect_uri: textField,
  code_verifier: textField,
  username: textField,
  password: textField,
  scope: textField,
})

const revokeForm = z.object({ ...clientFields, token: textField })

type TokenForm = z.output<typeof tokenForm>

/** Everything under `/oauth`: RFC 6749, 7009 and 7636, with the password grant that command-line apps need. */
export function oauthRoutes(app: App) {
  const routes = new Hono<Env>({ strict: false })
  const limited = limits(app)
  routes.onError(oauthErrorHandler)
  routes.route('/authorize', authorizeRoutes(app))
  routes.route('/userinfo', userinfoRoutes(app))
  // Every answer of theirs may leave a row, and nobody is known before it.
  routes.use('/token', openToWebApps(), bearer(app), limited)
  routes.use('/revoke', openToWebApps(), bearer(app), limited)
  routes.post('/token', form(tokenForm), async (c) => {
    const fields = c.req.valid('form')
    const application = await authenticateApplication(app, clientOf(c, fields))
    const issued = await grantFor(app, application, { ...fields, address: c.var.address })
    c.header('cache-control', 'no-store')
    return c.json(toToken(issued))
  })
  routes.post('/revoke', form(revokeForm), async (c) => {
    const fields = c.req.valid('form')
    const application = await authenticateApplication(app, clientOf(c, fields))
    if (!fields.token) throw missing('token')
    await endToken(app, application, fields.token)
    return c.json({})
  })
  return routes
}

/** RFC 8414, mounted at `/.well-known/oauth-authorization-server`. */
export function oauthMetadataRoutes(app: App) {
  return new Hono({ strict: false }).use('*', openToWebApps()).get('/', (c) =>
    c.json({
      issuer: app.publicUrl,
      authorization_endpoint: `${app.publicUrl}/oauth/authorize`,
      token_endpoint: `${app.publicUrl}/oauth/token`,
      revocation_endpoint: `${app.publicUrl}/oauth/revoke`,
      userinfo_endpoint: `${app.publicUrl}/oauth/userinfo`,
      app_registration_endpoint: `${app.publicUrl}/api/v1/apps`,
      service_documentation: 'https://docs.joinmastodon.org/',
      scopes_supported: knownScopes,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'password'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      code_challenge_methods_supported: ['S256'],
    }),
  )
}

type GrantRequest = TokenForm & { address: string }

function grantFor(app: App, application: Application, request: GrantRequest): Promise<IssuedToken> {
  switch (request.grant_type) {
    case 'authorization_code':
      if (!request.code) throw missing('code')
      return redeemCode(app, application, {
        code: request.code,
        redirectUri: request.redirect_uri,
        codeVerifier: request.code_verifier,
      })
    case 'client_credentials':
      return grantToApplication(app, application, parseScopes(request.scope))
    case 'password':
      if (!request.username || !request.password) throw missing('username and password')
      return grantByPassword(app, application, {
        login: request.username,
        password: request.password,
        address: request.address,
        scopes: parseScopes(request.scope),
      })
    default:
      throw new AppError(
        'malformed',
        'The authorization grant type is not supported by the authorization server.',
        {
          code: 'unsupported_grant_type',
        },
      )
  }
}

function missing(name: string): AppError {
  return new AppError('malformed', `Missing required parameter: ${name}.`, { code: 'invalid_request' })
}

type Client = { id: string | undefined; secret: string | undefined }

// RFC 6749 §2.3.1: in the header both parts are form-encoded before they are joined.
function clientOf(
  c: Context,
  fields: { client_id?: string | undefined; client_secret?: string | undefined },
): Client {
  const basic = /^basic +(\S+)\s*$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (!basic) return { id: fields.client_id, secret: fields.client_secret }
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return { id: decodeFormText(id), secret: decodeFormText(secret.join(':')) }
}

function decodeFormText(text: string): string | undefined {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text')?.replaceAll('\u0000', '')
}
