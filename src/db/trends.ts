import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { idAt } from './ids.ts'
import type { Database, Id } from './tables.ts'
import type { TrendsTable, UseOfDay } from './tables-server.ts'
import { visibleTo, wantedBy } from './visibility.ts'

/** With `history` where it is of a tag or a link. */
export type Trend = { subject_id: Id; history: UseOfDay[] }

const dayMs = 24 * 3_600_000
const mostKept = 100
/** One person alone is no trend. */
const fewestPeople = 2

type TrendKind = TrendsTable['kind']
const ago = (now: Date, days: number) => idAt(new Date(now.getTime() - days * dayMs))

// Who lets themselves be found, and what they wrote for everyone.
const isPublicAndDiscoverable = sql<boolean>`notes.visibility = 'public' and notes.boost_of_id is null
  and notes.deleted_at is null and exists (select from accounts where accounts.id = notes.account_id
    and is_discoverable and suspended_at is null and deleted_at is null)`

/** Counts anew which hashtags are used by more people than usual. */
export function countTagTrends(trx: Transaction<Database>, now: Date): Promise<void> {
  return replaceByUse(trx, 'tag', now, {
    subject: sql`note_tags.tag_id`,
    from: sql`notes join note_tags on note_tags.note_id = notes.id`,
  })
}

/** The same of links that have a preview. */
export function countLinkTrends(trx: Transaction<Database>, now: Date): Promise<void> {
  return replaceByUse(trx, 'link', now, {
    subject: sql`preview_cards.id`,
    from: sql`notes join preview_cards on preview_cards.id = notes.preview_card_id and preview_cards.state = 'found'`,
  })
}

type Use = { subject: RawBuilder<unknown>; from: RawBuilder<unknown> }

/** By the distinct people of the last 24 hours against their mean in the seven days before. */
async function replaceByUse(
  trx: Transaction<Database>,
  kind: TrendKind,
  now: Date,
  { subject, from }: Use,
): Promise<void> {
  await clear(trx, kind)
  await sql`
    with uses as materialized (
      select ${subject} as subject_id, notes.account_id, notes.id as note_id,
        date_trunc('day', to_timestamp((notes.id >> 16) / 1000.0), 'UTC') as day
      from ${from} where notes.id >= ${ago(now, 8)} and ${isPublicAndDiscoverable}
    ), lately as (
      select subject_id, count(distinct account_id)::float as people
      from uses where note_id >= ${ago(now, 1)} group by subject_id
    ), before as (
      select subject_id, count(distinct (account_id, (${ago(now, 1)}::bigint - note_id) / ${String(dayMs * 65_536)}::bigint)) / 7.0 as people
      from uses where note_id < ${ago(now, 1)} group by subject_id
    ), trending as (
      select subject_id, row_number() over (
        order by (lately.people - coalesce(before.people, 0)) ^ 2 / greatest(before.people, 1) desc, subject_id desc
      ) as place
      from lately left join before using (subject_id)
      where lately.people >= ${fewestPeople} and lately.people > coalesce(before.people, 0)
    )
    insert into trends (kind, place, subject_id, history)
    select ${kind}, place, trending.subject_id, (
      select jsonb_agg(jsonb_build_object('day', extract(epoch from days.day)::bigint::text,
        'uses', coalesce(used.uses, 0)::text, 'accounts', coalesce(used.accounts, 0)::text) order by days.day desc)
      from generate_series(date_trunc('day', ${now}::timestamptz, 'UTC') - interval '6 days',
        date_trunc('day', ${now}::timestamptz, 'UTC'), interval '1 day') as days (day)
      left join lateral (
        select count(*) as uses, count(distinct account_id) as accounts from uses
        where uses.subject_id = trending.subject_id and uses.day = days.day
      ) as used on true
    )
    from trending where place <= ${mostKept}
  `.execute(trx)
}

/** Counts anew which notes of the last days many liked or boosted in the last 24 hours; a day halves it. */
export async function countNoteTrends(trx: Transaction<Database>, now: Date): Promise<void> {
  await clear(trx, 'note')
  await sql`
    with acts as (
      select note_id, account_id from likes where id >= ${ago(now, 1)}
      union
      select boost_of_id, account_id from notes
      where id >= ${ago(now, 1)} and boost_of_id is not null and deleted_at is null
    ), liked as (
      select notes.id, count(*) * 0.5 ^ ((${idAt(now)}::bigint - notes.id) / ${String(dayMs * 65_536)}::float) as score
      from acts join notes on notes.id = acts.note_id and acts.account_id <> notes.account_id
      where notes.id >= ${ago(now, 7)} and not notes.is_sensitive and ${isPublicAndDiscoverable}
      group by notes.id having count(*) >= ${fewestPeople}
    ), trending as (select id, row_number() over (order by score desc, id desc) as place from liked)
    insert into trends (kind, place, subject_id) select 'note', place, id from trending where place <= ${mostKept}
  `.execute(trx)
}

async function clear(trx: Transaction<Database>, kind: TrendKind): Promise<void> {
  await trx.deleteFrom('trends').where('kind', '=', kind).execute()
}

type Part = { limit: number; offset: number }

/** Best first. */
export async function listTrends(
  db: Kysely<Database>,
  kind: 'tag' | 'link',
  { limit, offset }: Part,
): Promise<Trend[]> {
  return db
    .selectFrom('trends')
    .select(['subject_id', 'history'])
    .where('kind', '=', kind)
    .orderBy('place')
    .limit(limit)
    .offset(offset)
    .execute()
}

/** Those a viewer may see and wants to, best first. */
export async function listTrendingNoteIds(
  db: Kysely<Database>,
  viewerId: Id | null,
  { limit, offset }: Part,
): Promise<Id[]> {
  const rows = await db
    .selectFrom('trends')
    .innerJoin('notes', 'notes.id', 'trends.subject_id')
    .select('notes.id')
    .where('trends.kind', '=', 'note')
    .where(visibleTo(viewerId))
    .where(wantedBy(viewerId))
    .orderBy('trends.place')
    .limit(limit)
    .offset(offset)
    .execute()
  return rows.map(({ id }) => id)
}
