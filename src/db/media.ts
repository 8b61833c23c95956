import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import { AppError, notFound } from '#src/base/errors.ts'
import { anyOf } from './ids.ts'
import type { Database, Id, MediaTable } from './tables.ts'

export type Media = Selectable<MediaTable>

/** Mastodon shows no more than four, and takes no more in its API. */
export const maxAttachments = 4

export function insertMedia(db: Kysely<Database>, values: Insertable<MediaTable>): Promise<Media> {
  return db.insertInto('media').values(values).returningAll().executeTakeFirstOrThrow()
}

export type NewAttachment = Omit<Insertable<MediaTable>, 'account_id' | 'note_id' | 'position'>

/** Remote attachments of notes, in their order. */
export async function insertAttachments(
  trx: Transaction<Database>,
  notes: readonly { id: Id; account_id: Id; attachments: readonly NewAttachment[] }[],
): Promise<void> {
  const rows = notes.flatMap(({ id, account_id, attachments }) =>
    attachments.map((media, position) => ({ ...media, account_id, note_id: id, position })),
  )
  if (rows.length > 0) await trx.insertInto('media').values(rows).execute()
}

/** @throws AppError notFound, for somebody else's too */
export async function getOwnMedia(db: Kysely<Database>, id: Id, accountId: Id): Promise<Media> {
  const media = await db
    .selectFrom('media')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  if (!media) throw notFound()
  return media
}

/** What a person says of a picture. */
export type MediaChanges = Pick<Updateable<MediaTable>, 'description' | 'focus_x' | 'focus_y'>

/** @throws AppError notFound, for somebody else's too */
export async function updateOwnMedia(
  db: Kysely<Database>,
  id: Id,
  accountId: Id,
  changes: Updateable<MediaTable>,
): Promise<Media> {
  const media = await db
    .updateTable('media')
    .set(changes)
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returningAll()
    .executeTakeFirst()
  if (!media) throw notFound()
  return media
}

/**
 * Gives uploads to a note, in this order.
 * @throws AppError invalid when one is unknown, somebody else's or on another note already
 */
export async function attachMedia(
  trx: Transaction<Database>,
  note: { id: Id; account_id: Id },
  mediaIds: Id[],
): Promise<void> {
  if (mediaIds.length === 0) return
  const attached = await trx
    .updateTable('media')
    .set({ note_id: note.id, position: sql`array_position(${mediaIds}::bigint[], media.id) - 1` })
    .where('id', 'in', mediaIds)
    .where('account_id', '=', note.account_id)
    .where((eb) => eb.or([eb('note_id', 'is', null), eb('note_id', '=', note.id)]))
    .where('scheduled_note_id', 'is', null)
    .returning('id')
    .execute()
  if (attached.length !== new Set(mediaIds).size) throw mediaNotFound()
}

export const mediaNotFound = () =>
  new AppError('invalid', 'Validation failed: A media attachment was not found or is already in use')

/** The files that an upload leaves behind; undefined when there is none of theirs that no note has. */
export async function deleteOwnUnposted(
  trx: Transaction<Database>,
  id: Id,
  accountId: Id,
): Promise<string[] | undefined> {
  const row = await trx
    .deleteFrom('media')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('note_id', 'is', null)
    .where('scheduled_note_id', 'is', null)
    .returning(['original_key', 'file_key', 'small_key'])
    .executeTakeFirst()
  return row && fileKeysOf([row])
}

/** Deletes what stands on a note, and answers with the files that leaves behind. */
export async function deleteMediaOfNote(trx: Transaction<Database>, noteId: Id): Promise<string[]> {
  const rows = await trx
    .deleteFrom('media')
    .where('note_id', '=', noteId)
    .returning(['original_key', 'file_key', 'small_key'])
    .execute()
  return fileKeysOf(rows)
}

export async function detachMedia(trx: Transaction<Database>, noteId: Id, keepIds: Id[]): Promise<void> {
  let query = trx.updateTable('media').set({ note_id: null }).where('note_id', '=', noteId)
  if (keepIds.length > 0) query = query.where('id', 'not in', keepIds)
  await query.execute()
}

