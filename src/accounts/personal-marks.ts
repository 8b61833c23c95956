import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { getAccount } from '#src/db/accounts.ts'
import { deleteEndorsement, insertEndorsement, setAccountComment } from '#src/db/personal-marks.ts'
import type { Id } from '#src/db/tables.ts'

/** Mastodon's, in characters. */
const longestComment = 2_000

/**
 * Writes down what someone thinks of another, for themselves alone. An empty comment takes it away.
 * @throws AppError notFound; invalid for one that is too long
 */
export async function commentOnAccount(
  { db }: Pick<App, 'db'>,
  accountId: Id,
  targetId: Id,
  typed: string,
): Promise<void> {
  const comment = removeUnstorable(typed).trim()
  if (Array.from(comment).length > longestComment) {
    throw new AppError(
      'invalid',
      `Validation failed: Comment is too long (maximum is ${longestComment} characters)`,
    )
  }
  const target = await getAccount(db, targetId)
  await setAccountComment(db, accountId, target.id, comment)
}

/**
 * Recommends someone on the own profile.
 * @throws AppError notFound; invalid for whom one does not follow
 */
export async function endorseAccount({ db }: Pick<App, 'db'>, accountId: Id, targetId: Id): Promise<void> {
  const target = await getAccount(db, targetId)
  if (await insertEndorsement(db, accountId, target.id)) return
  throw new AppError(
    'invalid',
    'Validation failed: You must be already following the person you want to endorse',
  )
}

export async function unendorseAccount({ db }: Pick<App, 'db'>, accountId: Id, targetId: Id): Promise<void> {
  await deleteEndorsement(db, accountId, (await getAccount(db, targetId)).id)
}
