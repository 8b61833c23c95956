import { type Kysely, sql, type Transaction } from 'kysely'
import { exclusions, isExclusive, listInsertion } from './list-entries.ts'
import type { List } from './lists.ts'
import { muteOf, namesAbove } from './refusals.ts'
import { tellStreams } from './stream-events.ts'
import type { Database, Id } from './tables.ts'

/** How much of a home feed is kept; Mastodon keeps 400. */
const homeLength = 800

/** A boost of what stands among so many newest entries already is left out; Mastodon's figure. */
const boostFalloff = 40

/**
 * Puts notes into the home feeds of their authors and of the local followers who may see them, into the lists that
 * their authors are on, and public ones into the home feeds of those who follow a hashtag of theirs.
 * A reply goes only to those who follow both ends, as people of this field expect, or its hashtag; a direct note to
 * nobody's feed but the author's. Nobody gets what they refuse, nor a boost of it, and at home nothing by whom they
 * have on an exclusive list. One statement, however many notes and followers, which also tells the open streams.
 */
export async function writeHomeEntries(trx: Transaction<Database>, noteIds: readonly Id[]): Promise<void> {
  await sql`
    with note as materialized (
      select notes.*, boosted.account_id as boosted_account_id
      from notes left join notes as boosted on boosted.id = notes.boost_of_id
      where notes.id = any(${[...noteIds]}::bigint[])
    ), refusal as materialized (${refusals}), exclusion as materialized (${exclusions}),
    listed as (${listInsertion(boostFalloff)}),
    entered as (
    insert into home_entries (account_id, note_id, author_id, boost_of_id)
    select reader.account_id, note.id, note.account_id, note.boost_of_id
    from note
    cross join lateral (
      select note.account_id where note.is_local
      union all
      select follows.follower_id
      from follows
      join users on users.account_id = follows.follower_id
      where follows.followee_id = note.account_id
        and follows.state = 'accepted'
        and note.visibility <> 'direct'
        and (note.boost_of_id is null or follows.show_boosts)
        and (
          note.in_reply_to_uri is null
          or note.in_reply_to_account_id in (note.account_id, follows.follower_id)
          or exists (
            select from follows as parent
            where parent.follower_id = follows.follower_id
              and parent.followee_id = note.in_reply_to_account_id
              and parent.state = 'accepted'
          )
        )
      union all
      select tag_follows.account_id
      from note_tags
      join tag_follows on tag_follows.tag_id = note_tags.tag_id
      where note_tags.note_id = note.id
        and note.visibility = 'public'
        and tag_follows.account_id <> note.account_id
    ) as reader (account_id)
    where not exists (
        select from refusal where refusal.note_id = note.id and refusal.reader_id = reader.account_id)
      and not exists (
        select from exclusion where exclusion.note_id = note.id and exclusion.reader_id = reader.account_id)
      and (note.boost_of_id is null or not exists (
        select from (
          select home_entries.note_id, home_entries.boost_of_id
          from home_entries
          where home_entries.account_id = reader.account_id
          order by home_entries.note_id desc
          limit ${sql.lit(boostFalloff)}
        ) as recent
        where note.boost_of_id in (recent.note_id, recent.boost_of_id)
      ))
    on conflict do nothing
    )
    ${tellStreams('notes', noteIds)}
  `.execute(trx)
}

const authors = sql`array[note.account_id, note.boosted_account_id]`

/**
 * Who refuses, or is refused by, who wrote a note or what it boosts. Few do, so they are looked up once and not asked
 * for each reader.
 */
const refusals = sql`
  select note.id as note_id, blocks.target_id as reader_id
  from note join blocks on blocks.account_id = any(${authors})
  union all
  select note.id, blocks.account_id from note join blocks on blocks.target_id = any(${authors})
  union all
  select note.id, mutes.account_id from note join mutes on mutes.target_id = any(${authors})
  where mutes.expires_at is null or mutes.expires_at > now()
  union all
  select note.id, refused.account_id
  from note
  join accounts as author on author.id = any(${authors})
  join person_domain_blocks as refused on refused.domain = any(${namesAbove(sql.ref('author.domain'))})`

