import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { hashToken } from '#src/base/secrets.ts'
import { deleteMailLinksOf, findUsableMailLink, takeMailLink } from '#src/db/mail-links.ts'
import { deleteSessionsOfUser } from '#src/db/sessions.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { revokeTokensOfAccount } from '#src/db/tokens.ts'
import { findUser, findUserByLogin, type User, updateUser } from '#src/db/users.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { createMailLink } from '#src/mail/links.ts'
import { postLetter } from '#src/mail/post.ts'
import { countAgainst } from './attempts.ts'
import { noticeUser } from './notices.ts'
import { hashPassword, isPassword } from './passwords.ts'

type Ground = Pick<App, 'db' | 'clock' | 'config'>
type Owner = { id: Id; account_id: Id }

/** Apps keep their access only if the person says so, since who knew the old password may hold one. */
type Choice = { password: string; endsApps: boolean }

/**
 * Ends every session of theirs, and the tokens of their apps unless told.
 * @throws AppError invalid for a bad password
 */
export async function changePassword(
  app: Ground,
  user: Owner,
  { password, endsApps }: Choice,
): Promise<void> {
  const passwordHash = await hashPassword(password)
  await app.db.transaction().execute((trx) => storePassword(trx, app, { user, passwordHash, endsApps }))
}

/** The same by the person, who knows the old one. Throws AppError invalid `wrong_password`, tooMany. */
export async function changeOwnPassword(
  app: Ground,
  user: User,
  { current, ...choice }: Choice & { current: string },
): Promise<void> {
  await checkOwnPassword(app, user, current)
  await changePassword(app, user, choice)
}

const perPerson = 10

/** For what a session alone may not do. Throws AppError invalid `wrong_password`, tooMany. */
export async function checkOwnPassword(app: Ground, user: User, password: string): Promise<void> {
  await countAgainst(app, [{ key: `password:${user.id}`, most: perPerson }])
  if (await isPassword(user.password_hash, password)) return
  throw new AppError('invalid', 'The password is wrong', { code: 'wrong_password' })
}

type NewPassword = { user: Owner; passwordHash: string; endsApps: boolean }

async function storePassword(
  trx: Transaction<Database>,
  app: Ground,
  { user, passwordHash, endsApps }: NewPassword,
): Promise<void> {
  await updateUser(trx, user.id, { password_hash: passwordHash })
  await deleteSessionsOfUser(trx, user.id)
  if (endsApps) await revokeTokensOfAccount(trx, user.account_id, app.clock.now())
  await deleteMailLinksOf(trx, user.id, 'reset')
  await noticeUser(trx, app, { userId: user.id, letter: 'passwordChanged' })
}

const windowMs = 3_600_000
const perLogin = 5
const perAddress = 20

type Forgetful = { login: string; language: string; address: string }

/**
 * Someone forgot a password. Whose it is, if anyone's, is found out by a job: neither words nor time tell whether the
 * name or address is known. Throws AppError tooMany.
 */
export async function askForReset(app: Ground, { login, language, address }: Forgetful): Promise<void> {
  await countAgainst(
    app,
    [
      { key: `forgot:${hashToken(login.trim().toLowerCase())}`, most: perLogin },
      ...(app.config.allowPrivateAddresses ? [] : [{ key: `forgot-from:${address}`, most: perAddress }]),
    ],
    windowMs,
  )
  await app.db
    .transaction()
    .execute((trx) => enqueue(trx, 'forgotPassword', { login: login.slice(0, 320), language }))
}

/** Writes to whoever may sign in by that name. */
export async function sendReset(
  app: Ground & Pick<App, 'secretKey'>,
  { login, language }: JobPayload<'forgotPassword'>,
): Promise<void> {
  const user = await findUserByLogin(app.db, login)
  if (!user || user.disabled_at || user.suspended_at || user.deleted_at) return
  const { email, username, locale } = user
  await app.db.transaction().execute(async (trx) => {
    const linkId = await createMailLink(trx, app, { userId: user.id, purpose: 'reset', email })
    await postLetter(trx, app, { letter: 'reset', to: email, username, language: locale ?? language, linkId })
  })
}

export async function isResetUsable(app: Pick<App, 'db' | 'clock'>, token: string): Promise<boolean> {
  return (await findUsableMailLink(app.db, useOf(app, token))) !== undefined
}

/**
 * A refused password leaves the link usable.
 * @throws AppError gone (used, too old, or for an address they have no more), invalid for a bad password
 */
export async function resetPassword(
  app: Ground,
  token: string,
  { password, endsApps }: Choice,
): Promise<void> {
  if (!(await isResetUsable(app, token))) throw resetGone()
  const passwordHash = await hashPassword(password)
  await app.db.transaction().execute(async (trx) => {
    const link = await takeMailLink(trx, useOf(app, token))
    const user = link && (await findUser(trx, link.user_id))
    if (!user || link.email !== user.email) throw resetGone()
    await storePassword(trx, app, { user, passwordHash, endsApps })
  })
}

function useOf(app: Pick<App, 'clock'>, token: string) {
  return { tokenHash: hashToken(token), purpose: 'reset' as const, now: app.clock.now() }
}

function resetGone(): AppError {
  return new AppError('gone', 'This link was used already or is too old.')
}
