import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Application } from '#src/db/applications.ts'
import { hasAnyTokenFor } from '#src/db/authorized-apps.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { findCorrespondent, findUserByAccount } from '#src/db/users.ts'
import { canWriteMail, type Letter, postLetter } from '#src/mail/post.ts'

type Notice = Pick<Letter, 'letter' | 'detail'>

/** Tells someone by mail what happened to their account, where there is mail and the address is known to be theirs. */
export async function noticeUser(
  trx: Transaction<Database>,
  app: Pick<App, 'config'>,
  { userId, ...notice }: Notice & { userId: Id },
): Promise<void> {
  if (!canWriteMail(app)) return
  const reader = await findCorrespondent(trx, userId)
  if (!reader?.confirmed_at) return
  const { email, username, locale } = reader
  await postLetter(trx, app, { ...notice, to: email, username, language: locale })
}

/** Before a token is given: tells of an app that holds none of theirs yet. */
export async function noticeNewApp(
  trx: Transaction<Database>,
  app: Pick<App, 'config'>,
  { accountId, application }: { accountId: Id; application: Application },
): Promise<void> {
  if (!canWriteMail(app)) return
  if (await hasAnyTokenFor(trx, { accountId, applicationId: application.id })) return
  const user = await findUserByAccount(trx, accountId)
  if (user) await noticeUser(trx, app, { userId: user.id, letter: 'newApp', detail: application.name })
}
