import { type Kysely, sql, type Transaction } from 'kysely'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import { insertTagNames, type Tag } from './tags.ts'

/** Following again changes nothing. @param name normalised, see `normalizeTag` */
export async function insertTagFollow(
  trx: Transaction<Database>,
  accountId: Id,
  name: string,
): Promise<void> {
  await insertTagNames(trx, [name])
  await sql`
    insert into tag_follows (account_id, tag_id)
    select ${accountId}::bigint, id from tags where name = ${name}
    on conflict do nothing
  `.execute(trx)
}

/** Which tag that was; undefined when it was not followed. @param name normalised, see `normalizeTag` */
export function deleteTagFollow(
  trx: Transaction<Database>,
  accountId: Id,
  name: string,
): Promise<{ tag_id: Id } | undefined> {
  return trx
    .deleteFrom('tag_follows')
    .using('tags')
    .whereRef('tags.id', '=', 'tag_follows.tag_id')
    .where('tag_follows.account_id', '=', accountId)
    .where('tags.name', '=', name)
    .returning('tag_follows.tag_id')
    .executeTakeFirst()
}

/** What a tag alone brought into a home feed leaves it: nothing by who is followed, or under another followed tag. */
export async function deleteTaggedFromHome(
  trx: Transaction<Database>,
  accountId: Id,
  tagId: Id,
): Promise<void> {
  await sql`
    delete from home_entries
    where account_id = ${accountId} and author_id <> ${accountId}
      and exists (
        select from note_tags where note_tags.note_id = home_entries.note_id and note_tags.tag_id = ${tagId})
      and not exists (
        select from follows
        where follows.follower_id = ${accountId} and follows.followee_id = home_entries.author_id
          and follows.state = 'accepted')
      and not exists (
        select from note_tags join tag_follows on tag_follows.tag_id = note_tags.tag_id
        where note_tags.note_id = home_entries.note_id and tag_follows.account_id = ${accountId})
  `.execute(trx)
}

/** Newest follow first; `follow_id` is the cursor. */
export function listFollowedTags(
  db: Kysely<Database>,
  accountId: Id,
  page: Page,
): Promise<(Tag & { follow_id: Id })[]> {
  const query = db
    .selectFrom('tag_follows')
    .innerJoin('tags', 'tags.id', 'tag_follows.tag_id')
    .selectAll('tags')
    .select('tag_follows.id as follow_id')
    .where('tag_follows.account_id', '=', accountId)
  return pageByKey(query, 'tag_follows.id', page)
}

/** How someone stands to a tag. */
export type TagState = { tag_id: Id; following: boolean; featuring: boolean }

/** In one query, in no order. */
export async function listTagStates(
  db: Kysely<Database>,
  accountId: Id,
  tagIds: readonly Id[],
): Promise<TagState[]> {
  if (tagIds.length === 0) return []
  const { rows } = await sql<TagState>`
    select tag_id,
      exists (select from tag_follows as own where own.account_id = ${accountId} and own.tag_id = asked.tag_id)
        as following,
      exists (select from featured_tags as own where own.account_id = ${accountId} and own.tag_id = asked.tag_id)
        as featuring
    from unnest(${[...tagIds]}::bigint[]) as asked (tag_id)
  `.execute(db)
  return rows
}