/** Called on a new follow: the last notes of the one who is now followed join the feed. */
export async function backfillHome(
  trx: Transaction<Database>,
  followerId: Id,
  followeeId: Id,
): Promise<void> {
  await sql`
    insert into home_entries (account_id, note_id, author_id, boost_of_id)
    select ${followerId}::bigint, notes.id, notes.account_id, notes.boost_of_id
    from notes
    where notes.account_id = ${followeeId}
      and notes.deleted_at is null
      and notes.visibility <> 'direct'
      and (notes.in_reply_to_uri is null or notes.in_reply_to_account_id in (${followeeId}, ${followerId}))
      and exists (select from users where users.account_id = ${followerId})
      and not ${isExclusive(sql`${followerId}::bigint`, sql`${followeeId}::bigint`)}
    order by notes.id desc
    limit 40
    on conflict do nothing
  `.execute(trx)
}

/** The last notes of someone join the feeds of those here who follow them: for notes that came after the follow. */
export async function backfillHomesOfFollowers(trx: Transaction<Database>, followeeId: Id): Promise<void> {
  const reader = sql.ref('follows.follower_id')
  await sql`
    insert into home_entries (account_id, note_id, author_id, boost_of_id)
    select follows.follower_id, recent.id, recent.account_id, recent.boost_of_id
    from follows
    join users on users.account_id = follows.follower_id
    cross join (
      select * from notes
      where notes.account_id = ${followeeId} and notes.deleted_at is null and notes.visibility <> 'direct'
      order by notes.id desc
      limit 40
    ) as recent
    where follows.followee_id = ${followeeId}
      and follows.state = 'accepted'
      and not ${muteOf(reader, sql`${followeeId}::bigint`)}
      and not ${isExclusive(reader, sql`${followeeId}::bigint`)}
      and (recent.in_reply_to_uri is null
        or recent.in_reply_to_account_id in (${followeeId}, follows.follower_id))
      and (recent.boost_of_id is null or follows.show_boosts)
    on conflict do nothing
  `.execute(trx)
}

export async function deleteHomeEntriesOf(
  trx: Transaction<Database>,
  readerId: Id,
  authorId: Id,
): Promise<void> {
  await trx
    .deleteFrom('home_entries')
    .where('account_id', '=', readerId)
    .where('author_id', '=', authorId)
    .execute()
}

/** What members of an exclusive list wrote leaves its owner's home feed. */
export async function deleteExclusiveFromHome(trx: Transaction<Database>, ownerId: Id): Promise<void> {
  await sql`
    delete from home_entries
    where account_id = ${ownerId}
      and ${isExclusive(sql`${ownerId}::bigint`, sql.ref('home_entries.author_id'))}
  `.execute(trx)
}

/**
 * What stands in a list comes back into its owner's home feed, but for what other exclusive lists keep from it. Called
 * while it stands in the list still, after what kept it from the home feed is gone.
 */
export async function returnToHome(
  trx: Transaction<Database>,
  { id, account_id }: Pick<List, 'id' | 'account_id'>,
): Promise<void> {
  await sql`
    insert into home_entries (account_id, note_id, author_id, boost_of_id)
    select ${account_id}::bigint, note_id, author_id, boost_of_id
    from list_entries
    where list_id = ${id}
      and not ${isExclusive(sql`${account_id}::bigint`, sql.ref('list_entries.author_id'))}
    on conflict do nothing
  `.execute(trx)
}

/** Drops a deleted note, and the boosts of it, from every feed, and tells the open streams. */
export async function deleteHomeEntriesOfNote(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await sql`
    with gone as (
      delete from home_entries
      where note_id in (select ${noteId}::bigint union all select id from notes where boost_of_id = ${noteId})
    )
    ${tellStreams('deletions', [noteId])}
  `.execute(trx)
}

/** Cuts every feed to its length; a periodic job calls it. Answers with how many rows went. */
export async function trimHomeEntries(db: Kysely<Database>): Promise<number> {
  const result = await sql`
    delete from home_entries using (
      select reader.account_id, oldest.note_id
      from users as reader
      cross join lateral (
        select note_id from home_entries
        where home_entries.account_id = reader.account_id
        order by note_id desc offset ${homeLength} limit 1
      ) as oldest
    ) as cut
    where home_entries.account_id = cut.account_id and home_entries.note_id <= cut.note_id
  `.execute(db)
  return Number(result.numAffectedRows ?? 0)
}

/** Whether a note stands in somebody's feed or notifications. */
export async function isAwaited(db: Kysely<Database>, noteId: Id): Promise<boolean> {
  const { rows } = await sql<{ awaited: boolean }>`select
    exists (select from home_entries where note_id = ${noteId})
    or exists (select from list_entries where note_id = ${noteId})
    or exists (select from notifications where note_id = ${noteId}) as awaited`.execute(db)
  return rows[0]?.awaited ?? false
}
