import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { anyOf } from './ids.ts'
import type { Database, Id, TagsTable } from './tables.ts'
import { useInsertion } from './tag-history.ts'

/** A note, and a tag of it: normalised, see `normalizeTag`. */
export type Tagging = { noteId: Id; name: string }

/** Makes a note carry exactly these tags. @param names normalised, see `normalizeTag` */
export async function replaceTags(trx: Transaction<Database>, noteId: Id, names: string[]): Promise<void> {
  // What it carried before stays: it is not used once more.
  await sql`
    delete from note_tags
    where note_id = ${noteId} and tag_id not in (select id from tags where name = any(${names}::text[]))
  `.execute(trx)
  await insertTags(
    trx,
    names.map((name) => ({ noteId, name })),
  )
}

export async function insertTags(trx: Transaction<Database>, taggings: readonly Tagging[]): Promise<void> {
  if (taggings.length === 0) return
  const missing = await tagKnown(trx, taggings)
  if (missing.length === 0) return
  await insertTagNames(
    trx,
    missing.map(({ name }) => name),
  )
  await tagKnown(trx, missing)
}

/** @param names normalised, see `normalizeTag` */
export async function insertTagNames(trx: Transaction<Database>, names: readonly string[]): Promise<void> {
  // Sorted, so that two transactions taking the same new tags cannot wait for each other in a circle.
  const sorted = [...new Set(names)].sort()
  await sql`insert into tags (name) select unnest(${sorted}::text[]) on conflict do nothing`.execute(trx)
}

/** Answers those whose tag nobody used before. */
async function tagKnown(trx: Transaction<Database>, taggings: readonly Tagging[]): Promise<Tagging[]> {
  const { rows } = await sql<Tagging>`
    with wanted as (
      select wanted.note_id, wanted.name, tags.id as tag_id
      from unnest(${taggings.map(({ noteId }) => noteId)}::bigint[], ${taggings.map(({ name }) => name)}::text[])
        as wanted (note_id, name)
      left join tags on tags.name = wanted.name
    ), tagged as (
      insert into note_tags (note_id, tag_id)
      select note_id, tag_id from wanted where tag_id is not null on conflict do nothing
      returning note_id, tag_id
    ), used as (${useInsertion})
    select note_id as "noteId", name from wanted where tag_id is null
  `.execute(trx)
  return rows
}

export type Tag = Selectable<TagsTable>

/** @param which a name normalised, see `normalizeTag` */
export function findTag(
  db: Kysely<Database>,
  which: { id: Id } | { name: string },
): Promise<Tag | undefined> {
  const query = db.selectFrom('tags').selectAll()
  return (
    'id' in which ? query.where('id', '=', which.id) : query.where('name', '=', which.name)
  ).executeTakeFirst()
}

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

export async function listTagsById(db: Kysely<Database>, ids: Id[]): Promise<Tag[]> {
  if (ids.length === 0) return []
  return db.selectFrom('tags').selectAll().where('id', '=', anyOf(ids)).execute()
}
