import { type Kysely, type RawBuilder, sql } from 'kysely'
import { namesAbove } from './refusals.ts'
import type { Database, Id } from './tables.ts'
import { rowByRow } from './visibility.ts'

// For whom, of those who listen, something is that open streams are told of.

/** A note, or a tombstone, with what says which streams it belongs to. */
export type StreamedNote = {
  id: Id
  is_local: boolean
  /** Whether it is for public lists: for everyone, and no boost. */
  is_public: boolean
  is_reply: boolean
  has_media: boolean
  /** As `normalizeTag` has them. */
  tags: string[]
  /** Those of the listeners whose home feed has it. */
  reader_ids: Id[]
  /** Those of the lists that somebody listens to whose feed has it. */
  list_ids: Id[]
}

const facts = sql`notes.id, notes.is_local,
  notes.visibility = 'public' and notes.boost_of_id is null as is_public,
  notes.in_reply_to_uri is not null as is_reply,
  exists (select from media where media.note_id = notes.id) as has_media,
  array(
    select tags.name from note_tags join tags on tags.id = note_tags.tag_id where note_tags.note_id = notes.id
  ) as tags`

/** Hashed once; as a plain condition it would be joined, and each listener looked up in the feeds. */
const isAmong = (id: RawBuilder<unknown>, ids: readonly Id[]) =>
  sql`(${id} in (select unnest(${[...ids]}::bigint[]))) is true`

/** The people who listen to their home feeds, and the lists whose feeds are listened to. */
export type Feeds = { listenerIds: readonly Id[]; listIds: readonly Id[] }

/** What is to be told of notes, oldest first. */
export async function listStreamedNotes(
  db: Kysely<Database>,
  ids: readonly Id[],
  { listenerIds, listIds }: Feeds,
): Promise<StreamedNote[]> {
  const { rows } = await sql<StreamedNote>`
    select ${facts}, array(
      select home_entries.account_id::text from home_entries
      where home_entries.note_id = notes.id and ${isAmong(sql.ref('home_entries.account_id'), listenerIds)}
    ) as reader_ids, array(
      select list_entries.list_id::text from list_entries
      where list_entries.note_id = notes.id and ${isAmong(sql.ref('list_entries.list_id'), listIds)}
    ) as list_ids
    from notes
    where notes.id = any(${[...ids]}::bigint[]) and notes.deleted_at is null
    order by notes.id
  `.execute(db)
  return rows
}

/**
 * The same of tombstones and of the boosts that went with them. Their entries in feeds are gone: whoever may have had
 * one, as author, as follower, mentioned or following a hashtag, is a reader, and so is each list with the author on it.
 */
export async function listStreamedDeletions(
  db: Kysely<Database>,
  ids: readonly Id[],
  { listenerIds, listIds }: Feeds,
): Promise<StreamedNote[]> {
  const { rows } = await sql<StreamedNote>`
    with notes as materialized (
      select gone.* from notes as gone where gone.id = any(${[...ids]}::bigint[]) and gone.deleted_at is not null
      union all
      select boost.* from notes as gone
      join notes as boost on boost.boost_of_id = gone.id and boost.deleted_at >= gone.deleted_at
      where gone.id = any(${[...ids]}::bigint[])
    ), follower as materialized (
      select author.id as author_id, listener.id
      from (select distinct account_id from notes) as author (id)
      cross join unnest(${[...listenerIds]}::bigint[]) as listener (id)
      where listener.id = author.id or exists (
        select from follows
        where follows.follower_id = listener.id and follows.followee_id = author.id and follows.state = 'accepted'
        offset ${rowByRow})
    )
    select ${facts}, array(
      select follower.id::text from follower where follower.author_id = notes.account_id
      union
      select mentions.account_id::text from mentions
      where mentions.note_id = notes.id and ${isAmong(sql.ref('mentions.account_id'), listenerIds)}
      union
      select tag_follows.account_id::text
      from note_tags join tag_follows on tag_follows.tag_id = note_tags.tag_id
      where note_tags.note_id = notes.id and notes.visibility = 'public'
        and ${isAmong(sql.ref('tag_follows.account_id'), listenerIds)}
    ) as reader_ids, array(
      select list_accounts.list_id::text from list_accounts
      where list_accounts.account_id = notes.account_id and ${isAmong(sql.ref('list_accounts.list_id'), listIds)}
    ) as list_ids
    from notes
    order by notes.id
  `.execute(db)
  return rows
}

/** What makes a note another one for a viewer: alike for two who have the same `ties`. */
export type Ties = { note_id: Id; viewer_id: Id; ties: string }

/**
 * How viewers stand to notes and to all that is shown in them: who wrote what, who refuses whom, who did what with
 * which. In one query, and nothing of those to whom they are strangers' notes, which are most.
 * @param areNew nobody did anything yet with the notes themselves
 */
