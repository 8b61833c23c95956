import type { App } from '#src/app.ts'
import { hashToken, hmac, isSameSecret, newToken } from '#src/base/secrets.ts'
import {
  deleteSession,
  findSessionViewer,
  insertSession,
  listSessions,
  type SessionViewer,
} from '#src/db/sessions.ts'
import type { Id } from '#src/db/tables.ts'
import { markUserActive } from '#src/db/users.ts'

const lifetimeMs = 60 * 24 * 3_600_000

/** The cookie of a browser that is signed in. `__Host-` binds it to this very host, which http does not allow. */
export function sessionCookie(app: Pick<App, 'publicUrl'>) {
  const secure = app.publicUrl.startsWith('https:')
  return {
    name: secure ? '__Host-session' : 'session',
    options: { path: '/', httpOnly: true, secure, sameSite: 'Lax', maxAge: lifetimeMs / 1000 },
  } as const
}

/** A new session, always with a new token: none handed in before signing in lives on. Answers the cookie's value. */
export async function startSession(app: App, userId: Id, userAgent: string | undefined): Promise<string> {
  const token = newToken()
  const now = app.clock.now()
  await app.db.transaction().execute((trx) =>
    insertSession(trx, {
      token_hash: hashToken(token),
      user_id: userId,
      user_agent: (userAgent ?? '').slice(0, 300),
      created_at: now,
      expires_at: new Date(now.getTime() + lifetimeMs),
    }),
  )
  return token
}

/** Undefined for a session that ended, and for people who may not be here any more. */
export async function findSession(app: App, token: string | undefined): Promise<SessionViewer | undefined> {
  if (!token) return undefined
  const now = app.clock.now()
  const viewer = await findSessionViewer(app.db, hashToken(token), now)
  if (viewer) await markUserActiveHourly(app, viewer, now)
  return viewer
}

export async function endSession(app: App, token: string | undefined): Promise<void> {
  if (token) await deleteSession(app.db, hashToken(token))
}

/** A browser that someone is signed in with. */
export type OwnSession = { id: Id; userAgent: string; createdAt: Date; isThisOne: boolean }

const mostShown = 50

/** The latest first. @param token of the browser that asks */
export async function readSessions(app: App, userId: Id, token: string | undefined): Promise<OwnSession[]> {
  const sessions = await listSessions(app.db, userId, { now: app.clock.now(), limit: mostShown })
  const ownHash = token && hashToken(token)
  return sessions.map(({ tokenHash, ...session }) => ({ ...session, isThisOne: tokenHash === ownHash }))
}

/** What a form of this session carries against cross-site posts. Ends with the session. */
export function csrfToken(app: Pick<App, 'secretKey'>, sessionToken: string): string {
  return hmac(app.secretKey, 'csrf', sessionToken)
}

export function isCsrfToken(app: Pick<App, 'secretKey'>, sessionToken: string, given: unknown): boolean {
  return typeof given === 'string' && isSameSecret(csrfToken(app, sessionToken), given)
}

/**
 * Whether a browser sends this from a page of ours. For forms before there is a session, and beside the token
 * for those after; `Sec-Fetch-Site` is the browser's own word, `Origin` that of older ones.
 */
export function isFromOurPages(app: Pick<App, 'publicUrl'>, headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  if (site) return site === 'same-origin' || site === 'none'
  const origin = headers.get('origin')
  return origin === null || origin === app.publicUrl
}

type LastSeen = { userId: Id; lastActiveAt: Date }

/** Keeps the moment someone was last here true to the hour. */
export async function markUserActiveHourly(app: App, seen: LastSeen, now: Date): Promise<void> {
  if (now.getTime() - seen.lastActiveAt.getTime() > 3_600_000) await markUserActive(app.db, seen.userId, now)
}
