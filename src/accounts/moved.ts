import { AppError } from '#src/base/errors.ts'
import type { Account } from '#src/db/accounts.ts'

/**
 * Someone who moved away may look around and come back, but whatever they said here would reach nobody.
 * @throws AppError forbidden
 */
export function refuseMoved(account: Pick<Account, 'moved_to_uri'>): void {
  if (account.moved_to_uri === null) return
  throw new AppError('forbidden', 'This account has moved to another and can no longer post or follow', {
    code: 'moved',
  })
}
