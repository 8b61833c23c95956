import { type SelectQueryBuilder, type StringReference, sql } from 'kysely'
import type { Id } from './tables.ts'

/**
 * Mastodon's paging: newest first below `maxId` and above `sinceId`; with `minId` the page right above it.
 * https://docs.joinmastodon.org/api/guidelines/#pagination
 */
export type Page = { limit: number; maxId?: Id | undefined; sinceId?: Id | undefined; minId?: Id | undefined }

/** Few different ones, since each is another statement. What is read beyond the page that was asked for is dropped. */
const limits = [1, 5, 20, 40, 80]

/** The same page, or a longer one. */
export function widened(page: Page): Page {
  return { ...page, limit: limits.find((limit) => limit >= page.limit) ?? page.limit }
}

/** A keyset scan along one id; `inOrder` puts its rows right. */
export function scanByKey<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  key: StringReference<DB, TB>,
  page: Page,
): SelectQueryBuilder<DB, TB, O> {
  // Written out, so that Postgres plans for few rows.
  let scan = query.limit(sql.lit(page.limit))
  if (page.maxId !== undefined) scan = scan.where(key, '<', page.maxId as never)
  if (page.sinceId !== undefined) scan = scan.where(key, '>', page.sinceId as never)
  if (page.minId !== undefined) return scan.where(key, '>', page.minId as never).orderBy(key, 'asc')
  return scan.orderBy(key, 'desc')
}

/** Of the rows of a scan the page that was asked for, newest first. */
export function inOrder<Row>(rows: Row[], page: Page): Row[] {
  const some = rows.slice(0, page.limit)
  return page.minId === undefined ? some : some.reverse()
}

/** A keyset scan along one id, always answered newest first. */
export async function pageByKey<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  key: StringReference<DB, TB>,
  page: Page,
): Promise<O[]> {
  return inOrder(await scanByKey(query, key, widened(page)).execute(), page)
}
