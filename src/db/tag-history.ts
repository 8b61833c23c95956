import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Database, Id } from './tables.ts'

// How much a tag is used by the day. A use is written down as it comes and counted later, with many others: nobody
// waits for the row of a tag that everybody uses, and reading costs the same however much it is used.

/** Today and what was before it. */
export const shownDays = 7
const dayMs = 24 * 60 * 60_000

/** Since 1970, in UTC. */
export const dayOf = (moment: Date): number => Math.floor(moment.getTime() / dayMs)

/**
 * Writes down uses, as part of the statement that tags notes by `tagged`: those of public notes of these days, by when
 * they were published.
 */
export const useInsertion: RawBuilder<unknown> = sql`
  insert into tag_uses (tag_id, day, account_id)
  select tagged.tag_id, floor(extract(epoch from notes.published_at) / 86400)::int, notes.account_id
  from tagged join notes on notes.id = tagged.note_id
  where notes.visibility = 'public' and notes.published_at > now() - ${sql.lit(`${shownDays} days`)}::interval`

/** Counts what was written down, and forgets what is shown no longer; a periodic job calls it. */
export async function countTagUses(db: Kysely<Database>, now: Date): Promise<void> {
  await sql`
    with taken as (
      delete from tag_uses returning tag_id, day, account_id
    ), met as (
      insert into tag_users (day, tag_id, account_id)
      select distinct day, tag_id, account_id from taken
      on conflict do nothing returning day, tag_id
    ), users as (
      select day, tag_id, count(*)::int as accounts from met group by day, tag_id
    ), uses as (
      select day, tag_id, count(*)::int as uses from taken group by day, tag_id
    )
    insert into tag_days (day, tag_id, uses, accounts)
    select uses.day, uses.tag_id, uses.uses, coalesce(users.accounts, 0)
    from uses left join users on users.day = uses.day and users.tag_id = uses.tag_id
    on conflict (day, tag_id) do update
      set uses = tag_days.uses + excluded.uses, accounts = tag_days.accounts + excluded.accounts
  `.execute(db)
  for (const table of ['tag_users', 'tag_days'] as const)
    await db
      .deleteFrom(table)
      .where('day', '<=', dayOf(now) - shownDays)
      .execute()
}

export type TagDay = { tag_id: Id; day: number; uses: number; accounts: number }

/** On which of the last days these tags were used, in no order. */
export async function listTagDays(
  db: Kysely<Database>,
  tagIds: readonly Id[],
  today: number,
): Promise<TagDay[]> {
  if (tagIds.length === 0) return []
  const ids = [...tagIds]
  const days = Array.from({ length: shownDays }, (_, ago) => today - ago)
  const { rows } = await sql<TagDay>`
    select tag_id, day, sum(uses)::int as uses, sum(accounts)::int as accounts
    from (
      select tag_id, day, uses, accounts from tag_days
      where day = any(${days}::int[]) and tag_id = any(${ids}::bigint[])
      union all
      select tag_id, day, count(*), count(distinct account_id) filter (where not exists (
        select from tag_users as met
        where met.day = tag_uses.day and met.tag_id = tag_uses.tag_id and met.account_id = tag_uses.account_id))
      from tag_uses
      where tag_id = any(${ids}::bigint[]) and day = any(${days}::int[])
      group by tag_id, day
    ) as counted
    group by tag_id, day
  `.execute(db)
  return rows
}
