import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { App } from '#src/app.ts'
import { clientAddress, remoteAddress } from '#src/auth/client-address.ts'
import { nothingToConfirm } from '#src/auth/emails.ts'
import { isAdminScope, scopeAllows } from '#src/auth/scopes.ts'
import { findSession, isFromOurPages, sessionCookie } from '#src/auth/sessions.ts'
import { refusalWords } from '#src/auth/sign-in.ts'
import { resolveToken } from '#src/auth/tokens.ts'
import { AppError, notAllowed } from '#src/base/errors.ts'
import { hashToken } from '#src/base/secrets.ts'
import { createShortMemory } from '#src/base/short-memory.ts'
import type { Id, Role } from '#src/db/tables.ts'
import type { TokenBearer } from '#src/db/tokens.ts'

/** The person behind a request. */
export type Viewer = { accountId: Id; userId: Id; role: Role }

/** What a request was let in by; a session has no token. */
export type RequestToken = { id: Id; applicationId: Id | null; scopes: string[] }

export type Env = {
  Variables: {
    viewer: Viewer | undefined
    token: RequestToken | undefined
    /** Whom limits are counted for when nobody is signed in. */
    address: string
    /** Why the token that came along opens nothing. */
    tokenFault: AppError | undefined
    /** Who signed up and may not come in yet: all they can do is ask for another letter. */
    newcomer: Newcomer | undefined
  }
}

export type Newcomer = { userId: Id; token: RequestToken }

const mostBearers = 10_000

type SignedIn = { Variables: { viewer: Viewer } }

/**
 * Finds out who is asking, by token, or by session where that is allowed. Refuses nobody: requireScope does,
 * and refuseFaultyToken where the answer is public.
 */
export function bearer(app: App, { allowSession = false } = {}): MiddlewareHandler<Env> {
  const bearers = createShortMemory<TokenBearer | undefined>(app, { most: mostBearers })
  return async (c, next) => {
    c.set('address', addressOf(app, c))
    c.set('viewer', undefined)
    c.set('token', undefined)
    c.set('tokenFault', undefined)
    c.set('newcomer', undefined)
    const token = /^bearer +(\S+)\s*$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (token) recogniseBearer(c, await bearers.get(hashToken(token), () => resolveToken(app, token)))
    else if (allowSession) await recogniseSession(app, c)
    await next()
  }
}

export function addressOf(app: App, c: Context): string {
  return clientAddress({
    remote: remoteAddress(c.env),
    forwardedFor: c.req.header('x-forwarded-for'),
    trustedProxies: app.config.trustProxy,
  })
}

function recogniseBearer(c: Context<Env>, bearer: TokenBearer | undefined): void {
  if (!bearer) {
    c.set('tokenFault', invalidToken())
    return
  }
  const { tokenId, applicationId, scopes, accountId, userId, role, refusal } = bearer
  const token = { id: tokenId, applicationId, scopes }
  if (refusal) {
    c.set('tokenFault', new AppError('forbidden', refusalWords[refusal]))
    if (refusal !== 'disabled' && userId) c.set('newcomer', { userId, token })
    return
  }
  c.set('token', token)
  if (accountId && userId && role) c.set('viewer', { accountId, userId, role })
}

// A cookie comes along whoever wrote the form, so what changes something must come from a page of ours.
async function recogniseSession(app: App, c: Context<Env>): Promise<void> {
  const viewer = await findSession(app, getCookie(c, sessionCookie(app).name))
  if (!viewer) return
  const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
  if (!isSafe && !isFromOurPages(app, c.req.raw.headers)) {
    c.set('tokenFault', new AppError('forbidden', 'This request does not come from a page of this server'))
    return
  }
  c.set('viewer', { accountId: viewer.accountId, userId: viewer.userId, role: viewer.role })
}

function invalidToken(): AppError {
  return new AppError('unauthenticated', 'The access token is invalid')
}

/** Even where no token is needed, one that was revoked is not silently taken for none. */
export const refuseFaultyToken: MiddlewareHandler<Env> = async (c, next) => {
  if (c.var.tokenFault) throw c.var.tokenFault
  await next()
}

/**
 * Lets in a signed-in person whose token has one of these scopes; a session has all. Afterwards
 * `c.var.viewer` is there. Admin scopes also need a moderator.
 */
export function requireScope(...scopes: [string, ...string[]]): MiddlewareHandler<Env & SignedIn> {
  return async (c, next) => {
    checkScopes(c.var, scopes)
    if (!c.var.viewer) throw new AppError('invalid', 'This method requires an authenticated user')
    if (scopes.some(isAdminScope) && c.var.viewer.role === 'user') {
      throw notAllowed()
    }
    await next()
  }
}

/** The same for what an application may also do by itself, without a person. */
export function requireToken(...scopes: string[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    checkScopes(c.var, scopes)
    await next()
  }
}

/** Lets in whoever signed up and is not confirmed or approved yet. Afterwards `c.var.newcomer` is there. */
export function requireNewcomer(
  scope: string,
): MiddlewareHandler<Env & { Variables: { newcomer: Newcomer } }> {
  return async (c, next) => {
    const { newcomer } = c.var
    if (!newcomer) {
      checkScopes(c.var, [scope])
      throw nothingToConfirm()
    }
    if (!scopeAllows(newcomer.token.scopes, scope)) throw outsideScopes()
    await next()
  }
}

/** For public answers: whoever comes without a token is welcome, a token without the scope is not. */
export function allowScope(...scopes: [string, ...string[]]): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.var.token) checkScopes(c.var, scopes)
    await next()
  }
}

function checkScopes(
  arrival: Pick<Env['Variables'], 'token' | 'viewer' | 'tokenFault'>,
  scopes: readonly string[],
): void {
  const { token, viewer, tokenFault } = arrival
  if (tokenFault) throw tokenFault
  if (!token && !viewer) throw invalidToken()
  if (token && scopes.length > 0 && !scopes.some((scope) => scopeAllows(token.scopes, scope))) {
    throw outsideScopes()
  }
}

function outsideScopes(): AppError {
  return new AppError('forbidden', 'This action is outside the authorized scopes')
}
