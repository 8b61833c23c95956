import type { App } from '#src/app.ts'
import { hashToken } from '#src/base/secrets.ts'
import type { Application } from '#src/db/applications.ts'
import { findTokenBearer, markTokenUsed, revokeToken, type TokenBearer } from '#src/db/tokens.ts'
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

/** RFC 7009: an unknown token, or one of another application, is none of the caller's business and no error. */
export async function endToken(app: App, application: Application, token: string): Promise<void> {
  await revokeToken(app.db, { hash: hashToken(token), applicationId: application.id }, app.clock.now())
}
