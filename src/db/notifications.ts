import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { groupKeyFor } from './notification-groups.ts'
import { deletePermission, verdictOn } from './notification-policies.ts'
import { requestingKinds } from './notification-requests.ts'
import { isWithin, refusesNews } from './refusals.ts'
import { insertAndTell, tellOf } from './stream-events.ts'
import type { Database, Id, NotificationKind } from './tables.ts'
import { rowByRow } from './visibility.ts'

/** Something a person is told of: what kind of deed, whose, and the note it is about, if any. */
export type News = { recipientId: Id; kind: NotificationKind; fromAccountId: Id; noteId: Id | null }

/**
 * Tells local people of things, once each: nobody hears of their own deeds, nor of whom or what they refuse, and
 * remote recipients, who hear of it by federation, are left out. What a recipient's policy holds back waits in a request;
 * of the rest open streams hear, as of every notification.
 */
export async function insertNews(trx: Transaction<Database>, news: readonly News[]): Promise<void> {
  if (news.length === 0) return
  const [recipient, sender] = [sql.ref('users.account_id'), sql.ref('news.sender_id')]
  const [noteId, kind] = [sql.ref('news.note_id'), sql.ref('news.kind')]
  await sql`
    with told as (
      insert into notifications (account_id, kind, from_account_id, note_id, is_filtered, group_key)
      select users.account_id, news.kind, news.sender_id, news.note_id, judged.verdict = 'filter',
        case when judged.verdict = 'accept' then ${groupKeyFor(recipient, kind, noteId)} end
      from unnest(${news.map((one) => one.recipientId)}::bigint[], ${news.map((one) => one.kind)}::text[],
        ${news.map((one) => one.fromAccountId)}::bigint[], ${news.map((one) => one.noteId)}::bigint[])
        as news (recipient_id, kind, sender_id, note_id)
      join users on users.account_id = news.recipient_id
      left join notification_policies as policy on policy.account_id = users.account_id
      cross join lateral (
        select ${verdictOn({ recipient, sender, noteId, kind })} as verdict offset ${rowByRow}) as judged
      where users.account_id <> news.sender_id and judged.verdict <> 'drop'
        and not ${refusesNews(recipient, sender, noteId)}
      on conflict do nothing
      returning id, account_id, from_account_id, kind, is_filtered
    ), requested as (
    insert into notification_requests (account_id, from_account_id)
    select distinct account_id, from_account_id from told where is_filtered and kind in ${requestingKinds}
    on conflict (account_id, from_account_id) do update set updated_at = now()
    )
    ${tellOf('notifications', sql`select id from told where not is_filtered`)}
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

const tell = (insert: RawBuilder<unknown>) => insertAndTell('notifications', insert)

/** Tells everyone who looks after this server of a report, whomever they refuse otherwise. */
export async function notifyModerators(
  trx: Transaction<Database>,
  reportId: Id,
  fromAccountId: Id,
): Promise<void> {
  await tell(sql`
    insert into notifications (account_id, kind, from_account_id, report_id)
    select users.account_id, 'report', ${fromAccountId}::bigint, ${reportId}::bigint
    from users
    where users.role <> 'user' and users.account_id <> ${fromAccountId}
    on conflict do nothing
  `).execute(trx)
}

/** Tells people who asked to hear of every note of an author of these, as far as they answer nothing. */
export async function notifySubscribers(trx: Transaction<Database>, noteIds: readonly Id[]): Promise<void> {
  await tell(sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, 'status', notes.account_id, notes.id
    from notes
    join follows on follows.followee_id = notes.account_id and follows.state = 'accepted' and follows.notify
    join users on users.account_id = follows.follower_id
    where notes.id = any(${[...noteIds]}::bigint[]) and notes.visibility <> 'direct' and notes.in_reply_to_uri is null
      and not ${refusesNews(sql.ref('users.account_id'), sql.ref('notes.account_id'), sql.ref('notes.id'))}
    on conflict do nothing
  `).execute(trx)
}

/** People here who boosted a note that changed. The latest change takes the place of the one they heard of before. */
export async function notifyBoosters(
  trx: Transaction<Database>,
  note: { id: Id; account_id: Id },
): Promise<void> {
  await trx.deleteFrom('notifications').where('note_id', '=', note.id).where('kind', '=', 'update').execute()
  await tell(sql`
    insert into notifications (account_id, kind, from_account_id, note_id)
    select users.account_id, 'update', ${note.account_id}::bigint, ${note.id}::bigint
    from notes as boost join users on users.account_id = boost.account_id
    where boost.boost_of_id = ${note.id} and boost.deleted_at is null and boost.account_id <> ${note.account_id}
      and not ${refusesNews(sql.ref('users.account_id'), sql`${note.account_id}::bigint`, sql`${note.id}::bigint`)}
    on conflict do nothing
  `).execute(trx)
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
  await deletePermission(trx, recipientId, fromAccountId)
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

export async function dismissNotification(db: Kysely<Database>, accountId: Id, id: Id): Promise<void> {
  await db.deleteFrom('notifications').where('account_id', '=', accountId).where('id', '=', id).execute()
}

export async function clearNotifications(db: Kysely<Database>, accountId: Id): Promise<void> {
  await db.deleteFrom('notifications').where('account_id', '=', accountId).execute()
}
