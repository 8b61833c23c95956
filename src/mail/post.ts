import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { Database, Id } from '#src/db/tables.ts'
import type { LetterName } from '#src/jobs/catalogue.ts'
import { enqueue } from '#src/jobs/queue.ts'

/** Whether letters can be sent. Where they cannot, an address counts as confirmed. */
export function canWriteMail({ config }: Pick<App, 'config'>): boolean {
  return config.smtpUrl !== undefined
}

export type Letter = {
  letter: LetterName
  to: string
  /** Of the reader; English where it is none of ours. */
  language: string | null
  username: string
  linkId?: Id
  /** Whatever the letter is about: an app's name, a new address. */
  detail?: string
}

/** Sends a letter once the transaction is done; nothing where there is no mail. */
export async function postLetter(
  trx: Transaction<Database>,
  app: Pick<App, 'config'>,
  { language, ...letter }: Letter,
): Promise<void> {
  if (canWriteMail(app)) await enqueue(trx, 'sendLetter', { ...letter, language: language ?? 'en' })
}
