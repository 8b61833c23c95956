import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { FilterKeywordsTable, FilterNotesTable, FiltersTable } from './tables-filters.ts'

export type Filter = Selectable<FiltersTable>
export type FilterKeyword = Selectable<FilterKeywordsTable>
export type FilteredNote = Selectable<FilterNotesTable>

/** A filter with all that it looks for. */
export type WholeFilter = Filter & { keywords: FilterKeyword[]; notes: FilteredNote[] }

/** A filter that has not ended, with its keywords and those of some notes that it names. */
export type LivingFilter = Pick<Filter, 'id' | 'title' | 'contexts' | 'action' | 'expires_at'> & {
  keywords: Pick<FilterKeyword, 'keyword' | 'is_whole_word'>[]
  note_ids: Id[]
}

/** What a page takes, in one query. @param noteIds the notes on it */
export async function listLivingFilters(
  db: Kysely<Database>,
  accountId: Id,
  noteIds: Id[],
): Promise<LivingFilter[]> {
  const { rows } = await sql<LivingFilter>`
    select id, title, contexts, action, expires_at,
      (select coalesce(json_agg(json_build_object('keyword', keyword, 'is_whole_word', is_whole_word) order by id), '[]')
        from filter_keywords where filter_id = filters.id) as keywords,
      array(select note_id from filter_notes
        where filter_id = filters.id and note_id = any(${noteIds}::bigint[])) as note_ids
    from filters
    where account_id = ${accountId} and (expires_at is null or expires_at > now())
    order by id
  `.execute(db)
  return rows
}

/** The oldest first, those that ended included. */
export function listFilters(db: Kysely<Database>, accountId: Id): Promise<WholeFilter[]> {
  return selectWhole(db, accountId).orderBy('filters.id').execute()
}

export function findFilter(db: Kysely<Database>, accountId: Id, id: Id): Promise<WholeFilter | undefined> {
  return selectWhole(db, accountId).where('filters.id', '=', id).executeTakeFirst()
}

// Ids as text: a number of JSON cannot hold them.
function selectWhole(db: Kysely<Database>, accountId: Id) {
  return db
    .selectFrom('filters')
    .selectAll('filters')
    .select([
      sql<FilterKeyword[]>`(
        select coalesce(json_agg(json_build_object('id', id::text, 'filter_id', filter_id::text,
          'keyword', keyword, 'is_whole_word', is_whole_word) order by id), '[]')
        from filter_keywords where filter_id = filters.id)`.as('keywords'),
      // Whoever looks at the list learns nothing of what is gone.
      sql<FilteredNote[]>`(
        select coalesce(json_agg(json_build_object('id', filter_notes.id::text, 'filter_id', filter_id::text,
          'note_id', note_id::text) order by filter_notes.id), '[]')
        from filter_notes join notes on notes.id = note_id
        where filter_id = filters.id and notes.deleted_at is null)`.as('notes'),
    ])
    .where('filters.account_id', '=', accountId)
}

export function findFilterKeyword(
  db: Kysely<Database>,
  accountId: Id,
  id: Id,
): Promise<FilterKeyword | undefined> {
  return db
    .selectFrom('filter_keywords')
    .innerJoin('filters', 'filters.id', 'filter_keywords.filter_id')
    .selectAll('filter_keywords')
    .where('filters.account_id', '=', accountId)
    .where('filter_keywords.id', '=', id)
    .executeTakeFirst()
}

export function findFilteredNote(
  db: Kysely<Database>,
  accountId: Id,
  id: Id,
): Promise<FilteredNote | undefined> {
  return db
    .selectFrom('filter_notes')
    .innerJoin('filters', 'filters.id', 'filter_notes.filter_id')
    .innerJoin('notes', 'notes.id', 'filter_notes.note_id')
    .selectAll('filter_notes')
    .where('filters.account_id', '=', accountId)
    .where('filter_notes.id', '=', id)
    .where('notes.deleted_at', 'is', null)
    .executeTakeFirst()
}

/** How many filters someone has, how many letters all their keywords take, and how many notes the fullest names. */
export async function measureFilters(
  db: Kysely<Database>,
  accountId: Id,
): Promise<{ filters: number; letters: number; notes: number }> {
  const { rows } = await sql<{ filters: number; letters: number; notes: number }>`
    select count(*)::int as filters,
      coalesce(sum((select sum(length(keyword)) from filter_keywords where filter_id = filters.id)), 0)::int as letters,
      coalesce(max((select count(*) from filter_notes where filter_id = filters.id)), 0)::int as notes
    from filters where account_id = ${accountId}
  `.execute(db)
  return rows[0] ?? { filters: 0, letters: 0, notes: 0 }
}

export async function insertFilter(
  trx: Transaction<Database>,
  values: Insertable<FiltersTable>,
): Promise<Id> {
  return (await trx.insertInto('filters').values(values).returning('id').executeTakeFirstOrThrow()).id
}

export async function updateFilter(
  trx: Transaction<Database>,
  id: Id,
  changes: Updateable<FiltersTable>,
): Promise<void> {
  if (Object.keys(changes).length === 0) return
  await trx.updateTable('filters').set(changes).where('id', '=', id).execute()
}

/** With all that it looked for. */
export async function deleteFilter(trx: Transaction<Database>, id: Id): Promise<void> {
  await trx.deleteFrom('filters').where('id', '=', id).execute()
}

export async function insertFilterKeyword(
  trx: Transaction<Database>,
  values: Insertable<FilterKeywordsTable>,
): Promise<Id> {
  return (await trx.insertInto('filter_keywords').values(values).returning('id').executeTakeFirstOrThrow()).id
}

export async function updateFilterKeyword(
  trx: Transaction<Database>,
  id: Id,
  changes: Updateable<FilterKeywordsTable>,
): Promise<void> {
  if (Object.keys(changes).length === 0) return
  await trx.updateTable('filter_keywords').set(changes).where('id', '=', id).execute()
}

export async function deleteFilterKeyword(trx: Transaction<Database>, id: Id): Promise<void> {
  await trx.deleteFrom('filter_keywords').where('id', '=', id).execute()
}

/** Undefined when the filter names it already. */
export async function insertFilteredNote(
  trx: Transaction<Database>,
  values: Insertable<FilterNotesTable>,
): Promise<Id | undefined> {
  const row = await trx
    .insertInto('filter_notes')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

export async function deleteFilteredNote(trx: Transaction<Database>, id: Id): Promise<void> {
  await trx.deleteFrom('filter_notes').where('id', '=', id).execute()
}
