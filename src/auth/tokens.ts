import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { hashToken } from '#src/base/secrets.ts'
import type { Application } from '#src/db/applications.ts'
import {
  findTokenApplication,
  findTokenBearer,
  markTokenUsed,
  revokeToken,
  type TokenBearer,
} from '#src/db/tokens.ts'
import { markUserActiveHourly } from './sessions.ts'

/** Whom a token stands for. Undefined for an unknown or revoked one. */
export async function resolveToken(app: App, token: string): Promise<TokenBearer | undefined> {
  const bearer = await findTokenBearer(app.db, hashToken(token))
  if (!bearer) return undefined
  const now = app.clock.now()
  const { userId, lastActiveAt } = bearer
  if (userId && lastActiveAt) await markUserActiveHourly(app, { userId, lastActiveAt }, now)
  // True to the hour is enough, and no write on the way of every read.
  if (!bearer.tokenUsedAt || now.getTime() - bearer.tokenUsedAt.getTime() > 3_600_000) {
    await markTokenUsed(app.db, bearer.tokenId, now)
  }
  return bearer
}

/**
 * RFC 7009: an unknown token is no error.
 * @throws AppError forbidden with the code `unauthorized_client` for one of another application
 */
export async function endToken(app: App, application: Application, token: string): Promise<void> {
  const tokenHash = hashToken(token)
  const known = await findTokenApplication(app.db, tokenHash)
  if (!known) return
  if (known.applicationId !== application.id) {
    throw new AppError('forbidden', 'You are not authorized to revoke this token', {
      code: 'unauthorized_client',
    })
  }
  await revokeToken(app.db, tokenHash, app.clock.now())
}
