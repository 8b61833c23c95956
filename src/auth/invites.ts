import type { App } from '#src/app.ts'
import { hashToken, hmac, newToken } from '#src/base/secrets.ts'
import { findUsableInvite, type Invite, insertInvite } from '#src/db/invites.ts'
import type { Id } from '#src/db/tables.ts'

type NewInvite = {
  /** Null for any number of people. */
  maxUses: number | null
  /** Null for good. */
  lifetimeMs: number | null
}

/** A link by which people may sign up. */
export async function createInvite(
  app: Pick<App, 'db' | 'clock' | 'secretKey'>,
  accountId: Id,
  { maxUses, lifetimeMs }: NewInvite,
): Promise<void> {
  const seed = newToken()
  const now = app.clock.now()
  await insertInvite(app.db, {
    account_id: accountId,
    seed,
    token_hash: hashToken(tokenOf(app, seed)),
    max_uses: maxUses,
    created_at: now,
    expires_at: lifetimeMs === null ? null : new Date(now.getTime() + lifetimeMs),
  })
}

export function findInvite(
  app: Pick<App, 'db' | 'clock'>,
  token: string | undefined,
): Promise<Invite | undefined> {
  if (!token) return Promise.resolve(undefined)
  return findUsableInvite(app.db, hashToken(token), app.clock.now())
}

/** Where an invitation leads. */
export function inviteAddress(app: Pick<App, 'secretKey' | 'publicUrl'>, { seed }: Invite): string {
  return `${app.publicUrl}/sign-up/${tokenOf(app, seed)}`
}

function tokenOf(app: Pick<App, 'secretKey'>, seed: string): string {
  return hmac(app.secretKey, 'invite', seed)
}
