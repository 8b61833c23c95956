import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id, NotificationKind, NotificationsTable } from './tables.ts'

export type Notification = Selectable<NotificationsTable>

/**
 * Tells local people of something, once each: nobody hears of their own deeds, and remote recipients,
 * who hear of it by federation, are left out.
 */
export async function insertNotifications(
  trx: Transaction<Database>,
  recipientIds: Id[],
  what: { kind: NotificationKind; fromAccountId: Id; noteId: Id | null },
): Promise<void> {
  if (recipientIds.length === 0) return
  await sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, ${what.kind}, ${what.fromAccountId}::bigint, ${what.noteId}::bigint
    from users
    where users.account_id = any(${recipientIds}::bigint[]) and users.account_id <> ${what.fromAccountId}
    on conflict do nothing
  `.execute(trx)
}

/** People who asked to hear of every note of this author. */
export async function notifySubscribers(trx: Transaction<Database>, authorId: Id, noteId: Id): Promise<void> {
  await sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, 'status', ${authorId}::bigint, ${noteId}::bigint
    from follows join users on users.account_id = follows.follower_id
    where follows.followee_id = ${authorId} and follows.state = 'accepted' and follows.notify
    on conflict do nothing
  `.execute(trx)
}

export async function deleteNotification(
  trx: Transaction<Database>,
  what: { kind: NotificationKind; recipientId: Id; fromAccountId: Id; noteId: Id | null },
): Promise<void> {
  await trx
    .deleteFrom('notifications')
    .where('account_id', '=', what.recipientId)
    .where('kind', '=', what.kind)
    .where('from_account_id', '=', what.fromAccountId)
    .where(sql<boolean>`note_id is not distinct from ${what.noteId}::bigint`)
    .execute()
}

export async function deleteNotificationsOfNote(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await trx.deleteFrom('notifications').where('note_id', '=', noteId).execute()
}

export type NotificationFilter = {
  kinds?: NotificationKind[]
  excludeKinds?: NotificationKind[]
  fromAccountId?: Id
}

export function listNotifications(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
  filter: NotificationFilter = {},
): Promise<Notification[]> {
  let query = db.selectFrom('notifications').selectAll().where('account_id', '=', accountId)
  if (filter.kinds?.length) query = query.where('kind', 'in', filter.kinds)
  if (filter.excludeKinds?.length) query = query.where('kind', 'not in', filter.excludeKinds)
  if (filter.fromAccountId) query = query.where('from_account_id', '=', filter.fromAccountId)
  return pageByKey(query, 'notifications.id', page)
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

export async function dismissNotification(db: Kysely<Database>, accountId: Id, id: Id): Promise<void> {
  await db.deleteFrom('notifications').where('account_id', '=', accountId).where('id', '=', id).execute()
}

export async function clearNotifications(db: Kysely<Database>, accountId: Id): Promise<void> {
  await db.deleteFrom('notifications').where('account_id', '=', accountId).execute()
}

/** How many came after the marker of what was read, up to 100: nobody counts further. */
export async function countUnreadNotifications(db: Kysely<Database>, accountId: Id): Promise<number> {
  const result = await sql<{ unread: number }>`
    select count(*)::int as unread from (
      select from notifications
      where account_id = ${accountId}
        and id > coalesce(
          (select last_read_id from markers where account_id = ${accountId} and timeline = 'notifications'), 0)
      limit 100
    ) as newer
  `.execute(db)
  return result.rows[0]?.unread ?? 0
}
