import type { Transaction } from 'kysely'
import { checkEmail, emailTaken } from '#src/accounts/register.ts'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { hashToken } from '#src/base/secrets.ts'
import { admitAccount } from '#src/db/accounts.ts'
import { deleteMailLinksOf, findUsableMailLink, takeMailLink } from '#src/db/mail-links.ts'
import type { Database } from '#src/db/tables.ts'
import {
  findCorrespondent,
  findUser,
  getUserByLogin,
  isEmailTaken,
  type User,
  updateUser,
} from '#src/db/users.ts'
import { createMailLink } from '#src/mail/links.ts'
import { canWriteMail, postLetter } from '#src/mail/post.ts'
import { countAgainst } from './attempts.ts'
import { checkOwnPassword } from './change-password.ts'
import { noticeUser } from './notices.ts'

type Ground = Pick<App, 'db' | 'clock' | 'config' | 'secretKey'>

/** Writes to an address, to hear whether it is theirs. */
export async function askToConfirm(
  trx: Transaction<Database>,
  app: Ground,
  { user, email }: { user: User; email: string },
): Promise<void> {
  const reader = await findCorrespondent(trx, user.id)
  if (!reader) return
  const linkId = await createMailLink(trx, app, { userId: user.id, purpose: 'confirm', email })
  const { username, locale } = reader
  await postLetter(trx, app, { letter: 'confirm', to: email, username, language: locale, linkId })
}

const hourMs = 3_600_000
const lettersAnHour = 5

/**
 * The same once more, to another address if one is given.
 * @throws AppError invalid `email`, tooMany, forbidden where there is nothing to confirm
 */
export async function askAgainToConfirm(app: Ground, user: User, email: string | undefined): Promise<void> {
  if (user.confirmed_at || !canWriteMail(app)) throw nothingToConfirm()
  const wanted = email ?? user.email
  checkEmail(wanted)
  await countAgainst(app, [{ key: `letters:${user.id}`, most: lettersAnHour }], hourMs)
  await app.db.transaction().execute(async (trx) => {
    if (wanted !== user.email) await giveEmail(trx, user, wanted)
    await askToConfirm(trx, app, { user, email: wanted })
  })
}

/** In Mastodon's words. */
export function nothingToConfirm(): AppError {
  return new AppError('forbidden', 'This method is only available while the e-mail is awaiting confirmation')
}

/** Whoever knows the password and comes too early lost the letter, perhaps. Throws AppError tooMany. */
export async function remindToConfirm(app: Ground, login: string): Promise<void> {
  await askAgainToConfirm(app, await getUserByLogin(app.db, login), undefined)
}

/**
 * Changes someone's address: at once where there is no mail, else once the new one is confirmed.
 * @throws AppError invalid (`email`, `wrong_password`), tooMany
 */
export async function changeEmail(
  app: Ground,
  user: User,
  { email, password }: { email: string; password: string },
): Promise<'changed' | 'asked'> {
  checkEmail(email)
  await checkOwnPassword(app, user, password)
  if (email !== user.email && (await isTakenByAnother(app.db, user, email))) throw emailTaken()
  return app.db.transaction().execute(async (trx) => {
    if (!canWriteMail(app)) {
      await giveEmail(trx, user, email)
      return 'changed'
    }
    await askToConfirm(trx, app, { user, email })
    return 'asked'
  })
}

/** The address a link confirms; undefined when it was used or is too old. */
export async function findEmailToConfirm(
  app: Pick<App, 'db' | 'clock'>,
  token: string,
): Promise<string | undefined> {
  return (await findUsableMailLink(app.db, useOf(app, token)))?.email
}

/**
 * Answers whether the account can be used now, or waits for somebody's approval.
 * @throws AppError gone (used or too old), invalid `email` when somebody else has the address by now
 */
export async function confirmEmail(app: Ground, token: string): Promise<'ready' | 'unapproved'> {
  return app.db.transaction().execute(async (trx) => {
    const link = await takeMailLink(trx, useOf(app, token))
    const user = link && (await findUser(trx, link.user_id))
    if (!user) throw new AppError('gone', 'This link was used already or is too old.')
    if (user.email !== link.email) await replaceEmail(trx, app, user, link.email)
    // Only then: what hides someone who was here already is not for a letter to end.
    if (!user.confirmed_at) {
      await updateUser(trx, user.id, { confirmed_at: app.clock.now() })
      await admitAccount(trx, user.account_id)
    }
    return user.approved_at ? 'ready' : 'unapproved'
  })
}

async function replaceEmail(
  trx: Transaction<Database>,
  app: Ground,
  user: User,
  email: string,
): Promise<void> {
  // To the old address as long as it is the one that stands there, then to the new.
  await noticeUser(trx, app, { userId: user.id, letter: 'emailChanged', detail: email })
  await giveEmail(trx, user, email)
  await noticeUser(trx, app, { userId: user.id, letter: 'emailChanged', detail: email })
}

async function giveEmail(trx: Transaction<Database>, user: User, email: string): Promise<void> {
  if (await isTakenByAnother(trx, user, email)) throw emailTaken()
  await updateUser(trx, user.id, { email }).catch((error: unknown) => {
    // Two at once are told apart by the database.
    const isTaken = error instanceof Error && 'constraint' in error && error.constraint === 'users_email'
    throw isTaken ? emailTaken(error) : error
  })
  // A link that went to the old address opens nothing any more.
  await deleteMailLinksOf(trx, user.id, 'reset')
}

async function isTakenByAnother(db: App['db'], user: User, email: string): Promise<boolean> {
  return email.toLowerCase() !== user.email.toLowerCase() && (await isEmailTaken(db, email))
}

function useOf(app: Pick<App, 'clock'>, token: string) {
  return { tokenHash: hashToken(token), purpose: 'confirm' as const, now: app.clock.now() }
}
