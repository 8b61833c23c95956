import { type Kysely, sql, type Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { getValue, setValue } from './key-value.ts'
import type { Note } from './notes.ts'
import type { Database, Id } from './tables.ts'

/**
 * Makes everything that concerns these addresses on other servers happen one after the other until `trx` ends: a
 * note and its deletion, a reply and its parent. To be taken first, so that nobody waits in a circle.
 */
export async function lockUris(trx: Transaction<Database>, uris: string[]): Promise<void> {
  for (const uri of [...new Set(uris)].sort())
    await sql`select pg_advisory_xact_lock(hashtextextended(${uri}, 0))`.execute(trx)
}

const hourMs = 60 * 60_000
const buriedForMs = { note: 14 * 24 * hourMs, activity: 24 * hourMs }

/** `byUri`: the actor, since a neighbour on the same server must not take back what is not theirs. */
type Burial = { uri: string; byUri: string; now: Date }

/**
 * Peers may deliver Delete before Create and Undo before Follow. What its actor took back first is remembered, so that
 * the late one is a no-op; activities for a day only, because Misskey uses the same id when someone follows again.
 */
export function buryUri(
  trx: Transaction<Database>,
  { uri, byUri, now, kind }: Burial & { kind: keyof typeof buriedForMs },
): Promise<void> {
  return setValue(trx, ['buried', uri, byUri], true, new Date(now.getTime() + buriedForMs[kind]))
}

export async function isBuried(trx: Transaction<Database>, { uri, byUri, now }: Burial): Promise<boolean> {
  return (await getValue(trx, ['buried', uri, byUri], now)) !== undefined
}

/** By ActivityPub id or by the address of its page, whoever may see it; tombstones left out. */
export function findNoteRowByAddress(db: Kysely<Database>, address: string): Promise<Note | undefined> {
  return db
    .selectFrom('notes')
    .selectAll()
    .where((eb) => eb.or([eb('uri', '=', address), eb('url', '=', address)]))
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
}

export async function hasLocalFollower(db: Kysely<Database>, accountId: Id): Promise<boolean> {
  const row = await db
    .selectFrom('follows')
    .innerJoin('users', 'users.account_id', 'follows.follower_id')
    .select('follows.id')
    .where('follows.followee_id', '=', accountId)
    .where('follows.state', '=', 'accepted')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Those of these accounts that are known here and live, in one query. */
export function listLivingAccountsByUris(db: Kysely<Database>, uris: string[]): Promise<Account[]> {
  if (uris.length === 0) return Promise.resolve([])
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('uri', 'in', uris)
    .where('deleted_at', 'is', null)
    .where('suspended_at', 'is', null)
    .execute()
}
