import type { Insertable, Kysely, Transaction } from 'kysely'
import type { Database } from './tables.ts'
import type { OwnerLinksTable } from './tables-auth.ts'

export async function insertOwnerLink(
  db: Kysely<Database>,
  values: Insertable<OwnerLinksTable>,
): Promise<void> {
  await db.insertInto('owner_links').values(values).execute()
}

export async function isOwnerLinkUsable(
  db: Kysely<Database>,
  tokenHash: string,
  now: Date,
): Promise<boolean> {
  const row = await db
    .selectFrom('owner_links')
    .select('id')
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row !== undefined
}

/** Of many simultaneous uses one succeeds. Answers whether this one did. */
export async function takeOwnerLink(
  trx: Transaction<Database>,
  tokenHash: string,
  now: Date,
): Promise<boolean> {
  const row = await trx
    .updateTable('owner_links')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function deleteUnusableOwnerLinks(db: Kysely<Database>, now: Date): Promise<void> {
  await db
    .deleteFrom('owner_links')
    .where((eb) => eb.or([eb('expires_at', '<=', now), eb('used_at', 'is not', null)]))
    .execute()
}
