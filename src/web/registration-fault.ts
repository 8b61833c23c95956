import type { AppError } from '#src/base/errors.ts'
import type { Messages } from './i18n/en.ts'

/** Why a name, an address or a password was refused, in the reader's words. */
export function registrationFault({ accounts, account }: Messages, error: AppError): string {
  const faults: Record<string, string> = {
    email: accounts.emailInvalid,
    email_taken: account.emailTaken,
    username: accounts.nameInvalid,
    username_taken: accounts.nameTaken,
    username_reserved: accounts.nameReserved,
    wrong_password: account.wrongPassword,
    password: accounts.passwordShort,
  }
  return faults[error.code ?? ''] ?? accounts.passwordInvalid
}
