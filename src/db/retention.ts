import { type Kysely, sql, type Transaction } from 'kysely'
import { idAt } from './ids.ts'
import type { Database, Id } from './tables.ts'

// What is deleted for good after its time, some rows at a time. Rows somebody else is at are left for another day, so
// that nothing here ever waits for a note while it holds one.

/** Where a walk through a table has come to. */
export type NoteCursor = { storedAt: string; id: Id }

/** Ids of remote notes that came before then, the newest first: answers go before what they answer. */
export async function listAgedNotes(
  db: Kysely<Database>,
  { before, after, limit }: { before: Date; after: NoteCursor | undefined; limit: number },
): Promise<NoteCursor[]> {
  const { rows } = await sql<NoteCursor>`
    select id, stored_at::text as "storedAt" from notes
    where not is_local and stored_at < ${before}
      and (${after === undefined} or (stored_at, id) < (${after?.storedAt ?? null}::timestamptz, ${after?.id ?? null}::bigint))
    order by stored_at desc, id desc limit ${limit}
  `.execute(db)
  return rows
}

// Nothing that stays points at it, and nobody here did anything with it. Whom it mentions may come back to it.
const untouched = sql`
  not exists (select from notes as other where other.in_reply_to_id = notes.id)
  and not exists (select from notes as other where other.boost_of_id = notes.id)
  and not exists (select from notes as other where other.quote_of_id = notes.id)
  and not exists (select from notes as other where other.remix_of_id = notes.id)
  and not exists (select from notes as other where other.is_local
    and other.id in (notes.in_reply_to_id, notes.boost_of_id, notes.quote_of_id, notes.remix_of_id))
  and not exists (select from bookmarks where bookmarks.note_id = notes.id)
  and not exists (select from pins where pins.note_id = notes.id)
  and not exists (select from generations where generations.remix_of_id = notes.id)
  and not exists (select from notifications where notifications.note_id = notes.id)
  and not exists (select from likes join accounts on accounts.id = likes.account_id
    where likes.note_id = notes.id and accounts.domain is null)
  and not exists (select from reactions join accounts on accounts.id = reactions.account_id
    where reactions.note_id = notes.id and accounts.domain is null)
  and not exists (select from poll_votes join accounts on accounts.id = poll_votes.account_id
    where poll_votes.note_id = notes.id and accounts.domain is null)
  and not exists (select from mentions join accounts on accounts.id = mentions.account_id
    where mentions.note_id = notes.id and accounts.domain is null)
  and not exists (select from reports where reports.target_id = notes.account_id
    and notes.id = any(reports.note_ids) and reports.resolved_at is null)`

/**
 * Deletes those of these notes that nobody here touched; answers how many. Whoever they answer, boost, quote or remix
 * counts them no longer.
 * @param followedBefore notes of people whom someone here follows go only if they came before then; null: never
 */
export async function deleteUntouchedNotes(
  trx: Transaction<Database>,
  ids: Id[],
  followedBefore: Date | null,
): Promise<number> {
  const locked = await lockNotes(trx, ids)
  const { rows } = await sql<Pointing>`
    select id, in_reply_to_id, boost_of_id, quote_of_id, remix_of_id, quote_state, deleted_at from notes
    where id = any(${locked}::bigint[]) and not is_local and ${untouched}
      and (stored_at < ${followedBefore} or not exists (
        select from follows join accounts on accounts.id = follows.follower_id
        where follows.followee_id = notes.account_id and accounts.domain is null))
  `.execute(trx)
  const parents = new Set(await lockNotes(trx, rows.flatMap(parentsOf)))
  const free = rows.filter((row) => parentsOf(row).every((parent) => parents.has(parent)))
  const gone = free.map((row) => row.id)
  if (gone.length === 0) return 0
  await sql`delete from media where note_id = any(${gone}::bigint[])`.execute(trx)
  await sql`delete from notes where id = any(${gone}::bigint[])`.execute(trx)
  await uncount(trx, free)
  return gone.length
}

type Pointing = {
  id: Id
  in_reply_to_id: Id | null
  boost_of_id: Id | null
  quote_of_id: Id | null
  remix_of_id: Id | null
  quote_state: string | null
  deleted_at: Date | null
}

function parentsOf({ in_reply_to_id, boost_of_id, quote_of_id, remix_of_id }: Pointing): Id[] {
  return [in_reply_to_id, boost_of_id, quote_of_id, remix_of_id].filter((id) => id !== null)
}

