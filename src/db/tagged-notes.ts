import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import { type ListedNote, selectListed } from './listed-notes.ts'
import { inOrder, type Page, scanByKey, widened } from './paging.ts'
import { reusable } from './reusable.ts'
import type { Database, Id } from './tables.ts'
import { asFlags, hasMedia, type PublicOptions, type PublicScan } from './timelines.ts'
import { visibleTo, wantedBy } from './visibility.ts'

/** Names are normalised, see `normalizeTag`; of `any` there is one at least. */
export type TagChoice = { any: string[]; all: string[]; none: string[] }

/** Notes for everyone that carry any of these tags, and of those the ones that carry all of these and none of those. */
export async function listTagged(
  db: Kysely<Database>,
  { any, all, none }: TagChoice,
  viewerId: Id | null,
  page: Page,
  options: PublicOptions,
): Promise<ListedNote[]> {
  const [name = '', ...others] = any
  const which = {
    viewerId,
    all: all.length > 0 ? all : undefined,
    none: none.length > 0 ? none : undefined,
    ...asFlags(options),
    ...widened(page),
  }
  const rows = others.length === 0 ? scanOne(db, { ...which, name }) : scanAny(db, { ...which, any })
  return inOrder(await rows, page)
}

type Narrowing = PublicScan & { all: string[] | undefined; none: string[] | undefined }

const scanOne = reusable((db, { name, ...scan }: Narrowing & { name: string }) => {
  const query = selectListed(db, scan.viewerId)
    .innerJoin('note_tags', 'note_tags.note_id', 'notes.id')
    .where('note_tags.tag_id', '=', (eb) =>
      eb.selectFrom('tags').select('tags.id').where('tags.name', '=', name),
    )
  return scanByKey(narrowed(query, scan), 'note_tags.note_id', scan)
})

// A page of each tag and of these the newest: with all tags at once Postgres reads whatever there is under them.
const scanAny = reusable((db, { any, ...scan }: Narrowing & { any: string[] }) => {
  const ofOne = db
    .selectFrom('notes')
    .innerJoin('note_tags', 'note_tags.note_id', 'notes.id')
    .select('note_tags.note_id')
    .where('note_tags.tag_id', '=', sql<Id>`tags.id`)
    .where(visibleTo(scan.viewerId))
  const found = scanByKey(narrowed(ofOne, scan), 'note_tags.note_id', scan)
  const query = selectListed(db, scan.viewerId).where(
    sql<boolean>`notes.id in (
      select found.note_id from tags cross join lateral (${found}) as found where tags.name = any(${any}::text[]))`,
  )
  return scanByKey(query, 'notes.id', scan)
})

function narrowed<Row>(
  query: SelectQueryBuilder<Database, 'notes' | 'note_tags', Row>,
  { viewerId, isLocal, onlyMedia, all, none }: Narrowing,
) {
  let narrower = query
    .where('notes.visibility', '=', sql.lit('public'))
    .where('notes.boost_of_id', 'is', null)
    .where(wantedBy(viewerId))
  if (isLocal !== null) narrower = narrower.where('notes.is_local', '=', sql.lit(isLocal))
  if (onlyMedia) narrower = narrower.where(hasMedia)
  if (all) narrower = narrower.where(sql<boolean>`(${countOf(all)}) = cardinality(${all}::text[])`)
  if (none) narrower = narrower.where(sql<boolean>`(${countOf(none)}) = 0`)
  return narrower
}

const countOf = (names: string[]) => sql`
  select count(*) from note_tags as other join tags as named on named.id = other.tag_id
  where other.note_id = notes.id and named.name = any(${names}::text[])`
