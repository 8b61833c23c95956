import { type Kysely, sql, type Transaction } from 'kysely'
import { type Page, pageByKey } from './paging.ts'
import { isWithin } from './refusals.ts'
import type { Database, Id } from './tables.ts'

export async function insertPersonDomainBlock(
  trx: Transaction<Database>,
  accountId: Id,
  domain: string,
): Promise<void> {
  await trx
    .insertInto('person_domain_blocks')
    .values({ account_id: accountId, domain })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deletePersonDomainBlock(
  trx: Transaction<Database>,
  accountId: Id,
  domain: string,
): Promise<void> {
  await trx
    .deleteFrom('person_domain_blocks')
    .where('account_id', '=', accountId)
    .where('domain', '=', domain)
    .execute()
}

/** Newest first; `id` is the cursor. */
export function listPersonDomainBlocks(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
): Promise<{ id: Id; domain: string }[]> {
  const query = db
    .selectFrom('person_domain_blocks')
    .select(['person_domain_blocks.id', 'person_domain_blocks.domain'])
    .where('account_id', '=', accountId)
  return pageByKey(query, 'person_domain_blocks.id', page)
}

/** Some of those at a domain, or below it, who follow a person or are followed. */
export async function listTiesToDomain(
  db: Kysely<Database>,
  accountId: Id,
  { domain, limit }: { domain: string; limit: number },
): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`
    select distinct accounts.id
    from follows
    join accounts on accounts.id = case
      when follows.follower_id = ${accountId} then follows.followee_id else follows.follower_id end
    where (follows.follower_id = ${accountId} or follows.followee_id = ${accountId})
      and ${isWithin(sql.ref('accounts.domain'), sql`${domain}::text`)}
    limit ${limit}
  `.execute(db)
  return rows.map(({ id }) => id)
}
