import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { NoteVersionsTable } from './tables-conversation.ts'

export type NoteVersionRow = Selectable<NoteVersionsTable>

/** More edits than anyone reads; a server that sends one a second must not fill the table. */
const mostVersions = 100

/** What a note says now, with the columns of a version. */
const wordsNow = (noteId: Id) => sql`
  select notes.id as note_id, content_html, summary, is_sensitive, emojis,
    coalesce((
      select jsonb_agg(jsonb_build_object('mediaId', media.id::text, 'description', description) order by position, id)
      from media where media.note_id = notes.id
    ), '[]') as media,
    (
      select array_agg(title order by position) from poll_options where poll_options.note_id = notes.id
    ) as poll_options,
    coalesce(edited_at, published_at) as written_at
  from notes where notes.id = ${noteId}`

/** Keeps what a note says before it is changed. Answers the version's id. */
export async function keepVersion(trx: Transaction<Database>, noteId: Id): Promise<Id> {
  const { rows } = await sql<{ id: Id }>`
    insert into note_versions
      (note_id, content_html, summary, is_sensitive, emojis, media, poll_options, written_at)
    ${wordsNow(noteId)} returning id`.execute(trx)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('A version was kept of a note that is not there')
  return id
}

/** Takes a kept version back when the note says the same still. Answers whether it says something else. */
export async function dropEqualVersion(
  trx: Transaction<Database>,
  noteId: Id,
  versionId: Id,
): Promise<boolean> {
  const { rows } = await sql`
    delete from note_versions as kept using (${wordsNow(noteId)}) as now
    where kept.id = ${versionId}
      and (kept.content_html, kept.summary, kept.is_sensitive, kept.media, kept.poll_options)
        is not distinct from (now.content_html, now.summary, now.is_sensitive, now.media, now.poll_options)
    returning kept.id`.execute(trx)
  return rows.length === 0
}

/** Forgets what lies between the first version and the latest hundred. */
export async function thinVersions(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await sql`
    delete from note_versions where id in (
      select id from (
        select id, row_number() over (order by id desc) as age, row_number() over (order by id) as place
        from note_versions where note_id = ${noteId}
      ) as counted
      where age > ${mostVersions} and place > 1
    )`.execute(trx)
}

/** Takes away what a deleted note said before, and what it asked. Its votes stay: they say who must hear of it. */
export async function eraseVersions(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await trx.deleteFrom('note_versions').where('note_id', '=', noteId).execute()
  await trx.updateTable('poll_options').set({ title: '' }).where('note_id', '=', noteId).execute()
}

/** What a note said before, oldest first. */
export function listVersionRows(db: Kysely<Database>, noteId: Id): Promise<NoteVersionRow[]> {
  return db.selectFrom('note_versions').selectAll().where('note_id', '=', noteId).orderBy('id').execute()
}