export async function listTies(
  db: Kysely<Database>,
  notes: { ids: readonly Id[]; areNew: boolean },
  viewerIds: readonly Id[],
): Promise<Ties[]> {
  const { rows } = await sql<Ties>`
    with viewer as materialized (
      select viewer.id from unnest(${[...viewerIds]}::bigint[]) as viewer (id)
    ), shown as materialized (
      select root.id as root_id, part.id, part.account_id, part.conversation_uri, part.visibility, part.quote_policy,
        part.in_reply_to_uri is not null as is_reply, not (part.id = root.id and ${notes.areNew}::boolean) as is_old
      from notes as root
      left join notes as boosted on boosted.id = root.boost_of_id
      join notes as part on part.id in (
        root.id, boosted.id, root.quote_of_id, root.remix_of_id, boosted.quote_of_id, boosted.remix_of_id)
      where root.id = any(${[...notes.ids]}::bigint[])
    ), tie (root_id, viewer_id, what) as (
      ${sql.join([...tiesByNote, ...tiesByViewer], sql` union all `)}
    )
    select tie.root_id as note_id, tie.viewer_id, string_agg(distinct tie.what, ' ' order by tie.what) as ties
    from tie join viewer on viewer.id = tie.viewer_id
    group by tie.root_id, tie.viewer_id
  `.execute(db)
  return rows
}

/** What few have, however many listen: looked up from the note. */
const tiesByNote = [
  sql`select root_id, account_id, 'wrote ' || id from shown`,
  sql`select root_id, mentions.account_id, 'is mentioned in ' || id
    from shown join mentions on mentions.note_id = shown.id`,
  sql`select root_id, blocks.account_id, 'blocks ' || blocks.target_id
    from shown join blocks on blocks.target_id = shown.account_id`,
  sql`select root_id, blocks.target_id, 'is blocked by ' || blocks.account_id
    from shown join blocks on blocks.account_id = shown.account_id`,
  sql`select root_id, mutes.account_id, 'mutes ' || mutes.target_id
    from shown join mutes on mutes.target_id = shown.account_id
    where mutes.expires_at is null or mutes.expires_at > now()`,
  sql`select root_id, refused.account_id, 'refuses the server of ' || author.id
    from shown join accounts as author on author.id = shown.account_id
    join person_domain_blocks as refused on refused.domain = any(${namesAbove(sql.ref('author.domain'))})`,
]

/** What many could have: looked up for each viewer, and only where there can be any. */
const tiesByViewer = [
  sql`select root_id, viewer.id, 'follows ' || shown.account_id
    from shown cross join viewer join follows
      on follows.follower_id = viewer.id and follows.followee_id = shown.account_id and follows.state = 'accepted'
    where shown.visibility = 'followers' or shown.quote_policy = 'followers'`,
  // What they look for is theirs alone.
  sql`select root_id, viewer.id, 'filters as ' || viewer.id
    from shown cross join viewer
    where shown.id = shown.root_id and exists (
      select from filters
      where filters.account_id = viewer.id and (filters.expires_at is null or filters.expires_at > now())
      offset ${rowByRow})`,
  sql`select root_id, viewer.id, 'meets AI pictures with ' || users.ai_display
    from shown cross join viewer join users on users.account_id = viewer.id and users.ai_display <> 'show'
    where exists (
      select from media where media.note_id = shown.id and media.digital_source_type is not null
      offset ${rowByRow})`,
  // A conversation that begins here is nobody's yet.
  sql`select root_id, viewer.id, 'hears no more of ' || shown.id
    from shown cross join viewer join conversation_mutes on conversation_mutes.account_id = viewer.id
      and conversation_mutes.conversation_uri = shown.conversation_uri
    where is_old or is_reply`,
  sql`select root_id, viewer.id, 'likes ' || shown.id
    from shown cross join viewer join likes on likes.account_id = viewer.id and likes.note_id = shown.id
    where is_old`,
  sql`select root_id, viewer.id, 'keeps ' || shown.id
    from shown cross join viewer join bookmarks on bookmarks.account_id = viewer.id and bookmarks.note_id = shown.id
    where is_old`,
  sql`select root_id, viewer.id, 'boosts ' || shown.id
    from shown cross join viewer
    join notes as boost on boost.account_id = viewer.id and boost.boost_of_id = shown.id and boost.deleted_at is null
    where is_old`,
  sql`select root_id, viewer.id, 'voted in ' || shown.id || ' for ' || poll_votes.position
    from shown cross join viewer join poll_votes
      on poll_votes.account_id = viewer.id and poll_votes.note_id = shown.id
    where is_old`,
  sql`select root_id, viewer.id, 'reacts to ' || shown.id || ' with ' || reactions.name
    from shown cross join viewer join reactions on reactions.account_id = viewer.id and reactions.note_id = shown.id
    where is_old`,
]