/** Makes the attachments of a remote note these. One at an address that is there already stays the same row. */
export async function reviseAttachments(
  trx: Transaction<Database>,
  note: { id: Id; account_id: Id },
  attachments: readonly NewAttachment[],
): Promise<void> {
  const known = await listMediaOfNotes(trx, [note.id])
  const rest = new Map(known.map((media) => [media.remote_url, media.id]))
  for (const [position, attachment] of attachments.entries()) {
    const id = rest.get(attachment.remote_url ?? null)
    rest.delete(attachment.remote_url ?? null)
    const values = { ...attachment, position }
    if (id !== undefined) await trx.updateTable('media').set(values).where('id', '=', id).execute()
    else await insertMedia(trx, { ...values, account_id: note.account_id, note_id: note.id })
  }
  const keptUrls = attachments.map(({ remote_url }) => remote_url ?? '')
  let gone = trx.deleteFrom('media').where('note_id', '=', note.id).where('file_key', 'is', null)
  if (keptUrls.length > 0) gone = gone.where('remote_url', 'not in', keptUrls)
  await gone.execute()
}

/** Of these, what is on the note still, or on none: what an author moved to another note is that one's now. */
export function listMediaOfVersions(
  db: Kysely<Database>,
  note: { id: Id; account_id: Id },
  ids: Id[],
): Promise<Media[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db
    .selectFrom('media')
    .selectAll()
    .where('id', 'in', ids)
    .where('account_id', '=', note.account_id)
    .where((eb) => eb.or([eb('note_id', 'is', null), eb('note_id', '=', note.id)]))
    .execute()
}

export async function deleteRemoteAttachments(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await trx.deleteFrom('media').where('note_id', '=', noteId).where('file_key', 'is', null).execute()
}

export function listMediaOfNotes(db: Kysely<Database>, noteIds: Id[]): Promise<Media[]> {
  if (noteIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('media')
    .selectAll()
    .where('note_id', '=', anyOf(noteIds))
    .orderBy('note_id')
    .orderBy('position')
    .execute()
}

export function listMediaOfGenerations(db: Kysely<Database>, generationIds: Id[]): Promise<Media[]> {
  if (generationIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('media')
    .selectAll()
    .where('generation_id', '=', anyOf(generationIds))
    .orderBy('generation_id')
    .orderBy('id')
    .execute()
}

/** Says which generation these pictures are the result of. */
export async function giveToGeneration(
  trx: Transaction<Database>,
  mediaIds: Id[],
  generationId: Id,
): Promise<void> {
  if (mediaIds.length === 0) return
  await trx.updateTable('media').set({ generation_id: generationId }).where('id', 'in', mediaIds).execute()
}

/**
 * Deletes rows that no note has, posted or waiting (of those named, also none that a generation has), and answers with
 * the files they leave behind.
 */
export async function deleteUnpostedMedia(
  trx: Transaction<Database>,
  which: { ids: Id[] } | { generationId: Id },
): Promise<string[]> {
  const unposted = trx.deleteFrom('media').where('note_id', 'is', null).where('scheduled_note_id', 'is', null)
  const chosen =
    'ids' in which
      ? unposted.where('id', 'in', which.ids).where('generation_id', 'is', null)
      : unposted.where('generation_id', '=', which.generationId)
  return fileKeysOf(await chosen.returning(['original_key', 'file_key', 'small_key']).execute())
}

type FileKeys = Pick<Media, 'original_key' | 'file_key' | 'small_key'>

function fileKeysOf(rows: FileKeys[]): string[] {
  return rows.flatMap((row) => [row.original_key, row.file_key, row.small_key]).filter((key) => key !== null)
}

/**
 * Deletes rows of uploads nobody posted, and answers with the files they leave behind. What was painted here stays
 * until its generation is discarded.
 */
export async function deleteUnattachedMedia(
  db: Kysely<Database>,
  before: Date,
  limit: number,
): Promise<{ keys: string[]; count: number }> {
  const rows = await db
    .deleteFrom('media')
    .where(
      'id',
      'in',
      db
        .selectFrom('media')
        .select('id')
        .where('note_id', 'is', null)
        .where('scheduled_note_id', 'is', null)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('generations')
                .select('generations.id')
                .whereRef('generations.id', '=', 'media.generation_id')
                .where('generations.discarded_at', 'is', null),
            ),
          ),
        )
        .where('created_at', '<', before)
        .orderBy('created_at')
        .limit(limit),
    )
    .returning(['original_key', 'file_key', 'small_key'])
    .execute()
  return { keys: fileKeysOf(rows), count: rows.length }
}
