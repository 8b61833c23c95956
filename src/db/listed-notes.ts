import { type Kysely, sql } from 'kysely'
import type { Mention } from './mentions.ts'
import type { Note } from './notes.ts'
import { quotableBy } from './quotes.ts'
import { remixableBy } from './remixes.ts'
import { reusable } from './reusable.ts'
import type { AiDisplay, Database, Id } from './tables.ts'
import { rowByRow, visibleTo } from './visibility.ts'

/**
 * A note with what showing it takes beside its author: what is little stands in the row itself, and of what is more it
 * says whether there is any, so that nobody asks in vain.
 */
export type ListedNote = Note & {
  /** In no order. */
  tags: string[]
  mentions: Mention[]
  has_media: boolean
  has_reactions: boolean
  /** What the viewer did with it; null for a stranger. */
  state: NoteState | null
}

export type NoteState = {
  liked: boolean
  boosted: boolean
  bookmarked: boolean
  pinned: boolean
  /** Whether the viewer wants to hear no more of the conversation. */
  muted: boolean
  /** Whether its author lets the viewer quote it, or ask to. */
  may_quote: boolean
  /** Whether its author lets the viewer paint from its picture. */
  may_remix: boolean
  /** Whether the viewer has filters at all, so that nobody looks for them in vain: for all notes alike. */
  has_filters: boolean
  /** What the viewer wants to become of AI pictures: for all notes alike. */
  ai_display: AiDisplay
}

/** Rows for `viewsOf`, as far as the viewer may see them. What is listed, and in which order, the caller adds. */
export function selectListed(db: Kysely<Database>, viewerId: Id | null) {
  return db
    .selectFrom('notes')
    .selectAll('notes')
    .select([
      tags.as('tags'),
      mentions.as('mentions'),
      sql<boolean>`exists (select from media where media.note_id = notes.id offset ${rowByRow})`.as(
        'has_media',
      ),
      sql<boolean>`exists (select from reactions where reactions.note_id = notes.id offset ${rowByRow})`.as(
        'has_reactions',
      ),
      stateFor(viewerId).as('state'),
    ])
    .where(visibleTo(viewerId))
}

const tags = sql<string[]>`array(
  select tags.name from note_tags join tags on tags.id = note_tags.tag_id
  where note_tags.note_id = notes.id)`

// Ids as text: a number of JSON cannot hold them.
const mentions = sql<Mention[]>`coalesce((
  select json_agg(json_build_object('id', person.id::text, 'username', person.username, 'domain', person.domain,
    'url', person.url, 'uri', person.uri, 'name', person.name, 'inbox_uri', person.inbox_uri) order by person.id)
  from mentions join accounts as person on person.id = mentions.account_id
  where mentions.note_id = notes.id), '[]')`

function stateFor(viewerId: Id | null) {
  if (viewerId === null) return sql<NoteState | null>`null`
  const own = (table: 'likes' | 'bookmarks') => sql<boolean>`exists (
    select from ${sql.table(table)} as own where own.note_id = notes.id and own.account_id = ${viewerId}
    offset ${rowByRow})`
  return sql<NoteState | null>`json_build_object(
    'liked', ${own('likes')}, 'bookmarked', ${own('bookmarks')},
    'pinned', notes.id in (select note_id from pins where pins.account_id = ${viewerId}),
    'boosted', exists (
      select from notes as boost
      where boost.boost_of_id = notes.id and boost.account_id = ${viewerId} and boost.deleted_at is null
      offset ${rowByRow}),
    'muted', notes.conversation_uri in (
      select conversation_uri from conversation_mutes where conversation_mutes.account_id = ${viewerId}),
    'may_quote', ${quotableBy(viewerId)},
    'may_remix', (notes.remix_policy <> 'nobody' or notes.account_id = ${viewerId}) and ${remixableBy(viewerId)},
    'has_filters', exists (select from filters where filters.account_id = ${viewerId}),
    'ai_display', coalesce((select ai_display from users where users.account_id = ${viewerId}), 'show'))`
}

/** These notes and the ones they boost, as far as the viewer may see them, in no order. */
export async function listVisibleNotes(
  db: Kysely<Database>,
  ids: Id[],
  viewerId: Id | null,
): Promise<ListedNote[]> {
  return ids.length === 0 ? [] : selectVisible(db, { ids, viewerId })
}

const selectVisible = reusable((db, { ids, viewerId }: { ids: Id[]; viewerId: Id | null }) =>
  selectListed(db, viewerId)
    // Joined to one set of ids: for `in (…) or in (…)` Postgres reads the whole table.
    .where(
      sql<boolean>`notes.id in (
        select unnest(${ids}::bigint[])
        union select boost_of_id from notes as boosts where boosts.id = any(${ids}::bigint[]))`,
    ),
)
