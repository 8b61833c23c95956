import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Database, Id, TagsTable } from './tables.ts'

/** Makes a note carry exactly these tags. @param names normalised, see `normalizeTag` */
export async function replaceTags(trx: Transaction<Database>, noteId: Id, names: string[]): Promise<void> {
  await trx.deleteFrom('note_tags').where('note_id', '=', noteId).execute()
  await insertTags(trx, noteId, names)
}

export async function insertTags(trx: Transaction<Database>, noteId: Id, names: string[]): Promise<void> {
  if (names.length === 0) return
  // Sorted, so that two transactions taking the same new tags cannot wait for each other in a circle.
  const sorted = [...new Set(names)].sort()
  await trx
    .insertInto('tags')
    .values(sorted.map((name) => ({ name })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await sql`
    insert into note_tags (note_id, tag_id)
    select ${noteId}::bigint, id from tags where name = any(${sorted})
    on conflict do nothing
  `.execute(trx)
}

export function listTags(db: Kysely<Database>, noteIds: Id[]): Promise<{ note_id: Id; name: string }[]> {
  if (noteIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('note_tags')
    .innerJoin('tags', 'tags.id', 'note_tags.tag_id')
    .select(['note_tags.note_id', 'tags.name'])
    .where('note_tags.note_id', 'in', noteIds)
    .orderBy('tags.name')
    .execute()
}

export type Tag = Selectable<TagsTable>

/** Tags that begin like this, the shortest first. @param prefix normalised, see `normalizeTag` */
export function searchTags(
  db: Kysely<Database>,
  prefix: string,
  page: { limit: number; offset: number },
): Promise<Tag[]> {
  return db
    .selectFrom('tags')
    .selectAll()
    .where(sql<boolean>`starts_with(name, ${prefix})`)
    .orderBy(sql`length(name)`)
    .orderBy('name')
    .limit(page.limit)
    .offset(page.offset)
    .execute()
}
