import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { MailLinkPurpose, MailLinksTable } from './tables-sign-up.ts'

export type MailLink = Selectable<MailLinksTable>

export async function insertMailLink(
  trx: Transaction<Database>,
  values: Insertable<MailLinksTable>,
): Promise<Id> {
  const row = await trx.insertInto('mail_links').values(values).returning('id').executeTakeFirstOrThrow()
  return row.id
}

export function findMailLink(db: Kysely<Database>, id: Id): Promise<MailLink | undefined> {
  return db.selectFrom('mail_links').selectAll().where('id', '=', id).executeTakeFirst()
}

type Use = { tokenHash: string; purpose: MailLinkPurpose; now: Date }

export function findUsableMailLink(
  db: Kysely<Database>,
  { tokenHash, purpose, now }: Use,
): Promise<MailLink | undefined> {
  return db
    .selectFrom('mail_links')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** Of many simultaneous uses one succeeds; the others, and one that is too old, get undefined. */
export function takeMailLink(
  trx: Transaction<Database>,
  { tokenHash, purpose, now }: Use,
): Promise<MailLink | undefined> {
  return trx
    .updateTable('mail_links')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst()
}

/** Those of someone that still open something, of one purpose. */
export async function deleteMailLinksOf(
  trx: Transaction<Database>,
  userId: Id,
  purpose: MailLinkPurpose,
): Promise<void> {
  await trx
    .deleteFrom('mail_links')
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .execute()
}

export async function deleteExpiredMailLinks(db: Kysely<Database>, now: Date): Promise<void> {
  await db.deleteFrom('mail_links').where('expires_at', '<=', now).execute()
}
