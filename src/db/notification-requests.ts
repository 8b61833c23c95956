import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { anyOf } from './ids.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import type { NotificationRequestsTable } from './tables-notifications.ts'
import { rowByRow } from './visibility.ts'

/** Someone whose words to a person are held back, with how many there are and the latest note among them. */
export type NotificationRequest = Selectable<NotificationRequestsTable> & {
  /** At most 100. */
  held_count: number
  last_note_id: Id | null
}

/** What one may want to answer; likes, boosts and follows that are held back ask for nothing. */
export const requestingKinds = sql`('mention', 'quote', 'remix')`

const mostCounted = sql.lit(100)

// Read each time: a note that is erased takes what was held of it along.
const heldOfRequest = sql`
  from notifications as held
  where held.account_id = notification_requests.account_id and held.is_filtered
    and held.from_account_id = notification_requests.from_account_id and held.kind in ${requestingKinds}`

function selectRequests(db: Kysely<Database>, accountId: Id) {
  return db
    .selectFrom('notification_requests')
    .selectAll('notification_requests')
    .select([
      sql<number>`(select count(*)::int from (select ${heldOfRequest} limit ${mostCounted}) as waiting)`.as(
        'held_count',
      ),
      sql<Id | null>`(select held.note_id ${heldOfRequest} order by held.id desc limit 1)`.as('last_note_id'),
    ])
    .where('notification_requests.account_id', '=', accountId)
    .where(sql<boolean>`exists (select ${heldOfRequest} offset ${rowByRow})`)
    .where(sql<boolean>`exists (
      select from accounts as sender
      where sender.id = notification_requests.from_account_id
        and sender.suspended_at is null and sender.deleted_at is null
      offset ${rowByRow})`)
}

/** Newest first. */
export function listNotificationRequests(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
): Promise<NotificationRequest[]> {
  return pageByKey(selectRequests(db, accountId), 'notification_requests.id', page)
}

export function findNotificationRequest(
  db: Kysely<Database>,
  accountId: Id,
  id: Id,
): Promise<NotificationRequest | undefined> {
  return selectRequests(db, accountId).where('notification_requests.id', '=', id).executeTakeFirst()
}

/** How many there are, up to 100, and how many notifications wait in them. */
export async function summarizeRequests(
  db: Kysely<Database>,
  accountId: Id,
): Promise<{ requests: number; notifications: number }> {
  const { rows } = await sql<{ requests: number; notifications: number }>`
    select count(*)::int as requests, coalesce(sum(held_count), 0)::int as notifications
    from (${selectRequests(db, accountId).limit(sql.lit(100))}) as pending
  `.execute(db)
  return rows[0] ?? { requests: 0, notifications: 0 }
}

/** Takes away those of these requests that are theirs; answers from whom they were. */
export async function deleteRequests(
  trx: Transaction<Database>,
  accountId: Id,
  ids: readonly Id[],
): Promise<Id[]> {
  const rows = await trx
    .deleteFrom('notification_requests')
    .where('account_id', '=', accountId)
    .where('id', '=', anyOf(ids))
    .returning('from_account_id')
    .execute()
  return rows.map((row) => row.from_account_id)
}

/** Lets through what was held back of these people. */
export async function releaseHeld(
  trx: Transaction<Database>,
  accountId: Id,
  fromAccountIds: readonly Id[],
): Promise<void> {
  await trx
    .updateTable('notifications')
    .set({ is_filtered: false })
    .where('account_id', '=', accountId)
    .where('from_account_id', '=', anyOf(fromAccountIds))
    .where('is_filtered', '=', sql.lit(true))
    .execute()
}

export async function deleteHeld(
  trx: Transaction<Database>,
  accountId: Id,
  fromAccountIds: readonly Id[],
): Promise<void> {
  await trx
    .deleteFrom('notifications')
    .where('account_id', '=', accountId)
    .where('from_account_id', '=', anyOf(fromAccountIds))
    .where('is_filtered', '=', sql.lit(true))
    .execute()
}

/** Some of those of which nothing is left; answers how many. */
export async function deleteEmptyRequests(
  db: Kysely<Database>,
  before: Date,
  limit: number,
): Promise<number> {
  const empty = db
    .selectFrom('notification_requests')
    .select('id')
    .where('updated_at', '<', before)
    .where(sql<boolean>`not exists (select ${heldOfRequest})`)
    .limit(limit)
  const result = await db.deleteFrom('notification_requests').where('id', 'in', empty).executeTakeFirst()
  return Number(result.numDeletedRows)
}
