import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

export type Week = { startsAt: Date; notes: number; people: number; registrations: number }

const weeksTold = 12

/**
 * The last twelve weeks, the one that runs first: what was written here, who was last seen, and who came. It goes
 * through all that was written in them, so not for every request.
 */
export async function listWeeks(db: Kysely<Database>, now: Date): Promise<Week[]> {
  const { rows } = await sql<Week>`
    with weeks as (
      select starts_at, starts_at + interval '7 days' as ends_at from generate_series(
        date_trunc('week', ${now}::timestamptz) - make_interval(weeks => ${weeksTold - 1}::int),
        date_trunc('week', ${now}::timestamptz), interval '7 days') as starts_at
    ), written as (
      select date_trunc('week', notes.published_at) as starts_at, count(*) as count
      from users join notes on notes.account_id = users.account_id
      where notes.deleted_at is null and notes.published_at >= (select min(starts_at) from weeks)
      group by 1
    )
    select weeks.starts_at as "startsAt", coalesce(written.count, 0)::int as notes,
      (select count(*)::int from users where last_active_at >= weeks.starts_at and last_active_at < ends_at) as people,
      (select count(*)::int from users where created_at >= weeks.starts_at and created_at < ends_at) as registrations
    from weeks left join written using (starts_at)
    order by weeks.starts_at desc
  `.execute(db)
  return rows
}

export type Usage = { users: number; activeMonth: number; activeHalfyear: number; localNotes: number }

/** Counts for NodeInfo; a scan of the users, so not for every request. */
export async function countUsage(db: Kysely<Database>, now: Date): Promise<Usage> {
  const { rows } = await sql<Usage>`
    select count(*)::int as users,
      (count(*) filter (where users.last_active_at > ${now}::timestamptz - interval '30 days'))::int
        as "activeMonth",
      (count(*) filter (where users.last_active_at > ${now}::timestamptz - interval '180 days'))::int
        as "activeHalfyear",
      coalesce(sum(accounts.notes_count), 0)::int as "localNotes"
    from users join accounts on accounts.id = users.account_id
    where users.disabled_at is null and accounts.deleted_at is null and accounts.suspended_at is null
  `.execute(db)
  return rows[0] ?? { users: 0, activeMonth: 0, activeHalfyear: 0, localNotes: 0 }
}
