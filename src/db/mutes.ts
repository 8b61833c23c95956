import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import type { MutesTable } from './tables-relations.ts'

/** Muting someone again changes for how long, and whether notifications come through. */
export async function upsertMute(trx: Transaction<Database>, values: Insertable<MutesTable>): Promise<void> {
  const { hides_notifications, expires_at } = values
  await trx
    .insertInto('mutes')
    .values(values)
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'target_id']).doUpdateSet({ hides_notifications, expires_at }),
    )
    .execute()
}

/** Answers whether there was one. */
export async function deleteMute(trx: Transaction<Database>, accountId: Id, targetId: Id): Promise<boolean> {
  const result = await trx
    .deleteFrom('mutes')
    .where('account_id', '=', accountId)
    .where('target_id', '=', targetId)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

export type Muted = Account & { mute_id: Id; mute_expires_at: Date | null }

/** Newest first; `mute_id` is the cursor. */
export function listMuted(db: Kysely<Database>, accountId: Id, page: Page): Promise<Muted[]> {
  const query = db
    .selectFrom('mutes')
    .innerJoin('accounts', 'accounts.id', 'mutes.target_id')
    .selectAll('accounts')
    .select(['mutes.id as mute_id', 'mutes.expires_at as mute_expires_at'])
    .where('mutes.account_id', '=', accountId)
    .where('accounts.deleted_at', 'is', null)
    .where((eb) => eb.or([eb('mutes.expires_at', 'is', null), eb('mutes.expires_at', '>', sql<Date>`now()`)]))
  return pageByKey(query, 'mutes.id', page)
}

/** Those that ended; a periodic job calls it. */
export async function pruneMutes(db: Kysely<Database>, now: Date): Promise<void> {
  await db.deleteFrom('mutes').where('expires_at', '<=', now).execute()
}

export async function insertConversationMute(
  trx: Transaction<Database>,
  accountId: Id,
  conversationUri: string,
): Promise<void> {
  await trx
    .insertInto('conversation_mutes')
    .values({ account_id: accountId, conversation_uri: conversationUri })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deleteConversationMute(
  trx: Transaction<Database>,
  accountId: Id,
  conversationUri: string,
): Promise<void> {
  await trx
    .deleteFrom('conversation_mutes')
    .where('account_id', '=', accountId)
    .where('conversation_uri', '=', conversationUri)
    .execute()
}
