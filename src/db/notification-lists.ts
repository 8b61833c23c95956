import { type Kysely, type Selectable, sql } from 'kysely'
import { anyOf } from './ids.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id, NotificationKind, NotificationsTable } from './tables.ts'

export type Notification = Selectable<NotificationsTable>

export type NotificationFilter = {
  /** All unless told. */
  kinds?: NotificationKind[]
  /** What this account did; what is held back of it too. */
  fromAccountId?: Id
  /** What the policy holds back too. */
  includesHeld?: boolean
}

/** Newest first. */
export async function listNotifications(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
  filter: NotificationFilter = {},
): Promise<Notification[]> {
  const query = selectNotifications(db, accountId, filter)
  if (!isWithHeld(filter)) return pageByKey(query.where('is_filtered', '=', sql.lit(false)), 'id', page)
  if (filter.fromAccountId !== undefined) return pageByKey(query, 'id', page)
  const [through, held] = await Promise.all([
    pageByKey(query.where('is_filtered', '=', sql.lit(false)), 'id', page),
    listHeld(db, accountId, page, filter),
  ])
  return mergePages([...through, ...held], page)
}

/** What the policy holds back, newest first. */
export function listHeld(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
  filter: NotificationFilter,
): Promise<Notification[]> {
  const query = selectNotifications(db, accountId, filter)
  return pageByKey(query.where('is_filtered', '=', sql.lit(true)), 'id', page)
}

export function isWithHeld({ includesHeld = false, fromAccountId }: NotificationFilter): boolean {
  return includesHeld || fromAccountId !== undefined
}

/** Of several pages of different parts of a list the one page of all: newest first. */
export function mergePages<Row extends { id: Id }>(rows: Row[], { limit, minId }: Page): Row[] {
  const sorted = rows.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
  return minId === undefined ? sorted.slice(0, limit) : sorted.slice(-limit)
}

function selectNotifications(
  db: Kysely<Database>,
  accountId: Id,
  { kinds, fromAccountId }: NotificationFilter,
) {
  let query = db.selectFrom('notifications').selectAll().where('account_id', '=', accountId)
  if (kinds) query = query.where(sql<boolean>`kind = any(${kinds}::text[])`)
  if (fromAccountId !== undefined) query = query.where('from_account_id', '=', fromAccountId)
  return query
}

/** Those of them that went to one of these people and are not held back, oldest first. */
export function listNotificationsByIds(
  db: Kysely<Database>,
  ids: readonly Id[],
  recipientIds: readonly Id[],
): Promise<Notification[]> {
  return db
    .selectFrom('notifications')
    .selectAll()
    .where('id', '=', anyOf(ids))
    .where('is_filtered', '=', false)
    .where((eb) => eb(sql`(account_id in (select unnest(${[...recipientIds]}::bigint[])))`, 'is', true))
    .orderBy('id')
    .execute()
}

export function findNotification(
  db: Kysely<Database>,
  accountId: Id,
  id: Id,
): Promise<Notification | undefined> {
  return db
    .selectFrom('notifications')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** What came after the marker of what was read. */
export function selectUnread(db: Kysely<Database>, accountId: Id, filter: NotificationFilter) {
  const unread = selectNotifications(db, accountId, filter).where(
    sql<boolean>`id > coalesce(
      (select last_read_id from markers where account_id = ${accountId} and timeline = 'notifications'), 0)`,
  )
  return isWithHeld(filter) ? unread : unread.where('is_filtered', '=', sql.lit(false))
}

/** How many came after the marker of what was read; nobody counts further than `limit`. */
export async function countUnreadNotifications(
  db: Kysely<Database>,
  accountId: Id,
  { limit = 100, filter = {} }: { limit?: number; filter?: NotificationFilter } = {},
): Promise<number> {
  const { rows } = await sql<{ unread: number }>`
    select count(*)::int as unread from (${selectUnread(db, accountId, filter).limit(limit)}) as newer
  `.execute(db)
  return rows[0]?.unread ?? 0
}
