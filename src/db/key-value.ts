import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

type Db = Kysely<Database>
type Key = readonly string[]
/** `undefined`, here and below, is a key that is not there. */
type Swap = { expected: unknown; value: unknown; expiresAt?: Date | undefined }

/** The value, unless it expired by `now`. */
export async function getValue<T>(db: Db, key: Key, now: Date): Promise<T | undefined> {
  const { rows } = await sql<{ value: T }>`select value from key_value
    where key_hash = ${hashOf(key)} and ${isAlive(now)}`.execute(db)
  return rows[0]?.value
}

/** Which of these keys have a value that did not expire by `now`, by their place in the list. */
export async function listPresent(db: Db, keys: readonly Key[], now: Date): Promise<Set<number>> {
  const hashes = keys.map(hashOf)
  const { rows } = await sql<{ key_hash: string }>`select key_hash from key_value
    where key_hash = any(${hashes}::text[]) and ${isAlive(now)}`.execute(db)
  const present = new Set(rows.map(({ key_hash }) => key_hash))
  return new Set(hashes.flatMap((hash, index) => (present.has(hash) ? [index] : [])))
}

/** As `getValue`, with what says of its row later whether it is still the same. */
export async function getVersionedValue(
  db: Db,
  key: Key,
  now: Date,
): Promise<{ value: unknown; version: RowVersion } | undefined> {
  const { rows } = await sql<{ value: unknown; row: string }>`select value, xmin::text as row from key_value
    where key_hash = ${hashOf(key)} and ${isAlive(now)}`.execute(db)
  const [found] = rows
  return found && { value: found.value, version: { keyHash: hashOf(key), row: found.row } }
}

/** A row as it was once: the transaction that wrote it last. */
export type RowVersion = { keyHash: string; row: string }

export async function setValue(db: Db, key: Key, value: unknown, expiresAt?: Date): Promise<void> {
  const text = JSON.stringify(value)
  if (text === undefined) return deleteValue(db, key)
  await sql`
    insert into key_value (key_hash, key, value, expires_at)
    values (${hashOf(key)}, ${[...key]}, ${text}, ${expiresAt ?? null})
    on conflict (key_hash) do update set value = excluded.value, expires_at = excluded.expires_at
  `.execute(db)
}

export async function deleteValue(db: Db, key: Key): Promise<void> {
  await sql`delete from key_value where key_hash = ${hashOf(key)}`.execute(db)
}

/** Sets a value if the present one equals what is expected, atomically; answers whether it did. */
export async function swapValue(db: Db, key: Key, swap: Swap, now: Date): Promise<boolean> {
  if (swap.expected === undefined) return insertIfAbsent(db, key, swap, now)
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ value: unknown }>`select value from key_value
      where key_hash = ${hashOf(key)} and ${isAlive(now)} for update`.execute(trx)
    const [present] = rows
    if (!present || !isDeepStrictEqual(present.value, asStored(swap.expected))) return false
    await setValue(trx, key, swap.value, swap.expiresAt)
    return true
  })
}

async function insertIfAbsent(db: Db, key: Key, { value, expiresAt }: Swap, now: Date): Promise<boolean> {
  const text = JSON.stringify(value)
  if (text === undefined) return (await getValue(db, key, now)) === undefined
  const { rows } = await sql`
    insert into key_value (key_hash, key, value, expires_at)
    values (${hashOf(key)}, ${[...key]}, ${text}, ${expiresAt ?? null})
    on conflict (key_hash) do update set value = excluded.value, expires_at = excluded.expires_at
      where key_value.expires_at <= ${now}
    returning 1
  `.execute(db)
  return rows.length > 0
}

/** What lies under a prefix, the whole of it for an empty one, in the order of keys. */
export async function listValues(
  db: Db,
  prefix: Key,
  now: Date,
): Promise<{ key: string[]; value: unknown }[]> {
  const { rows } = await sql<{ key: string[]; value: unknown }>`select key, value from key_value
    where key[1:${prefix.length}::int] = ${[...prefix]}::text[] and ${isAlive(now)} order by key`.execute(db)
  return rows
}

/** Removes what has expired; answers how many. */
export async function pruneValues(db: Db, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`delete from key_value where expires_at <= ${now}`.execute(db)
  return Number(numAffectedRows ?? 0)
}

const isAlive = (now: Date) => sql<boolean>`(expires_at is null or expires_at > ${now})`

export function hashOf(key: Key): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('base64')
}

function asStored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
