import { type Kysely, sql } from 'kysely'
import type { Account } from './accounts.ts'
import { blockBetween, domainRefusalOf, muteOf } from './refusals.ts'
import type { Database, Id } from './tables.ts'

// People to meet. What is walked through to find them is bounded, whatever this server holds.

/** How far back it is looked who wrote, and who was followed. */
const recentNotes = 2_000
const recentFollows = 5_000
const friends = 100
const followedByEach = 50

/** People who want to be found, of those who can be. */
const isListed = sql<boolean>`accounts.is_discoverable and accounts.deleted_at is null
  and accounts.suspended_at is null and accounts.moved_to_uri is null and accounts.kind <> 'Application'`

/** Nobody a viewer refuses, or who refuses them. */
const isWelcomeTo = (viewerId: Id) => {
  const [viewer, person] = [sql`${viewerId}::bigint`, sql.ref('accounts.id')]
  return sql<boolean>`not ${blockBetween(viewer, person)} and not ${muteOf(viewer, person)}
    and not ${domainRefusalOf(viewer, person)}`
}

export type DirectoryQuery = {
  order: 'active' | 'new'
  isLocal: boolean
  limit: number
  offset: number
}

/** People who want to be found: those who wrote lately first, or who came last. */
export async function listDirectory(
  db: Kysely<Database>,
  viewerId: Id | null,
  { order, isLocal, limit, offset }: DirectoryQuery,
): Promise<Account[]> {
  const isShown = sql`${isListed} ${isLocal ? sql`and accounts.domain is null` : sql``}
    ${viewerId === null ? sql`` : sql`and ${isWelcomeTo(viewerId)}`}`
  const authors = sql`
    select account_id, max(id) as last_id
    from (
      select account_id, id from notes
      where visibility = 'public' and boost_of_id is null and deleted_at is null ${isLocal ? sql`and is_local` : sql``}
      order by id desc limit ${sql.lit(order === 'active' ? recentNotes : 0)}
    ) as recent
    group by account_id`
  const { rows } = await sql<Account>`
    with authors as materialized (${authors}), listed as (
      select accounts.id, authors.last_id from authors join accounts on accounts.id = authors.account_id where ${isShown}
      union all (
        select accounts.id, null from accounts
        where ${isShown} and not exists (select from authors where authors.account_id = accounts.id)
        order by accounts.id desc limit ${sql.lit(roundedUp(limit + offset))}
      )
    )
    select accounts.* from listed join accounts on accounts.id = listed.id
    order by listed.last_id desc nulls last, accounts.id desc
    limit ${limit} offset ${offset}
  `.execute(db)
  return rows
}

/** Few different ones, since each is another statement. */
const roundedUp = (count: number) => 2 ** Math.ceil(Math.log2(count))

export type SuggestionSource = 'friends_of_friends' | 'most_followed'
export type Suggestion = Account & { sources: SuggestionSource[] }

/**
 * Whom someone might want to follow: whom those they follow follow, then who is followed much here lately. Never anybody
 * they follow, asked to follow, refuse or dismissed.
 */
export async function listSuggestions(
  db: Kysely<Database>,
  viewerId: Id,
  limit: number,
): Promise<Suggestion[]> {
  const { rows } = await sql<Suggestion>`
    with friends as materialized (
      select followee_id from follows
      where follower_id = ${viewerId} and state = 'accepted' order by id desc limit ${sql.lit(friends)}
    ), candidates as (
      select theirs.followee_id as id, 'friends_of_friends' as source, count(*) as weight
      from friends cross join lateral (
        select follows.followee_id from follows
        where follows.follower_id = friends.followee_id and follows.state = 'accepted'
        order by follows.id desc limit ${sql.lit(followedByEach)}
      ) as theirs
      group by theirs.followee_id
      union all
      select recent.followee_id, 'most_followed', count(*)
      from (
        select follower_id, followee_id from follows
        where state = 'accepted' order by id desc limit ${sql.lit(recentFollows)}
      ) as recent
      join users on users.account_id = recent.follower_id
      group by recent.followee_id
    ), ranked as (
      select id, array_agg(source order by source) as sources,
        bool_or(source = 'friends_of_friends') as is_near, max(weight) as weight
      from candidates group by id
    )
    select accounts.*, ranked.sources from ranked join accounts on accounts.id = ranked.id
    where accounts.id <> ${viewerId} and ${isListed} and ${isWelcomeTo(viewerId)}
      and not exists (select from follows where follower_id = ${viewerId} and followee_id = accounts.id)
      and not exists (
        select from dismissed_suggestions as dismissed
        where dismissed.account_id = ${viewerId} and dismissed.target_id = accounts.id)
    order by ranked.is_near desc, ranked.weight desc, accounts.id
    limit ${limit}
  `.execute(db)
  return rows
}

/** Whom someone follows who follow another, newest follow first. */
export type FamiliarFollower = Account & { followed_id: Id }

/** In one query, of several others; of each so many at most. */
export async function listFamiliarFollowers(
  db: Kysely<Database>,
  viewerId: Id,
  accountIds: Id[],
  most: number,
): Promise<FamiliarFollower[]> {
  if (accountIds.length === 0) return []
  const { rows } = await sql<FamiliarFollower>`
    select accounts.*, followed.id as followed_id
    from unnest(${accountIds}::bigint[]) as followed (id)
    cross join lateral (
      select own.id, own.followee_id from follows as own
      join follows as theirs on theirs.follower_id = own.followee_id
        and theirs.followee_id = followed.id and theirs.state = 'accepted'
      where own.follower_id = ${viewerId} and own.state = 'accepted'
      order by own.id desc limit ${sql.lit(most)}
    ) as familiar
    join accounts on accounts.id = familiar.followee_id
    where accounts.deleted_at is null and accounts.suspended_at is null
    order by familiar.id desc
  `.execute(db)
  return rows
}
