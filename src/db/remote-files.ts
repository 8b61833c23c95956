import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Database } from './tables.ts'
import type { RemoteFilesTable } from './tables-remote.ts'

export type RemoteFile = Selectable<RemoteFilesTable>
export type CopiedVariant = RemoteFile['variant']

export function findRemoteFile(
  db: Kysely<Database>,
  url: string,
  variant: CopiedVariant,
): Promise<RemoteFile | undefined> {
  return db
    .selectFrom('remote_files')
    .selectAll()
    .where('url', '=', url)
    .where('variant', '=', variant)
    .executeTakeFirst()
}

/** From when on something is tried again, by what became of it last. */
export type RetryAfter = { claimedBefore: Date; failedBefore: Date; refusedBefore: Date }

/**
 * Which of these files it is for the caller to fetch now: of those who ask at once, in whatever process, one hears of
 * each. Not of those that are there, nor of what failed or was refused, until that is tried again.
 * @param variants always in the same order, lest two who ask wait in a circle
 */
export async function claimRemoteFiles(
  db: Kysely<Database>,
  { url, variants }: { url: string; variants: readonly CopiedVariant[] },
  { now, ...retry }: RetryAfter & { now: Date },
): Promise<CopiedVariant[]> {
  const claimed = await db
    .insertInto('remote_files')
    .values(variants.map((variant) => ({ url, variant, tried_at: now, last_used_at: now })))
    .onConflict((conflict) =>
      conflict
        .columns(['url', 'variant'])
        .doUpdateSet({ state: 'new', tried_at: now, last_used_at: now })
        .where((eb) => {
          const isDue = (state: RemoteFile['state'], before: Date) =>
            eb.and([eb('remote_files.state', '=', state), eb('remote_files.tried_at', '<', before)])
          return eb.and([
            eb('remote_files.state', '<>', 'stored'),
            eb.or([
              eb('remote_files.tried_at', 'is', null),
              isDue('new', retry.claimedBefore),
              isDue('failed', retry.failedBefore),
              isDue('refused', retry.refusedBefore),
            ]),
          ])
        }),
    )
    .returning('variant')
    .execute()
  return claimed.map(({ variant }) => variant)
}

export type CopiedFile = {
  variant: CopiedVariant
  key: string
  mediaType: string
  byteSize: number
}

/** Says where the files will lie, before they do, lest a crash leave files nobody knows. Answers the keys replaced. */
export async function reserveRemoteFiles(
  trx: Transaction<Database>,
  url: string,
  files: CopiedFile[],
): Promise<string[]> {
  const before = await trx
    .selectFrom('remote_files')
    .select('file_key')
    .where('url', '=', url)
    .where(
      'variant',
      'in',
      files.map((file) => file.variant),
    )
    .where('file_key', 'is not', null)
    .forUpdate()
    .execute()
  await trx
    .insertInto('remote_files')
    .values(
      files.map(({ variant, key, mediaType, byteSize }) => ({
        url,
        variant,
        file_key: key,
        media_type: mediaType,
        byte_size: String(byteSize),
        tried_at: sql<Date>`now()`,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['url', 'variant']).doUpdateSet((eb) => ({
        state: 'new',
        file_key: eb.ref('excluded.file_key'),
        media_type: eb.ref('excluded.media_type'),
        byte_size: eb.ref('excluded.byte_size'),
      })),
    )
    .execute()
  return before.map((row) => row.file_key).filter((key) => key !== null)
}

/** They are there now. */
export async function confirmRemoteFiles(db: Kysely<Database>, keys: string[], now: Date): Promise<void> {
  await db
    .updateTable('remote_files')
    .set({ state: 'stored', last_used_at: now })
    .where('file_key', 'in', keys)
    .execute()
}

/** `new`: nothing was found out, and the next who asks may try at once. */
export async function noteRemoteFailure(
  db: Kysely<Database>,
  { url, variants, state }: { url: string; variants: CopiedVariant[]; state: 'new' | 'refused' | 'failed' },
  now: Date,
): Promise<void> {
  const tried_at = state === 'new' ? null : now
  await db
    .insertInto('remote_files')
    .values(variants.map((variant) => ({ url, variant, state, tried_at, last_used_at: now })))
    .onConflict((conflict) =>
      conflict
        .columns(['url', 'variant'])
        .doUpdateSet({ state, tried_at })
        .where('remote_files.state', '<>', 'stored'),
    )
    .execute()
}

export async function touchRemoteFile(db: Kysely<Database>, id: RemoteFile['id'], now: Date): Promise<void> {
  await db.updateTable('remote_files').set({ last_used_at: now }).where('id', '=', id).execute()
}

/** Its file is not where it should be; who asks next fetches it. */
export async function forgetRemoteFile(db: Kysely<Database>, key: string): Promise<void> {
  await db
    .updateTable('remote_files')
    .set({ file_key: null, state: 'new', tried_at: null, byte_size: '0' })
    .where('file_key', '=', key)
    .execute()
}

export async function sumRemoteFiles(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('remote_files')
    .select((eb) => eb.fn.sum<string | null>('byte_size').as('bytes'))
    .where('file_key', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(row.bytes ?? 0)
}

/**
 * Lets go of the least recently used files, at most so many, until so many bytes are free. They are fetched again
 * when somebody asks. Answers the files to delete and what they took.
 */
export async function evictRemoteFiles(
  trx: Transaction<Database>,
  { bytes, limit, usedBefore }: { bytes: number; limit: number; usedBefore?: Date },
): Promise<{ keys: string[]; bytes: number }> {
  const { rows } = await sql<{ file_key: string; byte_size: string }>`
    with oldest as (
      select id, file_key, byte_size, last_used_at from remote_files
      where file_key is not null and (${usedBefore ?? null}::timestamptz is null or last_used_at < ${usedBefore ?? null})
      order by last_used_at limit ${limit} for update skip locked
    ), counted as (
      select *, sum(byte_size) over (order by last_used_at, id rows unbounded preceding) - byte_size as freed_before from oldest
    ), evicted as (
      update remote_files set file_key = null, state = 'new', tried_at = null, byte_size = 0
      from counted where counted.id = remote_files.id and counted.freed_before < ${bytes}
      returning counted.file_key, counted.byte_size
    )
    select file_key, byte_size::text from evicted
  `.execute(trx)
  return {
    keys: rows.map((row) => row.file_key),
    bytes: rows.reduce((sum, row) => sum + Number(row.byte_size), 0),
  }
}

/** Forgets addresses without a file that nobody asked for since then; answers how many. */
export async function deleteForgottenRemoteFiles(
  db: Kysely<Database>,
  before: Date,
  limit: number,
): Promise<number> {
  const forgotten = db
    .selectFrom('remote_files')
    .select('id')
    .where('file_key', 'is', null)
    .where('last_used_at', '<', before)
    .limit(limit)
  const result = await db.deleteFrom('remote_files').where('id', 'in', forgotten).executeTakeFirst()
  return Number(result.numDeletedRows)
}
