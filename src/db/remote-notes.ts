import { type Kysely, sql, type Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { listPresent, setValue } from './key-value.ts'
import type { Note } from './notes.ts'
import type { Database, Id } from './tables.ts'

/**
 * Makes everything that concerns these addresses on other servers happen one after the other until `trx` ends: a
 * note and its deletion, a reply and its parent. To be taken first, so that nobody waits in a circle.
 */
export async function lockUris(trx: Transaction<Database>, uris: readonly string[]): Promise<void> {
  const sorted = [...new Set(uris)].sort()
  await sql`select pg_advisory_xact_lock(hashtextextended(uri, 0)) from unnest(${sorted}::text[]) as uri`.execute(
    trx,
  )
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

export async function isBuried(trx: Transaction<Database>, { now, ...burial }: Burial): Promise<boolean> {
  return (await listBuried(trx, [burial], now)).has(0)
}

/** Which of these are buried, by their place in the list. */
export function listBuried(
  trx: Transaction<Database>,
  burials: readonly Omit<Burial, 'now'>[],
  now: Date,
): Promise<Set<number>> {
  return listPresent(
    trx,
    burials.map(({ uri, byUri }) => ['buried', uri, byUri]),
    now,
  )
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
  return (await listFollowedHere(db, [accountId])).has(accountId)
}

/** Those of these accounts whom somebody here follows. */
export async function listFollowedHere(db: Kysely<Database>, accountIds: readonly Id[]): Promise<Set<Id>> {
  const { rows } = await sql<{ id: Id }>`
    select author.id from unnest(${[...new Set(accountIds)]}::bigint[]) as author (id)
    where exists (
      select from follows join users on users.account_id = follows.follower_id
      where follows.followee_id = author.id and follows.state = 'accepted')
  `.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** Those of these accounts that are known here and live, in one query. */
export async function listLivingAccountsByUris(
  db: Kysely<Database>,
  uris: readonly string[],
): Promise<Account[]> {
  if (uris.length === 0) return []
  const { rows } = await sql<Account>`
    select * from accounts where uri = any(${[...uris]}::text[]) and deleted_at is null and suspended_at is null
  `.execute(db)
  return rows
}
