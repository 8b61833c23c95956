import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import { anyOf } from './ids.ts'
import type { CustomEmoji, Database, Id, NotesTable } from './tables.ts'
import { visibleTo, wantedBy } from './visibility.ts'

export type Note = Selectable<NotesTable>

/** Whatever the viewer may not see does not exist for them. */
export function findVisibleNote(
  db: Kysely<Database>,
  id: Id,
  viewerId: Id | null,
): Promise<Note | undefined> {
  return db
    .selectFrom('notes')
    .selectAll('notes')
    .where('notes.id', '=', id)
    .where(visibleTo(viewerId))
    .executeTakeFirst()
}

/** @throws AppError notFound, alike for hidden and for missing notes */
export async function getVisibleNote(db: Kysely<Database>, id: Id, viewerId: Id | null): Promise<Note> {
  const note = await findVisibleNote(db, id, viewerId)
  if (!note) throw notFound()
  return note
}

/**
 * The note, or the one it boosts: apps send the id of whatever stood in the feed.
 * @throws AppError notFound
 */
export async function getVisibleOriginal(db: Kysely<Database>, id: Id, viewerId: Id | null): Promise<Note> {
  const note = await getVisibleNote(db, id, viewerId)
  return note.boost_of_id === null ? note : getVisibleNote(db, note.boost_of_id, viewerId)
}

/** Which of these notes were here and are gone: nothing of them but that. */
export async function listTombstoneIds(db: Kysely<Database>, ids: Id[]): Promise<Id[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('notes')
    .select('id')
    .where('id', '=', anyOf(ids))
    .where('deleted_at', 'is not', null)
    .execute()
  return rows.map((row) => row.id)
}

/** For federation and jobs, which act for the server and not for a viewer; tombstones included. */
export function findNoteRow(db: Kysely<Database>, id: Id): Promise<Note | undefined> {
  return db.selectFrom('notes').selectAll().where('id', '=', id).executeTakeFirst()
}

/**
 * As it is now, tombstones included, and nobody else changes it before `trx` ends. Locks are taken in one order, lest
 * transactions wait in a circle: a note before its boosts, a reply before its parent, accounts last.
 */
export function lockNote(trx: Transaction<Database>, id: Id): Promise<Note | undefined> {
  return trx.selectFrom('notes').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
}

/** As `lockNote`, but undefined for a tombstone. */
export async function lockLivingNote(trx: Transaction<Database>, id: Id): Promise<Note | undefined> {
  const note = await lockNote(trx, id)
  return note?.deleted_at ? undefined : note
}

/** Tombstones included: a late Create of a deleted note must find it. */
export function findNoteRowByUri(db: Kysely<Database>, uri: string): Promise<Note | undefined> {
  return db.selectFrom('notes').selectAll().where('uri', '=', uri).executeTakeFirst()
}

/** As `findNoteRowByUri`, of several. */
export async function listNoteRowsByUris(db: Kysely<Database>, uris: readonly string[]): Promise<Note[]> {
  const { rows } = await sql<Note>`select * from notes where uri = any(${[...uris]}::text[])`.execute(db)
  return rows
}

/** By ActivityPub id or by the address of its page, which is what people paste into a search. */
export function findVisibleNoteByUrl(
  db: Kysely<Database>,
  url: string,
  viewerId: Id | null,
): Promise<Note | undefined> {
  return db
    .selectFrom('notes')
    .selectAll('notes')
    .where((eb) => eb.or([eb('notes.uri', '=', url), eb('notes.url', '=', url)]))
    .where(visibleTo(viewerId))
    .where(wantedBy(viewerId))
    .executeTakeFirst()
}

/** An id beforehand, so that addresses can be made from it; a note's is of the moment it was published. */
export async function newId(db: Kysely<Database>, publishedAt?: Date): Promise<Id> {
  const result = await sql<{
    id: Id
  }>`select new_id(coalesce(${publishedAt ?? null}::timestamptz, clock_timestamp())) as id`.execute(db)
  const row = result.rows[0]
  if (!row) throw new Error('new_id() returned no row')
  return row.id
}

/** Ids beforehand, in the order of the moments. */
export async function newIds(db: Kysely<Database>, publishedAt: readonly Date[]): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`
    select new_id(moment) as id from unnest(${[...publishedAt]}::timestamptz[]) with ordinality as t (moment, position)
    order by position
  `.execute(db)
  return rows.map(({ id }) => id)
}

export type NewNote = Omit<Insertable<NotesTable>, 'emojis'> & { emojis?: CustomEmoji[] }

