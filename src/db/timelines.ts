import { type Kysely, sql } from 'kysely'
import { type ListedNote, selectListed } from './listed-notes.ts'
import { inOrder, type Page, pageByKey, scanByKey, widened } from './paging.ts'
import { reusable } from './reusable.ts'
import type { Database, Id } from './tables.ts'
import { visibleTo, wantedBy } from './visibility.ts'

// Lists of notes, newest first; `viewsOf` turns them into what is shown.

export async function listHome(db: Kysely<Database>, readerId: Id, page: Page): Promise<ListedNote[]> {
  return inOrder(await scanHome(db, { ...widened(page), readerId }), page)
}

const scanHome = reusable((db, { readerId, ...page }: Page & { readerId: Id }) =>
  scanByKey(
    selectListed(db, readerId)
      .innerJoin('home_entries', 'home_entries.note_id', 'notes.id')
      .where('home_entries.account_id', '=', readerId)
      .where(wantedBy(readerId)),
    'home_entries.note_id',
    page,
  ),
)

/** Of these notes those that a reader may see and wants to meet in a list, in no order. */
export function listWanted(db: Kysely<Database>, ids: readonly Id[], readerId: Id): Promise<ListedNote[]> {
  return selectWanted(db, { ids, readerId })
}

const selectWanted = reusable((db, { ids, readerId }: { ids: readonly Id[]; readerId: Id }) =>
  selectListed(db, readerId).where(sql<boolean>`notes.id = any(${ids}::bigint[])`).where(wantedBy(readerId)),
)

/** Notes that someone wrote directly, or was sent so. */
export async function listDirect(db: Kysely<Database>, readerId: Id, page: Page): Promise<ListedNote[]> {
  return inOrder(await scanDirect(db, { ...widened(page), readerId }), page)
}

const scanDirect = reusable((db, { readerId, ...page }: Page & { readerId: Id }) =>
  scanByKey(
    selectListed(db, readerId)
      .innerJoin('conversation_entries', 'conversation_entries.note_id', 'notes.id')
      .where('conversation_entries.account_id', '=', readerId)
      .where(wantedBy(readerId)),
    'conversation_entries.note_id',
    page,
  ),
)

export type PublicOptions = { origin: 'all' | 'local' | 'remote'; onlyMedia: boolean }

export async function listPublic(
  db: Kysely<Database>,
  viewerId: Id | null,
  page: Page,
  options: PublicOptions,
): Promise<ListedNote[]> {
  return inOrder(await scanPublic(db, { ...widened(page), ...asFlags(options), viewerId }), page)
}

export type PublicScan = Page & { isLocal: boolean | null; onlyMedia: boolean; viewerId: Id | null }

/** What is a word elsewhere makes another statement here. */
export const asFlags = ({ origin, onlyMedia }: PublicOptions) => ({
  isLocal: origin === 'all' ? null : origin === 'local',
  onlyMedia,
})

const scanPublic = reusable((db, { viewerId, isLocal, onlyMedia, ...page }: PublicScan) => {
  let query = selectListed(db, viewerId)
    .where('notes.visibility', '=', sql.lit('public'))
    .where('notes.boost_of_id', 'is', null)
    .where('notes.in_reply_to_uri', 'is', null)
    .where(wantedBy(viewerId))
  if (isLocal !== null) query = query.where('notes.is_local', '=', sql.lit(isLocal))
  if (onlyMedia) query = query.where(hasMedia)
  return scanByKey(query, 'notes.id', page)
})

/** What stands in a list, which is the reader's own. */
export async function listInList(
  db: Kysely<Database>,
  listId: Id,
  readerId: Id,
  page: Page,
): Promise<ListedNote[]> {
  return inOrder(await scanList(db, { ...widened(page), listId, readerId }), page)
}

const scanList = reusable((db, { listId, readerId, ...page }: Page & { listId: Id; readerId: Id }) =>
  scanByKey(
    selectListed(db, readerId)
      .innerJoin('list_entries', 'list_entries.note_id', 'notes.id')
      .where('list_entries.list_id', '=', listId)
      .where(wantedBy(readerId)),
    'list_entries.note_id',
    page,
  ),
)

/** What was said for everyone of a page, by people who want to be found. */
export async function listLinking(
  db: Kysely<Database>,
  cardId: Id,
  viewerId: Id | null,
  page: Page,
): Promise<ListedNote[]> {
  return inOrder(await scanLinking(db, { ...widened(page), cardId, viewerId }), page)
}

const scanLinking = reusable(
  (db, { cardId, viewerId, ...page }: Page & { cardId: Id; viewerId: Id | null }) =>
    scanByKey(
      selectListed(db, viewerId)
        .where('notes.preview_card_id', '=', cardId)
        .where('notes.visibility', '=', sql.lit('public'))
        .where('notes.boost_of_id', 'is', null)
        .where(
          sql<boolean>`exists (
          select from accounts as writer where writer.id = notes.account_id and writer.is_discoverable)`,
        )
        .where(wantedBy(viewerId)),
      'notes.id',
      page,
    ),
)

export type AccountNotesOptions = {
  onlyMedia: boolean
  excludeReplies: boolean
  excludeBoosts: boolean
  /** Only notes with this tag, normalised, see `normalizeTag`. */
  tag?: string | undefined
}