async function lockNotes(trx: Transaction<Database>, ids: Id[]): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`
    select id from notes where id = any(${ids}::bigint[]) for update skip locked
  `.execute(trx)
  return rows.map((row) => row.id)
}

async function uncount(trx: Transaction<Database>, gone: Pointing[]): Promise<void> {
  // A tombstone is counted nowhere.
  const living = gone.filter((row) => row.deleted_at === null)
  const lists = {
    replies_count: living.map((row) => row.in_reply_to_id),
    boosts_count: living.map((row) => row.boost_of_id),
    remixes_count: living.map((row) => row.remix_of_id),
    quotes_count: living.map((row) => (row.quote_state === 'accepted' ? row.quote_of_id : null)),
  }
  for (const [counter, parents] of Object.entries(lists)) {
    const ids = parents.filter((id) => id !== null)
    if (ids.length === 0) continue
    await sql`
      update notes set ${sql.ref(counter)} = greatest(0, ${sql.ref(counter)} - lost.amount)
      from (select id, count(*)::int as amount from unnest(${ids}::bigint[]) as id group by id) as lost
      where notes.id = lost.id
    `.execute(trx)
  }
}

export async function deleteAgedNotifications(
  db: Kysely<Database>,
  before: Date,
  limit: number,
): Promise<number> {
  const aged = db
    .selectFrom('notifications')
    .select('id')
    .where('id', '<', idAt(before))
    .orderBy('id')
    .limit(limit)
  const result = await db.deleteFrom('notifications').where('id', 'in', aged).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Ids of remote accounts that were first seen, and read at their server for the last time, before then. */
export async function listAgedAccounts(
  db: Kysely<Database>,
  { before, after, limit }: { before: Date; after: Id | undefined; limit: number },
): Promise<Id[]> {
  const rows = await db
    .selectFrom('accounts')
    .select('id')
    .where('domain', 'is not', null)
    .where('suspended_at', 'is', null)
    .where('id', '<', after ?? idAt(before))
    .where((eb) => eb(eb.fn.coalesce('fetched_at', 'updated_at'), '<', before))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

// Tables in which an account stands, with its column there.
const standing = [
  ['notes', 'account_id'],
  ['notes', 'in_reply_to_account_id'],
  ['mentions', 'account_id'],
  ['follows', 'follower_id'],
  ['follows', 'followee_id'],
  ['likes', 'account_id'],
  ['reactions', 'account_id'],
  ['poll_votes', 'account_id'],
  ['quote_authorizations', 'quoting_account_id'],
  ['notifications', 'from_account_id'],
  ['notification_permissions', 'from_account_id'],
  ['blocks', 'account_id'],
  ['blocks', 'target_id'],
  ['mutes', 'target_id'],
  ['account_comments', 'target_id'],
  ['reports', 'account_id'],
  ['reports', 'target_id'],
] as const

/** Deletes those of these remote accounts that nothing here has to do with; answers how many. */
export async function deleteUnknownAccounts(trx: Transaction<Database>, ids: Id[]): Promise<number> {
  const { rows: locked } = await sql<{ id: Id }>`
    select id from accounts where id = any(${ids}::bigint[]) for update skip locked
  `.execute(trx)
  const unknown = standing.map(
    ([table, column]) => sql`not exists (select from ${sql.table(table)} as other
      where other.${sql.ref(column)} = accounts.id)`,
  )
  const result = await sql`
    delete from accounts where id = any(${locked.map(({ id }) => id)}::bigint[]) and domain is not null
      and not exists (select from accounts as other where other.moved_to_id = accounts.id)
      and ${sql.join(unknown, sql` and `)}
  `.execute(trx)
  return Number(result.numAffectedRows ?? 0)
}

/** Deletes cards that no note shows, among those first made before then; answers how many. */
export async function deleteUnusedCards(db: Kysely<Database>, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from preview_cards where id in (
      select id from preview_cards where id < ${idAt(before)}::bigint
        and (fetched_at is null or fetched_at < ${before})
        and not exists (select from notes where notes.preview_card_id = preview_cards.id)
      order by id limit ${limit} for update skip locked)
  `.execute(db)
  return Number(result.numAffectedRows ?? 0)
}

export async function deleteAgedDeadJobs(db: Kysely<Database>, before: Date, limit: number): Promise<number> {
  const aged = db.selectFrom('dead_jobs').select('id').where('died_at', '<', before).limit(limit)
  const result = await db.deleteFrom('dead_jobs').where('id', 'in', aged).executeTakeFirst()
  return Number(result.numDeletedRows)
}
