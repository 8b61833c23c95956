import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Account } from './accounts.ts'
import {
  isWithHeld,
  listHeld,
  listNotifications,
  mergePages,
  type Notification,
  type NotificationFilter,
  selectUnread,
} from './notification-lists.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id, NotificationKind } from './tables.ts'

/** Mastodon's: these say the same of many people. */
export const groupedKinds: readonly NotificationKind[] = ['like', 'boost', 'follow']

const longestGroupHours = sql.lit(12)
const mostSamples = sql.lit(8)

type Expr = RawBuilder<unknown>

/**
 * What a new notification shares with others of its kind about the same, such as `like-123-490000`: kind, target, and
 * the hour in which the first of them came. One that comes twelve hours later begins another group.
 */
export function groupKeyFor(recipient: Expr, kind: Expr, noteId: Expr): RawBuilder<string | null> {
  // The dash is followed by the point: what lies between the two are the keys of this target.
  return sql<string | null>`case when ${kind} in ('like', 'boost', 'follow') then (
    select target.name || '-' || coalesce((
      select latest.hour from (
        select split_part(earlier.group_key, '-', -1)::int as hour
        from notifications as earlier
        where earlier.account_id = ${recipient}
          and earlier.group_key >= target.name || '-' and earlier.group_key < target.name || '.'
        order by earlier.group_key desc limit 1
      ) as latest where latest.hour > target.hour - ${longestGroupHours}
    ), target.hour)
    from (select concat_ws('-', ${kind}, ${noteId}) as name, floor(extract(epoch from now()) / 3600)::int as hour)
      as target) end`
}

export type GroupFilter = NotificationFilter & {
  /** Of the kinds that can be grouped, those that are to be; all unless told. */
  grouped?: NotificationKind[]
}

/** The newest of each group within the page, newest first; what stands alone is a group of one. */
export async function listGroupHeads(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
  filter: GroupFilter = {},
): Promise<Notification[]> {
  // Nobody does the same thing twice, so of one account there are no groups.
  if (filter.fromAccountId !== undefined) return listNotifications(db, accountId, page, filter)
  const heads = await scanHeads(db, accountId, page, filter)
  if (!isWithHeld(filter)) return heads
  const held = await listHeld(db, accountId, page, filter)
  return mergePages([...heads, ...held], page)
}

/** Goes from each group to the next row of none that was seen, along the index, as far as the page is long. */
async function scanHeads(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
  filter: GroupFilter,
): Promise<Notification[]> {
  const isUpward = page.minId !== undefined
  const order = sql.raw(isUpward ? 'asc' : 'desc')
  const beyond = sql.raw(isUpward ? '>' : '<')
  const key = keyWhere(filter.grouped)
  const scope = sql`
    one.account_id = ${accountId} and not one.is_filtered
    and one.id < ${page.maxId ?? '9223372036854775807'} and one.id > ${page.minId ?? page.sinceId ?? '0'}
    ${filter.kinds ? sql`and one.kind = any(${filter.kinds}::text[])` : sql``}`
  const { rows } = await sql<Notification & { seen: string[] }>`
    with recursive heads as (
      (select one.*, array[${key}] as seen from notifications as one where ${scope} order by one.id ${order} limit 1)
      union all
      select next.*
      from (select id, seen from heads where cardinality(seen) < ${page.limit}) as last
      cross join lateral (
        select one.*, last.seen || ${key} as seen from notifications as one
        where ${scope} and one.id ${beyond} last.id and ${key} <> all(last.seen)
        order by one.id ${order} limit 1
      ) as next
    )
    select * from heads order by id desc
  `.execute(db)
  return rows.map(({ seen: _, ...head }) => head)
}

const keyWhere = (grouped: readonly NotificationKind[] = groupedKinds) => sql<string>`
  case when one.group_key is not null and one.kind = any(${[...grouped]}::text[]) then one.group_key
    else 'ungrouped-' || one.id end`

/** What a group holds besides its head, as far as a page shows it. */
export type NotificationGroup = {
  group_key: string
  count: number
  newest_id: Id
  newest_at: Date
  /** The oldest within the page. */
  oldest_id: Id
  /** Who did it last, the newest first; nobody who is suspended. */
  sample_ids: Id[]
}

/** The bounds of a page, both included. */
export type GroupRange = { from: Id; to: Id }

/** Of these groups what is not newer than the range. One of which nothing is left is left out. */
export async function listGroups(
  db: Kysely<Database>,
  accountId: Id,
  keys: readonly string[],
  range: GroupRange,
): Promise<NotificationGroup[]> {
  if (keys.length === 0) return []
  const members = sql`from notifications as member
    where member.account_id = ${accountId} and member.group_key = groups.group_key and member.id <= ${range.to}`
  const { rows } = await sql<NotificationGroup>`
    select groups.group_key, counted.count, newest.id as newest_id, newest.created_at as newest_at,
      oldest.id as oldest_id, array(
        select sender.id from (select member.id, member.from_account_id ${members}) as member
        join accounts as sender on sender.id = member.from_account_id
          and sender.suspended_at is null and sender.deleted_at is null
        order by member.id desc limit ${mostSamples}) as sample_ids
    from unnest(${[...keys]}::text[]) as groups (group_key)
    cross join lateral (select count(*)::int as count ${members}) as counted
    cross join lateral (select member.id, member.created_at ${members} order by member.id desc limit 1) as newest
    cross join lateral (
      select member.id ${members} and member.id >= ${range.from} order by member.id limit 1) as oldest
  `.execute(db)
  return rows
}

/** The newest of a group. */
export function findGroupHead(
  db: Kysely<Database>,
  accountId: Id,
  groupKey: string,
): Promise<Notification | undefined> {
  return db
    .selectFrom('notifications')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('group_key', '=', groupKey)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

export async function dismissGroup(db: Kysely<Database>, accountId: Id, groupKey: string): Promise<void> {
  await db
    .deleteFrom('notifications')
    .where('account_id', '=', accountId)
    .where('group_key', '=', groupKey)
    .execute()
}

/** Whose notifications are in a group, newest first; `notification_id` is the cursor. */
export function listGroupAccounts(
  db: Kysely<Database>,
  accountId: Id,
  which: { key: string } | { id: Id },
  page: Page,
): Promise<(Account & { notification_id: Id })[]> {
  const query = db
    .selectFrom('notifications')
    .innerJoin('accounts', 'accounts.id', 'notifications.from_account_id')
    .selectAll('accounts')
    .select('notifications.id as notification_id')
    .where('notifications.account_id', '=', accountId)
    .$if('key' in which, (some) =>
      some.where('notifications.group_key', '=', 'key' in which ? which.key : ''),
    )
    .$if('id' in which, (some) => some.where('notifications.id', '=', 'id' in which ? which.id : ''))
    .where('accounts.suspended_at', 'is', null)
    .where('accounts.deleted_at', 'is', null)
  return pageByKey(query, 'notifications.id', page)
}

const mostCountedRows = 1_000

/** How many groups are unread, up to `limit`, among the thousand latest notifications: nobody counts further. */
export async function countUnreadGroups(
  db: Kysely<Database>,
  accountId: Id,
  { limit, filter }: { limit: number; filter: GroupFilter },
): Promise<number> {
  const unread = selectUnread(db, accountId, filter).orderBy('id', 'desc').limit(mostCountedRows)
  const { rows } = await sql<{ unread: number }>`
    select least(count(distinct ${keyWhere(filter.grouped)}), ${limit})::int as unread from (${unread}) as one
  `.execute(db)
  return rows[0]?.unread ?? 0
}
