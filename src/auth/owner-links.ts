import { makeKeyPairs } from '#src/accounts/keys.ts'
import { type Registered, registerAccount } from '#src/accounts/register.ts'
import { checkUsername, instanceActorUsername } from '#src/accounts/usernames.ts'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { hashToken, newToken } from '#src/base/secrets.ts'
import {
  deleteUnusableOwnerLinks,
  insertOwnerLink,
  isOwnerLinkUsable as isUsable,
  takeOwnerLink,
} from '#src/db/owner-links.ts'
import { hashPassword } from './passwords.ts'

const lifetimeMs = 24 * 3_600_000

/** The address of a page where someone becomes an owner, once, within 24 hours. */
export async function createOwnerLink(app: Pick<App, 'db' | 'clock' | 'publicUrl'>): Promise<string> {
  const token = newToken()
  const now = app.clock.now()
  await deleteUnusableOwnerLinks(app.db, now)
  await insertOwnerLink(app.db, {
    token_hash: hashToken(token),
    created_at: now,
    expires_at: new Date(now.getTime() + lifetimeMs),
  })
  return `${app.publicUrl}/owner/${token}`
}

export function isOwnerLinkUsable(app: Pick<App, 'db' | 'clock'>, token: string): Promise<boolean> {
  return isUsable(app.db, hashToken(token), app.clock.now())
}

type NewOwner = { username: string; password: string; email?: string | undefined }

/**
 * Makes the owner's account. A refused name or password leaves the link usable.
 * @throws AppError gone (used or too old), invalid (name, password or e-mail)
 */
export async function redeemOwnerLink(app: App, token: string, owner: NewOwner): Promise<Registered> {
  if (!(await isOwnerLinkUsable(app, token))) throw linkGone()
  checkUsername(app, owner.username)
  const passwordHash = await hashPassword(owner.password)
  const keys = await makeKeyPairs()
  return app.db.transaction().execute(async (trx) => {
    if (!(await takeOwnerLink(trx, hashToken(token), app.clock.now()))) throw linkGone()
    return registerAccount(trx, app, {
      username: owner.username,
      // Nobody writes to the owner yet; the settings page takes the real address.
      email: owner.email || `${owner.username}@${instanceActorUsername(app.handleHost)}`,
      passwordHash,
      role: 'owner',
      confirmed: true,
      approved: true,
      keys,
    })
  })
}

function linkGone(): AppError {
  return new AppError(
    'gone',
    'This link was used already or is too old. `npm run -s cli -- owner-link` makes another.',
  )
}
