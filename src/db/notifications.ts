import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { type Page, pageByKey } from './paging.ts'
import { isWithin, refusesNews } from './refusals.ts'
import type { Database, Id, NotificationKind, NotificationsTable } from './tables.ts'

export type Notification = Selectable<NotificationsTable>

/** Something a person is told of: what kind of deed, whose, and the note it is about, if any. */
export type News = { recipientId: Id; kind: NotificationKind; fromAccountId: Id; noteId: Id | null }

/**
 * Tells local people of things, once each: nobody hears of their own deeds, nor of whom or what they refuse, and
 * remote recipients, who hear of it by federation, are left out.
 */
export async function insertNews(trx: Transaction<Database>, news: readonly News[]): Promise<void> {
  if (news.length === 0) return
  await sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, news.kind, news.sender_id, news.note_id
    from unnest(${news.map((one) => one.recipientId)}::bigint[], ${news.map((one) => one.kind)}::text[],
      ${news.map((one) => one.fromAccountId)}::bigint[], ${news.map((one) => one.noteId)}::bigint[])
      as news (recipient_id, kind, sender_id, note_id)
    join users on users.account_id = news.recipient_id
    where users.account_id <> news.sender_id
      and not ${refusesNews(sql.ref('users.account_id'), sql.ref('news.sender_id'), sql.ref('news.note_id'))}
    on conflict do nothing
  `.execute(trx)
}

/** Tells several people of the same. */
export function insertNotifications(
  trx: Transaction<Database>,
  recipientIds: readonly Id[],
  what: Omit<News, 'recipientId'>,
): Promise<void> {
  return insertNews(
    trx,
    recipientIds.map((recipientId) => ({ recipientId, ...what })),
  )
}

/** Tells everyone who looks after this server of a report, whomever they refuse otherwise. */
export async function notifyModerators(
  trx: Transaction<Database>,
  reportId: Id,
  fromAccountId: Id,
): Promise<void> {
  await sql`
    insert into notifications (account_id, kind, from_account_id, report_id)
    select users.account_id, 'report', ${fromAccountId}::bigint, ${reportId}::bigint
    from users
    where users.role <> 'user' and users.account_id <> ${fromAccountId}
    on conflict do nothing
  `.execute(trx)
}

/** Tells people who asked to hear of every note of an author of these, as far as they answer nothing. */
export async function notifySubscribers(trx: Transaction<Database>, noteIds: readonly Id[]): Promise<void> {
  await sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, 'status', notes.account_id, notes.id
    from notes
    join follows on follows.followee_id = notes.account_id and follows.state = 'accepted' and follows.notify
    join users on users.account_id = follows.follower_id
    where notes.id = any(${[...noteIds]}::bigint[]) and notes.visibility <> 'direct' and notes.in_reply_to_uri is null
      and not ${refusesNews(sql.ref('users.account_id'), sql.ref('notes.account_id'), sql.ref('notes.id'))}
    on conflict do nothing
  `.execute(trx)
}

/** People here who boosted a note that changed. The latest change takes the place of the one they heard of before. */
export async function notifyBoosters(
  trx: Transaction<Database>,
  note: { id: Id; account_id: Id },
): Promise<void> {
  await trx.deleteFrom('notifications').where('note_id', '=', note.id).where('kind', '=', 'update').execute()
  await sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, 'update', ${note.account_id}::bigint, ${note.id}::bigint
    from notes as boost join users on users.account_id = boost.account_id
    where boost.boost_of_id = ${note.id} and boost.deleted_at is null and boost.account_id <> ${note.account_id}
      and not ${refusesNews(sql.ref('users.account_id'), sql`${note.account_id}::bigint`, sql`${note.id}::bigint`)}
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

/** What a person was told of another; nothing of it is left once they refuse them. */
export async function deleteNotificationsBetween(
  trx: Transaction<Database>,
  recipientId: Id,
  fromAccountId: Id,
): Promise<void> {
  await trx
    .deleteFrom('notifications')
    .where('account_id', '=', recipientId)
    .where('from_account_id', '=', fromAccountId)
    .where('kind', '<>', 'report')
    .execute()
}

/** The same of everyone at a domain, or below it. */
export async function deleteNotificationsFromDomain(
  trx: Transaction<Database>,
  recipientId: Id,
  domain: string,
): Promise<void> {
  await sql`
    delete from notifications using accounts
    where notifications.account_id = ${recipientId} and notifications.kind <> 'report'
      and accounts.id = notifications.from_account_id
      and ${isWithin(sql.ref('accounts.domain'), sql`${domain}::text`)}
  `.execute(trx)
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
