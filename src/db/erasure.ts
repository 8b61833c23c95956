import { type Kysely, sql, type Transaction } from 'kysely'
import type { Follow } from './follows.ts'
import type { Note } from './notes.ts'
import type { Database, Id } from './tables.ts'

/**
 * What only its owner ever saw: feed, lists, followed hashtags, bookmarks, conversations, waiting notes, markers, filters,
 * notifications, and what they asked to have painted.
 */
export async function erasePrivateThings(trx: Transaction<Database>, accountId: Id): Promise<void> {
  await trx.deleteFrom('home_entries').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('lists').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('tag_follows').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('bookmarks').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('conversations').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('conversation_entries').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('scheduled_notes').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('markers').where('account_id', '=', accountId).execute()
  await trx.deleteFrom('filters').where('account_id', '=', accountId).execute()
  for (const table of [
    'notifications',
    'notification_requests',
    'notification_permissions',
    'notification_policies',
  ] as const)
    await trx.deleteFrom(table).where('account_id', '=', accountId).execute()
  await trx
    .updateTable('generations')
    .set({ prompt: '', discarded_at: sql<Date>`coalesce(discarded_at, now())` })
    .where('account_id', '=', accountId)
    .execute()
}

/** What it showed of itself, and what lay between it and others. Reports stay: they are for who looks after this server. */
export async function deleteTiesOf(db: Kysely<Database>, accountId: Id): Promise<void> {
  for (const table of ['blocks', 'mutes', 'account_comments', 'dismissed_suggestions'] as const) {
    await db
      .deleteFrom(table)
      .where((eb) => eb.or([eb('account_id', '=', accountId), eb('target_id', '=', accountId)]))
      .execute()
  }
  const own = [
    'pins',
    'featured_tags',
    'person_domain_blocks',
    'conversation_mutes',
    'bluesky_bridges',
    'invites',
  ] as const
  for (const table of own) await db.deleteFrom(table).where('account_id', '=', accountId).execute()
}

/** Nobody signs in with it any more; its sessions go along. */
export async function deleteUserOf(trx: Transaction<Database>, accountId: Id): Promise<void> {
  await trx.deleteFrom('users').where('account_id', '=', accountId).execute()
}

/** Deletes some of an account's pictures; answers how many, and the files they leave behind. */
export async function deleteMediaOf(
  db: Kysely<Database>,
  accountId: Id,
  limit: number,
): Promise<{ count: number; keys: string[] }> {
  const some = db.selectFrom('media').select('id').where('account_id', '=', accountId).limit(limit)
  const rows = await db
    .deleteFrom('media')
    .where('id', 'in', some)
    .returning(['original_key', 'file_key', 'small_key'])
    .execute()
  const keys = rows.flatMap((row) => [row.original_key, row.file_key, row.small_key])
  return { count: rows.length, keys: keys.filter((key) => key !== null) }
}

/** Some notes, boosts included, that an account still has here. */
export function listLivingNotesOf(db: Kysely<Database>, accountId: Id, limit: number): Promise<Note[]> {
  return db
    .selectFrom('notes')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .limit(limit)
    .execute()
}

/** Some of the follows, in either direction, that an account still has here. */
export function listFollowsOf(db: Kysely<Database>, accountId: Id, limit: number): Promise<Follow[]> {
  return db
    .selectFrom('follows')
    .selectAll()
    .where((eb) => eb.or([eb('follower_id', '=', accountId), eb('followee_id', '=', accountId)]))
    .limit(limit)
    .execute()
}

/** Some of the notes that an account likes. */
export function listLikedNotes(db: Kysely<Database>, accountId: Id, limit: number): Promise<Note[]> {
  return db
    .selectFrom('likes')
    .innerJoin('notes', 'notes.id', 'likes.note_id')
    .selectAll('notes')
    .where('likes.account_id', '=', accountId)
    .limit(limit)
    .execute()
}

export async function deleteNotificationsFrom(db: Kysely<Database>, accountId: Id): Promise<void> {
  for (const table of ['notifications', 'notification_requests', 'notification_permissions'] as const)
    await db.deleteFrom(table).where('from_account_id', '=', accountId).execute()
}
