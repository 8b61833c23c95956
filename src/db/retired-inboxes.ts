import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

const missesToRetire = 3

/**
 * Notes that an inbox is gone, or was not there: on the third such day in a row it is taken to be gone too. Answers
 * whether it is.
 */
export async function noteMissingInbox(
  db: Kysely<Database>,
  { inbox, isGone, now }: { inbox: string; isGone: boolean; now: Date },
): Promise<boolean> {
  const { rows } = await sql<{ is_retired: boolean }>`
    insert into retired_inboxes as known (inbox, missed_at, retired_at)
    values (${inbox}, ${now}, ${isGone ? now : null})
    on conflict (inbox) do update set
      misses = known.misses + (known.missed_at <= ${now}::timestamptz - interval '1 day')::int,
      missed_at = case when known.missed_at <= ${now}::timestamptz - interval '1 day' then ${now} else known.missed_at end,
      retired_at = coalesce(known.retired_at, case when ${isGone}
        or known.misses + (known.missed_at <= ${now}::timestamptz - interval '1 day')::int >= ${missesToRetire}
        then ${now}::timestamptz end)
    returning retired_at is not null as is_retired
  `.execute(db)
  return rows[0]?.is_retired ?? false
}

/** A server that speaks is there: all its inboxes are tried again. @param origin such as `https://a.example` */
export async function reviveInboxesOf(db: Kysely<Database>, origin: string): Promise<void> {
  await db
    .deleteFrom('retired_inboxes')
    .where(sql<boolean>`starts_with(inbox, ${`${origin}/`})`)
    .execute()
}
