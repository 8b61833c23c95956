import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { hashToken, hmac, newToken } from '#src/base/secrets.ts'
import { deleteMailLinksOf, findMailLink, insertMailLink } from '#src/db/mail-links.ts'
import type { Database, Id } from '#src/db/tables.ts'
import type { MailLinkPurpose } from '#src/db/tables-sign-up.ts'

const hour = 3_600_000
const lifetimeMs: Record<MailLinkPurpose, number> = { confirm: 48 * hour, reset: 6 * hour }

type NewLink = { userId: Id; purpose: MailLinkPurpose; email: string }

/**
 * A link that goes to someone by mail, in place of any earlier one of its purpose. Only its seed and its hash are
 * stored: the token is made anew when the letter is sent. Answers its id.
 */
export async function createMailLink(
  trx: Transaction<Database>,
  app: Pick<App, 'clock' | 'secretKey'>,
  { userId, purpose, email }: NewLink,
): Promise<Id> {
  await deleteMailLinksOf(trx, userId, purpose)
  const seed = newToken()
  const now = app.clock.now()
  return insertMailLink(trx, {
    user_id: userId,
    purpose,
    email,
    seed,
    token_hash: hashToken(tokenOf(app, seed)),
    created_at: now,
    expires_at: new Date(now.getTime() + lifetimeMs[purpose]),
  })
}

/** The address a link leads to; undefined when it was used, or another took its place. */
export async function addressOfLink(
  app: Pick<App, 'db' | 'secretKey' | 'publicUrl'>,
  id: Id,
): Promise<string | undefined> {
  const link = await findMailLink(app.db, id)
  if (!link || link.used_at) return undefined
  return `${app.publicUrl}/${link.purpose}/${tokenOf(app, link.seed)}`
}

function tokenOf(app: Pick<App, 'secretKey'>, seed: string): string {
  return hmac(app.secretKey, 'mail link', seed)
}
