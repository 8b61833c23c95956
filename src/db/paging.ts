import { type SelectQueryBuilder, type StringReference, sql } from 'kysely'
import type { Id } from './tables.ts'

/**
 * Mastodon's paging: newest first below `maxId` and above `sinceId`; with `minId` the page right above it.
 * https://docs.joinmastodon.org/api/guidelines/#pagination
 */
export type Page = { limit: number; maxId?: Id | undefined; sinceId?: Id | undefined; minId?: Id | undefined }

/**
 * Written out, so that Postgres plans for few rows, and few different ones, since each is another statement. What is
 * read beyond the page that was asked for is dropped.
 */
const limits = [5, 20, 40, 80]

/** A keyset scan along one id, always answered newest first. */
export async function pageByKey<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  key: StringReference<DB, TB>,
  page: Page,
): Promise<O[]> {
  const most = limits.find((limit) => limit >= page.limit) ?? page.limit
  let scan = query.limit(sql.lit(most))
  if (page.maxId !== undefined) scan = scan.where(key, '<', page.maxId as never)
  if (page.sinceId !== undefined) scan = scan.where(key, '>', page.sinceId as never)
  if (page.minId !== undefined) {
    const rows = await scan
      .where(key, '>', page.minId as never)
      .orderBy(key, 'asc')
      .execute()
    return rows.slice(0, page.limit).reverse()
  }
  return (await scan.orderBy(key, 'desc').execute()).slice(0, page.limit)
}
