import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { InvitesTable } from './tables-sign-up.ts'

export type Invite = Selectable<InvitesTable>

export async function insertInvite(db: Kysely<Database>, values: Insertable<InvitesTable>): Promise<void> {
  await db.insertInto('invites').values(values).execute()
}

/** The latest first. */
export function listInvites(
  db: Kysely<Database>,
  accountId: Id,
  { limit, maxId }: { limit: number; maxId: Id | undefined },
): Promise<Invite[]> {
  return db
    .selectFrom('invites')
    .selectAll()
    .where('account_id', '=', accountId)
    .$if(maxId !== undefined, (query) => query.where('id', '<', maxId ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** One that may still be used, made by someone who is here. */
export function findUsableInvite(
  db: Kysely<Database>,
  tokenHash: string,
  now: Date,
): Promise<Invite | undefined> {
  return db
    .selectFrom('invites')
    .innerJoin('accounts', 'accounts.id', 'invites.account_id')
    .selectAll('invites')
    .where('token_hash', '=', tokenHash)
    .where('accounts.suspended_at', 'is', null)
    .where('accounts.deleted_at', 'is', null)
    .where((eb) => eb.or([eb('invites.expires_at', 'is', null), eb('invites.expires_at', '>', now)]))
    .where((eb) =>
      eb.or([
        eb('invites.max_uses', 'is', null),
        eb('invites.uses', '<', eb.ref('invites.max_uses').$castTo<number>()),
      ]),
    )
    .executeTakeFirst()
}

/** Counts a use. Of many simultaneous ones no more succeed than are allowed; answers whether this one did. */
export async function takeInvite(trx: Transaction<Database>, id: Id): Promise<boolean> {
  const row = await trx
    .updateTable('invites')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where('id', '=', id)
    .where((eb) => eb.or([eb('max_uses', 'is', null), eb('uses', '<', eb.ref('max_uses').$castTo<number>())]))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** One of theirs; whoever came by it stays. */
export async function deleteInvite(db: Kysely<Database>, accountId: Id, id: Id): Promise<void> {
  await db.deleteFrom('invites').where('account_id', '=', accountId).where('id', '=', id).execute()
}