/**
 * Inserts notes that all have the same columns, and answers those that were new: simultaneous copies of one note leave
 * one row.
 */
export async function insertNotes(trx: Transaction<Database>, notes: readonly NewNote[]): Promise<Note[]> {
  const columns = sql.join(Object.keys(notes[0] ?? {}).map((name) => sql.ref(name)))
  // As one parameter, whatever their number: the statement stays the same.
  const { rows } = await sql<Note>`
    insert into notes (${columns})
    select ${columns} from json_populate_recordset(null::notes, ${JSON.stringify(notes)}::json)
    on conflict do nothing
    returning *
  `.execute(trx)
  return rows
}

export async function insertNote(trx: Transaction<Database>, note: NewNote): Promise<Note | undefined> {
  const [inserted] = await insertNotes(trx, [note])
  return inserted
}

export async function updateNote(
  trx: Transaction<Database>,
  id: Id,
  changes: Updateable<NotesTable>,
): Promise<void> {
  await trx.updateTable('notes').set(changes).where('id', '=', id).execute()
}

export type NoteCounter = 'replies_count' | 'boosts_count' | 'likes_count' | 'remixes_count' | 'quotes_count'

export async function addToNoteCounter(
  trx: Transaction<Database>,
  id: Id,
  counter: NoteCounter,
  amount: 1 | -1,
): Promise<void> {
  await trx
    .updateTable('notes')
    .set((eb) => ({ [counter]: eb(eb.ref(counter), '+', amount) }))
    .where('id', '=', id)
    .execute()
}

/** Turns a note into a tombstone. False when somebody else already did: then nothing follows from it. */
export async function markNoteDeleted(trx: Transaction<Database>, id: Id): Promise<boolean> {
  const row = await trx
    .updateTable('notes')
    .set({ deleted_at: sql`now()`, text: null, content_html: '', summary: '' })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Deletes the boosts of a deleted note. Answers whose they were. */
export async function markBoostsDeleted(trx: Transaction<Database>, noteId: Id): Promise<Id[]> {
  const boosts = await trx
    .updateTable('notes')
    .set({ deleted_at: sql`now()` })
    .where('boost_of_id', '=', noteId)
    .where('deleted_at', 'is', null)
    .returning('account_id')
    .execute()
  return boosts.map((boost) => boost.account_id)
}

export function findBoost(db: Kysely<Database>, accountId: Id, noteId: Id): Promise<Note | undefined> {
  return db
    .selectFrom('notes')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('boost_of_id', '=', noteId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** Replies, and the remixes its author allows, that came before the notes they point at now find them. */
export async function adoptOrphans(trx: Transaction<Database>, notes: readonly Note[]): Promise<void> {
  const awaited = await listAwaitedUris(
    trx,
    notes.map(({ uri }) => uri),
  )
  for (const note of notes) if (awaited.has(note.uri)) await adoptOrphansOf(trx, note)
}

async function adoptOrphansOf(trx: Transaction<Database>, note: Note): Promise<void> {
  const adopted = await trx
    .updateTable('notes')
    .set({ in_reply_to_id: note.id, in_reply_to_account_id: note.account_id })
    .where('in_reply_to_uri', '=', note.uri)
    .where('in_reply_to_id', 'is', null)
    // It may say that it answers itself.
    .where('id', '<>', note.id)
    .returning('id')
    .execute()
  const remixes = await trx
    .updateTable('notes')
    .set({ remix_of_id: note.id })
    .where('remix_of_uri', '=', note.uri)
    .where('remix_of_id', 'is', null)
    .$if(note.remix_policy === 'nobody', (query) => query.where('account_id', '=', note.account_id))
    .returning('id')
    .execute()
  if (adopted.length === 0 && remixes.length === 0) return
  await trx
    .updateTable('notes')
    .set((eb) => ({
      replies_count: eb('replies_count', '+', adopted.length),
      remixes_count: eb('remixes_count', '+', remixes.length),
    }))
    .where('id', '=', note.id)
    .execute()
}

/** Hardly any note is awaited: one look instead of a change in vain for each way to point at it. */
async function listAwaitedUris(trx: Transaction<Database>, uris: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ uri: string }>`
    select uri from unnest(${uris}::text[]) as awaited (uri)
    where exists (select from notes where in_reply_to_uri = awaited.uri and in_reply_to_id is null)
      or exists (select from notes where remix_of_uri = awaited.uri and remix_of_id is null)
  `.execute(trx)
  return new Set(rows.map(({ uri }) => uri))
}
