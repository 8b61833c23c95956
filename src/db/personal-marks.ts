import { type Kysely, sql, type Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'

/** What one person keeps of another: a comment of their own, and whether they recommend them. */
export type PersonalMarks = { account_id: Id; comment: string; endorsed: boolean }

/** What one person keeps of several others, in one query; those of whom there is nothing are left out. */
export async function listPersonalMarks(
  db: Kysely<Database>,
  viewerId: Id,
  accountIds: Id[],
): Promise<PersonalMarks[]> {
  if (accountIds.length === 0) return []
  const { rows } = await sql<PersonalMarks>`
    select target_id as account_id, max(comment) as comment, bool_or(endorsed) as endorsed
    from (
      select target_id, comment, false as endorsed from account_comments
      where account_id = ${viewerId} and target_id = any(${accountIds}::bigint[])
      union all
      select target_id, '', true from endorsements
      where account_id = ${viewerId} and target_id = any(${accountIds}::bigint[])
    ) as marks
    group by target_id
  `.execute(db)
  return rows
}

/** An empty comment is none. */
export async function setAccountComment(
  db: Kysely<Database>,
  accountId: Id,
  targetId: Id,
  comment: string,
): Promise<void> {
  if (comment === '') {
    await db
      .deleteFrom('account_comments')
      .where('account_id', '=', accountId)
      .where('target_id', '=', targetId)
      .execute()
    return
  }
  await db
    .insertInto('account_comments')
    .values({ account_id: accountId, target_id: targetId, comment })
    .onConflict((conflict) => conflict.columns(['account_id', 'target_id']).doUpdateSet({ comment }))
    .execute()
}

/** What was written down of one account is found at another as well, where nothing stands yet. */
export async function copyAccountComments(
  trx: Transaction<Database>,
  { fromId, toId }: { fromId: Id; toId: Id },
): Promise<void> {
  await sql`
    insert into account_comments (account_id, target_id, comment)
    select account_id, ${toId}::bigint, comment from account_comments
    where target_id = ${fromId} and account_id <> ${toId}
    on conflict do nothing
  `.execute(trx)
}

/** False for someone they do not follow; twice is as good as once. */
export async function insertEndorsement(db: Kysely<Database>, accountId: Id, targetId: Id): Promise<boolean> {
  // The follow is kept as it is until this is done, as it would be for a row that refers to it.
  const { rows } = await sql<{ found: boolean }>`
    with followed as (
      select follower_id, followee_id from follows
      where follower_id = ${accountId} and followee_id = ${targetId} and state = 'accepted'
      for key share
    ), added as (
      insert into endorsements (account_id, target_id)
      select follower_id, followee_id from followed
      on conflict do nothing
    )
    select exists (select from followed) as found
  `.execute(db)
  return rows[0]?.found ?? false
}

export async function deleteEndorsement(db: Kysely<Database>, accountId: Id, targetId: Id): Promise<void> {
  await db
    .deleteFrom('endorsements')
    .where('account_id', '=', accountId)
    .where('target_id', '=', targetId)
    .execute()
}

/** Newest first; `endorsement_id` is the cursor. */
export function listEndorsed(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
): Promise<(Account & { endorsement_id: Id })[]> {
  const query = db
    .selectFrom('endorsements')
    .innerJoin('accounts', 'accounts.id', 'endorsements.target_id')
    .selectAll('accounts')
    .select('endorsements.id as endorsement_id')
    .where('endorsements.account_id', '=', accountId)
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
  return pageByKey(query, 'endorsements.id', page)
}

/** Nothing for an account that is not there. */
export async function insertDismissal(db: Kysely<Database>, accountId: Id, targetId: Id): Promise<void> {
  await sql`
    insert into dismissed_suggestions (account_id, target_id)
    select ${accountId}::bigint, id from accounts where id = ${targetId}
    on conflict do nothing
  `.execute(db)
}
