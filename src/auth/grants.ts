import { createHash } from 'node:crypto'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { hashToken, isSameSecret, newToken } from '#src/base/secrets.ts'
import type { Application } from '#src/db/applications.ts'
import type { Id, Role } from '#src/db/tables.ts'
import {
  type AuthorizationCode,
  findAuthorizationCodeForUse,
  insertAccessToken,
  insertAuthorizationCode,
  markCodeUsed,
  revokeTokensOfCode,
} from '#src/db/tokens.ts'
import { noticeNewApp } from './notices.ts'
import { areScopesWithin, invalidScope, isAdminScope } from './scopes.ts'
import { type Credentials, checkCredentials } from './sign-in.ts'

const codeLifetimeMs = 10 * 60_000

export type IssuedToken = { token: string; scopes: string[]; createdAt: Date }

type CodeRequest = {
  application: Application
  viewer: { accountId: Id; role: Role }
  redirectUri: string
  scopes: string[]
  /** PKCE S256, RFC 7636. */
  codeChallenge: string | undefined
}

/** A code that the application exchanges once, within ten minutes. Throws AppError malformed `invalid_scope`. */
export async function issueCode(app: App, request: CodeRequest): Promise<string> {
  const scopes = scopesFor(request.application, request.scopes, request.viewer.role)
  const code = newToken()
  const now = app.clock.now()
  await insertAuthorizationCode(app.db, {
    code_hash: hashToken(code),
    application_id: request.application.id,
    account_id: request.viewer.accountId,
    redirect_uri: request.redirectUri,
    scopes,
    code_challenge: request.codeChallenge ?? null,
    expires_at: new Date(now.getTime() + codeLifetimeMs),
    created_at: now,
  })
  return code
}

type CodeUse = { code: string; redirectUri: string | undefined; codeVerifier: string | undefined }

/**
 * RFC 6749 §4.1.3. A code that comes back after its use may have been stolen: the tokens made of it end.
 * @throws AppError malformed with the code `invalid_grant`
 */
export async function redeemCode(app: App, application: Application, use: CodeUse): Promise<IssuedToken> {
  const issued = await app.db.transaction().execute(async (trx) => {
    const now = app.clock.now()
    const code = await findAuthorizationCodeForUse(trx, hashToken(use.code))
    if (!code || code.application_id !== application.id) return undefined
    if (code.used_at) {
      await revokeTokensOfCode(trx, code.id, now)
      return undefined
    }
    if (code.expires_at <= now || code.redirect_uri !== use.redirectUri || !isVerified(code, use))
      return undefined
    await markCodeUsed(trx, code.id, now)
    await noticeNewApp(trx, app, { accountId: code.account_id, application })
    const token = newToken()
    await insertAccessToken(trx, {
      token_hash: hashToken(token),
      application_id: application.id,
      account_id: code.account_id,
      authorization_code_id: code.id,
      scopes: code.scopes,
      created_at: now,
    })
    return { token, scopes: code.scopes, createdAt: now }
  })
  if (!issued) throw invalidGrant()
  return issued
}

function isVerified(code: AuthorizationCode, { codeVerifier }: CodeUse): boolean {
  // A verifier without its challenge: someone took the challenge away on the way here (RFC 9700 §2.1.1).
  if (code.code_challenge === null) return !codeVerifier
  if (codeVerifier === undefined) return false
  return isSameSecret(createHash('sha256').update(codeVerifier).digest('base64url'), code.code_challenge)
}

/** A token that stands for the application alone. Throws AppError malformed `invalid_scope`. */
export function grantToApplication(
  app: App,
  application: Application,
  scopes: string[],
): Promise<IssuedToken> {
  return issueToken(app, { application, accountId: null, scopes: scopesFor(application, scopes, 'user') })
}

/** RFC 6749 §4.3. Throws AppError malformed `invalid_grant` for anyone who may not sign in, tooMany. */
export async function grantByPassword(
  app: App,
  application: Application,
  request: Credentials & { scopes: string[] },
): Promise<IssuedToken> {
  const user = await checkCredentials(app, request).catch((error: unknown) => {
    if (error instanceof AppError && error.kind !== 'tooMany') throw invalidGrant(error)
    throw error
  })
  const scopes = scopesFor(application, request.scopes, user.role)
  const accountId = user.account_id
  return app.db.transaction().execute(async (trx) => {
    await noticeNewApp(trx, app, { accountId, application })
    return issueToken({ db: trx, clock: app.clock }, { application, accountId, scopes })
  })
}

type NewToken = { application: Application | null; accountId: Id | null; scopes: string[] }

/** Stores the hash and answers the token, which nobody can read again. */
export async function issueToken(
  app: Pick<App, 'db' | 'clock'>,
  { application, accountId, scopes }: NewToken,
): Promise<IssuedToken> {
  const token = newToken()
  const createdAt = app.clock.now()
  await insertAccessToken(app.db, {
    token_hash: hashToken(token),
    application_id: application?.id ?? null,
    account_id: accountId,
    scopes,
    created_at: createdAt,
  })
  return { token, scopes, createdAt }
}

/**
 * An app never gets more than it registered for, and nobody gets to administer by asking for it.
 * @throws AppError malformed with the code `invalid_scope`
 */
export function scopesFor(application: Application, requested: string[], role: Role): string[] {
  if (!areScopesWithin(requested, application.scopes)) throw invalidScope()
  const scopes = role === 'user' ? requested.filter((scope) => !isAdminScope(scope)) : requested
  if (scopes.length === 0) throw invalidScope()
  return scopes
}

function invalidGrant(cause?: unknown): AppError {
  return new AppError(
    'malformed',
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
    { code: 'invalid_grant', cause },
  )
}
