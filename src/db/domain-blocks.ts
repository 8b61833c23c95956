import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from './tables.ts'

/** Whether one of these domains is blocked here. */
export async function hasDomainBlock(db: Kysely<Database>, domains: string[]): Promise<boolean> {
  if (domains.length === 0) return false
  const { rows } = await sql`select from domain_blocks where domain = any(${domains}) limit 1`.execute(db)
  return rows.length > 0
}

/** Which of these domains are blocked here. */
export async function findBlockedDomains(db: Kysely<Database>, domains: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ domain: string }>`
    select domain from domain_blocks where domain = any(${domains})`.execute(db)
  return new Set(rows.map(({ domain }) => domain))
}

export type DomainBlock = { domain: string; reason: string; createdAt: Date }

export function listDomainBlocks(db: Kysely<Database>): Promise<DomainBlock[]> {
  return db
    .selectFrom('domain_blocks')
    .select(['domain', 'reason', 'created_at as createdAt'])
    .orderBy('domain')
    .execute()
}

/** Known ones keep their reason. Answers which are new. */
export async function insertDomainBlocks(
  trx: Transaction<Database>,
  blocks: { domain: string; reason: string }[],
): Promise<string[]> {
  if (blocks.length === 0) return []
  const rows = await trx
    .insertInto('domain_blocks')
    .values(blocks)
    .onConflict((conflict) => conflict.column('domain').doNothing())
    .returning('domain')
    .execute()
  return rows.map(({ domain }) => domain)
}

/** Answers whether there was such a block. */
export async function deleteDomainBlock(trx: Transaction<Database>, domain: string): Promise<boolean> {
  const result = await trx.deleteFrom('domain_blocks').where('domain', '=', domain).executeTakeFirst()
  return result.numDeletedRows > 0n
}
