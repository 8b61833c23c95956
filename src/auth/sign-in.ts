import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { deleteSessionsOfUser } from '#src/db/sessions.ts'
import type { Id } from '#src/db/tables.ts'
import { revokeTokensOfAccount } from '#src/db/tokens.ts'
import { findUserByLogin, type SignInUser, updateUser } from '#src/db/users.ts'
import { countSignInAttempt, forgetSignInAttempts } from './attempts.ts'
import { hashPassword, isPassword } from './passwords.ts'

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
  if (user.disabled_at || user.suspended_at || user.deleted_at) {
    throw new AppError('forbidden', 'Your login is currently disabled', { code: 'disabled' })
  }
  if (!user.confirmed_at) {
    throw new AppError('forbidden', 'Your login is missing a confirmed e-mail address', {
      code: 'unconfirmed',
    })
  }
  if (!user.approved_at) {
    throw new AppError('forbidden', 'Your login is currently pending approval', { code: 'unapproved' })
  }
}

/**
 * Ends every session and token of theirs, since who knew the old password may hold one.
 * @throws AppError invalid for a bad password
 */
export async function changePassword(
  app: Pick<App, 'db' | 'clock'>,
  user: { id: Id; account_id: Id },
  password: string,
): Promise<void> {
  const passwordHash = await hashPassword(password)
  await app.db.transaction().execute(async (trx) => {
    await updateUser(trx, user.id, { password_hash: passwordHash })
    await deleteSessionsOfUser(trx, user.id)
    await revokeTokensOfAccount(trx, user.account_id, app.clock.now())
  })
}
