import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { findUserByLogin, type SignInUser } from '#src/db/users.ts'
import { countSignInAttempt, forgetSignInAttempts } from './attempts.ts'
import { isPassword } from './passwords.ts'

export type Credentials = {
  /** An e-mail address or a username. */
  login: string
  password: string
  /** Where the attempt comes from; empty when unknown. */
  address: string
}

/**
 * Who holds these credentials. In words and in time, a wrong password and an unknown name are the same.
 * @throws AppError unauthenticated (wrong), forbidden (may not come in yet or any more), tooMany
 */
export async function checkCredentials(app: App, credentials: Credentials): Promise<SignInUser> {
  await countSignInAttempt(app, credentials)
  const user = await findUserByLogin(app.db, credentials.login)
  if (!(await isPassword(user?.password_hash, credentials.password)) || !user) {
    throw new AppError('unauthenticated', 'Invalid e-mail address, username or password.', {
      code: 'wrong_credentials',
    })
  }
  refuseUnwelcome(user)
  await forgetSignInAttempts(app, credentials)
  return user
}

function refuseUnwelcome(user: SignInUser): void {
  const code = refusalOf(user)
  if (code) throw new AppError('forbidden', refusalWords[code], { code })
}

// Until someone is confirmed and approved their account is suspended too, so that nobody sees it.
function refusalOf(user: SignInUser): keyof typeof refusalWords | undefined {
  if (user.disabled_at || user.deleted_at) return 'disabled'
  if (!user.confirmed_at) return 'unconfirmed'
  if (!user.approved_at) return 'unapproved'
  return user.suspended_at ? 'disabled' : undefined
}

/** Mastodon's words for why someone may not come in yet, or any more. */
export const refusalWords = {
  disabled: 'Your login is currently disabled',
  unconfirmed: 'Your login is missing a confirmed e-mail address',
  unapproved: 'Your login is currently pending approval',
} as const
