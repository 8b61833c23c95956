import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { anyOf } from './ids.ts'
import type { Database, Id } from './tables.ts'
import type { AnnouncementsTable } from './tables-server.ts'

export type Announcement = Selectable<AnnouncementsTable>

export type AnnouncementReaction = { name: string; emoji_url: string | null; count: number; is_own: boolean }

/** As one person sees it. */
export type ShownAnnouncement = Announcement & { is_read: boolean; reactions: AnnouncementReaction[] }

/** What is said at the moment, the newest first, in one query. */
export async function listCurrentAnnouncements(
  db: Kysely<Database>,
  readerId: Id,
  now: Date,
): Promise<ShownAnnouncement[]> {
  const { rows } = await sql<ShownAnnouncement>`
    select announcements.*,
      exists (select from announcement_dismissals as dismissal
        where dismissal.account_id = ${readerId} and dismissal.announcement_id = announcements.id) as is_read,
      coalesce((select json_agg(json_build_object(
          'name', name, 'emoji_url', emoji_url, 'count', count, 'is_own', is_own) order by first_at)
        from (select name, max(emoji_url) as emoji_url, count(*)::int as count, min(created_at) as first_at,
            bool_or(account_id = ${readerId}) as is_own
          from announcement_reactions where announcement_id = announcements.id group by name) as kinds
      ), '[]') as reactions
    from announcements where ${isCurrent(now)}
    order by id desc
  `.execute(db)
  return rows
}

/** Undefined for what is not said at the moment. */
export async function findCurrentAnnouncement(
  db: Kysely<Database>,
  id: Id,
  now: Date,
): Promise<Announcement | undefined> {
  const { rows } =
    await sql<Announcement>`select * from announcements where id = ${id} and ${isCurrent(now)}`.execute(db)
  return rows[0]
}

/** Which of these announcements are there, said at the moment or not. */
export async function listAnnouncementIds(db: Kysely<Database>, ids: readonly Id[]): Promise<Id[]> {
  const rows = await db.selectFrom('announcements').select('id').where('id', '=', anyOf(ids)).execute()
  return rows.map(({ id }) => id)
}

const isCurrent = (now: Date) => sql<boolean>`coalesce(starts_at <= ${now}::timestamptz, true)
  and coalesce(ends_at > ${now}::timestamptz, true)`

/** All there are, said already or not, the newest first. */
export function listAnnouncements(db: Kysely<Database>, limit: number): Promise<Announcement[]> {
  return db.selectFrom('announcements').selectAll().orderBy('id', 'desc').limit(limit).execute()
}

export function insertAnnouncement(
  trx: Transaction<Database>,
  values: { text: string; starts_at: Date | null; ends_at: Date | null },
): Promise<Announcement> {
  return trx.insertInto('announcements').values(values).returningAll().executeTakeFirstOrThrow()
}

/** Undefined when there was none. */
export function deleteAnnouncement(trx: Transaction<Database>, id: Id): Promise<Announcement | undefined> {
  return trx.deleteFrom('announcements').where('id', '=', id).returningAll().executeTakeFirst()
}

export async function dismissAnnouncement(db: Kysely<Database>, accountId: Id, id: Id): Promise<void> {
  await db
    .insertInto('announcement_dismissals')
    .values({ account_id: accountId, announcement_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/**
 * False when it would be one kind of reaction too many.
 * @param reaction.mostKinds that one announcement may have
 */
export async function insertAnnouncementReaction(
  trx: Transaction<Database>,
  {
    id,
    accountId,
    ...reaction
  }: { id: Id; accountId: Id; name: string; emojiUrl: string | null; mostKinds: number },
): Promise<boolean> {
  await sql`select from announcements where id = ${id} for update`.execute(trx)
  const { rows } = await sql<{ kinds: number }>`select count(distinct name)::int as kinds
    from announcement_reactions where announcement_id = ${id} and name <> ${reaction.name}`.execute(trx)
  if ((rows[0]?.kinds ?? 0) >= reaction.mostKinds) return false
  await trx
    .insertInto('announcement_reactions')
    .values({ announcement_id: id, account_id: accountId, name: reaction.name, emoji_url: reaction.emojiUrl })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return true
}

export async function deleteAnnouncementReaction(
  db: Kysely<Database>,
  { id, accountId, name }: { id: Id; accountId: Id; name: string },
): Promise<void> {
  await db
    .deleteFrom('announcement_reactions')
    .where('announcement_id', '=', id)
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .execute()
}
