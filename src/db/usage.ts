import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

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
