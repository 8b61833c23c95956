import { type Kysely, sql, type Transaction } from 'kysely'
import { openNote } from './published.ts'
import type { Database, Id } from './tables.ts'
import { insertTagNames, type Tag } from './tags.ts'

/** A hashtag on a profile, with what its owner posted under it for everyone. */
export type FeaturedTag = { id: Id; name: string; notes_count: number; last_note_at: Date | null }

/** In the order of their names. */
export async function listFeaturedTags(db: Kysely<Database>, accountId: Id): Promise<FeaturedTag[]> {
  const { rows } = await sql<FeaturedTag>`
    select featured_tags.id, tags.name, coalesce(used.count, 0)::int as notes_count, used.last as last_note_at
    from featured_tags
    join tags on tags.id = featured_tags.tag_id
    cross join lateral (
      select count(*) as count, max(notes.published_at) as last
      from note_tags join notes on notes.id = note_tags.note_id
      where note_tags.tag_id = tags.id and notes.account_id = ${accountId} and ${openNote}
    ) as used
    where featured_tags.account_id = ${accountId}
    order by tags.name
  `.execute(db)
  return rows
}

/** Hashtags someone uses for everyone and does not feature; the most used first. */
export async function suggestFeaturedTags(
  db: Kysely<Database>,
  accountId: Id,
  limit: number,
): Promise<Tag[]> {
  const { rows } = await sql<Tag>`
    select tags.*
    from notes
    join note_tags on note_tags.note_id = notes.id
    join tags on tags.id = note_tags.tag_id
    where notes.account_id = ${accountId} and ${openNote}
      and not exists (
        select from featured_tags where account_id = ${accountId} and featured_tags.tag_id = tags.id
      )
    group by tags.id
    order by count(*) desc, tags.name
    limit ${limit}
  `.execute(db)
  return rows
}

/** Undefined when it is featured already. @param name normalised, see `normalizeTag` */
export async function insertFeaturedTag(
  trx: Transaction<Database>,
  accountId: Id,
  name: string,
): Promise<{ id: Id } | undefined> {
  await insertTagNames(trx, [name])
  return trx
    .insertInto('featured_tags')
    .columns(['account_id', 'tag_id'])
    .expression((eb) =>
      eb
        .selectFrom('tags')
        .select([sql<Id>`${accountId}::bigint`.as('account_id'), 'tags.id'])
        .where('tags.name', '=', name),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
}

/** Which tag that was; undefined when there was nothing of theirs. */
export async function deleteFeaturedTag(
  trx: Transaction<Database>,
  accountId: Id,
  which: { id: Id } | { name: string },
): Promise<{ id: Id; name: string } | undefined> {
  return trx
    .deleteFrom('featured_tags')
    .using('tags')
    .whereRef('tags.id', '=', 'featured_tags.tag_id')
    .where('featured_tags.account_id', '=', accountId)
    .$if('id' in which, (query) => query.where('featured_tags.id', '=', 'id' in which ? which.id : ''))
    .$if('name' in which, (query) => query.where('tags.name', '=', 'name' in which ? which.name : ''))
    .returning(['featured_tags.id', 'tags.name'])
    .executeTakeFirst()
}

export async function countFeaturedTags(db: Kysely<Database>, accountId: Id): Promise<number> {
  const row = await db
    .selectFrom('featured_tags')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** Makes an account feature exactly these. @param names normalised */
export async function replaceFeaturedTags(
  trx: Transaction<Database>,
  accountId: Id,
  names: string[],
): Promise<void> {
  await trx.deleteFrom('featured_tags').where('account_id', '=', accountId).execute()
  for (const name of names) await insertFeaturedTag(trx, accountId, name)
}