export async function listNotesOf(
  db: Kysely<Database>,
  accountId: Id,
  viewerId: Id | null,
  page: Page,
  { onlyMedia, excludeReplies, excludeBoosts, tag }: AccountNotesOptions,
): Promise<ListedNote[]> {
  const which = { accountId, viewerId, onlyMedia, excludeReplies, excludeBoosts, tag }
  return inOrder(await scanNotesOf(db, { ...widened(page), ...which }), page)
}

type AccountScan = Page & AccountNotesOptions & { accountId: Id; viewerId: Id | null }

const scanNotesOf = reusable((db, { accountId, viewerId, ...options }: AccountScan) => {
  let query = selectListed(db, viewerId).where('notes.account_id', '=', accountId)
  if (options.onlyMedia) query = query.where(hasMedia)
  if (options.excludeBoosts) query = query.where('notes.boost_of_id', 'is', null)
  if (options.tag !== undefined) query = query.where(hasTag(options.tag))
  if (options.excludeReplies) {
    // A thread with oneself is not a conversation with others.
    query = query.where((eb) =>
      eb.or([eb('notes.in_reply_to_uri', 'is', null), eb('notes.in_reply_to_account_id', '=', accountId)]),
    )
  }
  return scanByKey(query, 'notes.id', options)
})

/** With the id of what marks it, by which the list is ordered. */
export type MarkedNote = ListedNote & { cursor: Id }

export function listBookmarked(db: Kysely<Database>, accountId: Id, page: Page): Promise<MarkedNote[]> {
  const query = selectListed(db, accountId)
    .innerJoin('bookmarks', 'bookmarks.note_id', 'notes.id')
    .select('bookmarks.id as cursor')
    .where('bookmarks.account_id', '=', accountId)
  return pageByKey(query, 'bookmarks.id', page)
}

export function listLiked(db: Kysely<Database>, accountId: Id, page: Page): Promise<MarkedNote[]> {
  const query = selectListed(db, accountId)
    .innerJoin('likes', 'likes.note_id', 'notes.id')
    .select('likes.id as cursor')
    .where('likes.account_id', '=', accountId)
  return pageByKey(query, 'likes.id', page)
}

// Mastodon's own bounds for signed-in people: https://docs.joinmastodon.org/methods/statuses/#context
const maxAncestors = 4096
const maxDescendants = 4096

/** From the root down to the parent. Stops at the first note the viewer may not see, leaves out what they refuse. */
export async function listAncestorIds(db: Kysely<Database>, noteId: Id, viewerId: Id | null): Promise<Id[]> {
  return idsOf(await walkUp(db, { noteId, viewerId }))
}

type Walk = { noteId: Id; viewerId: Id | null }

const walkUp = reusable((db, { noteId, viewerId }: Walk) =>
  db
    .withRecursive('chain', (cte) =>
      cte
        .selectFrom('notes')
        .select([
          'notes.id',
          'notes.in_reply_to_id',
          sql<number>`0`.as('depth'),
          sql<Id[]>`array[notes.id]`.as('path'),
        ])
        .where('notes.id', '=', noteId)
        .unionAll((union) =>
          union
            .selectFrom('notes')
            .innerJoin('chain', 'chain.in_reply_to_id', 'notes.id')
            .select([
              'notes.id',
              'notes.in_reply_to_id',
              sql<number>`chain.depth + 1`.as('depth'),
              sql<Id[]>`chain.path || notes.id`.as('path'),
            ])
            .where(visibleTo(viewerId))
            // Notes of two servers may each say that they answer the other.
            .where(sql<boolean>`notes.id <> all(chain.path)`)
            .where('chain.depth', '<', maxAncestors),
        ),
    )
    .selectFrom('chain')
    .innerJoin('notes', 'notes.id', 'chain.id')
    .select('chain.id')
    .where('chain.depth', '>', 0)
    .where(wantedBy(viewerId))
    .orderBy('chain.depth', 'desc'),
)

/** Depth first, so that a reply follows what it answers. What the viewer refuses is left out, not what answers it. */
export async function listDescendantIds(
  db: Kysely<Database>,
  noteId: Id,
  viewerId: Id | null,
): Promise<Id[]> {
  return idsOf(await walkDown(db, { noteId, viewerId }))
}

const walkDown = reusable((db, { noteId, viewerId }: Walk) =>
  db
    .withRecursive('tree', (cte) =>
      cte
        .selectFrom('notes')
        .select(['notes.id', sql<Id[]>`array[notes.id]`.as('path')])
        .where('notes.id', '=', noteId)
        .unionAll((union) =>
          union
            .selectFrom('notes')
            .innerJoin('tree', 'tree.id', 'notes.in_reply_to_id')
            .select(['notes.id', sql<Id[]>`tree.path || notes.id`.as('path')])
            .where(visibleTo(viewerId))
            .where(sql<boolean>`notes.id <> all(tree.path)`)
            .where(sql<number>`cardinality(tree.path)`, '<', 64),
        ),
    )
    .selectFrom('tree')
    .innerJoin('notes', 'notes.id', 'tree.id')
    .select('tree.id')
    .where('tree.id', '<>', noteId)
    .where(wantedBy(viewerId))
    .orderBy('tree.path')
    .limit(sql.lit(maxDescendants)),
)

export const hasMedia = sql<boolean>`exists (select from media where media.note_id = notes.id)`

const hasTag = (name: string) => sql<boolean>`exists (
  select from note_tags join tags on tags.id = note_tags.tag_id
  where note_tags.note_id = notes.id and tags.name = ${name}
)`

const idsOf = (rows: { id: Id }[]): Id[] => rows.map((row) => row.id)
