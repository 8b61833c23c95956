import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import { notFound } from '#src/base/errors.ts'
import { publishEvent } from './events.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import type {
  GenerationEventData,
  GenerationEventKind,
  GenerationEventsTable,
  GenerationsTable,
} from './tables-studio.ts'

type Db = Kysely<Database>
type Trx = Transaction<Database>
export type Generation = Selectable<GenerationsTable>
export type GenerationEvent = Selectable<GenerationEventsTable>

export function insertGeneration(trx: Trx, values: Insertable<GenerationsTable>): Promise<Generation> {
  return trx.insertInto('generations').values(values).returningAll().executeTakeFirstOrThrow()
}

/** Also one that was discarded. */
export function getGeneration(db: Db, id: Id): Promise<Generation> {
  return db.selectFrom('generations').selectAll().where('id', '=', id).executeTakeFirstOrThrow(notFound)
}

/** @throws AppError notFound, for somebody else's and for a discarded one too */
export function getOwnGeneration(db: Db, id: Id, accountId: Id): Promise<Generation> {
  return db
    .selectFrom('generations')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('discarded_at', 'is', null)
    .executeTakeFirstOrThrow(notFound)
}

/** As it is now, and nobody else changes it before `trx` ends. */
export function lockGeneration(trx: Trx, id: Id): Promise<Generation | undefined> {
  return trx.selectFrom('generations').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

export function updateGeneration(
  trx: Trx,
  id: Id,
  changes: Updateable<GenerationsTable>,
): Promise<Generation> {
  return trx
    .updateTable('generations')
    .set(changes)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function listOwnGenerations(db: Db, accountId: Id, page: Page): Promise<Generation[]> {
  const own = db
    .selectFrom('generations')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('discarded_at', 'is', null)
  return pageByKey(own, 'id', page)
}

/** How many are before each queued one of these, by id; the others are left out. */
export async function countAhead(db: Db, ids: readonly Id[]): Promise<Map<Id, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('generations as own')
    .select('own.id')
    .select((eb) =>
      eb
        .selectFrom('generations as other')
        .select((inner) => inner.fn.countAll<string>().as('count'))
        .where('other.state', '=', 'queued')
        .whereRef('other.id', '<', 'own.id')
        .as('ahead'),
    )
    .where('own.id', 'in', ids)
    .where('own.state', '=', 'queued')
    .execute()
  return new Map(rows.map(({ id, ahead }) => [id, Number(ahead)]))
}

/** Whoever else asks for this account's next generation waits until `trx` ends. */
export async function lockGenerationsOf(trx: Trx, accountId: Id): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`generations of ${accountId}`}, 0))`.execute(trx)
}

/** How many pictures of its quota an account has used, or has under way, since then. */
export async function countQuotaPictures(db: Db, accountId: Id, since: Date): Promise<number> {
  const row = await db
    .selectFrom('generations')
    .select((eb) => eb.fn.sum<string | null>('quota_pictures').as('pictures'))
    .where('account_id', '=', accountId)
    .where('created_at', '>=', since)
    .where('quota_pictures', '>', 0)
    .executeTakeFirst()
  return Number(row?.pictures ?? 0)
}

/** Those nobody works on any more: unfinished and without a job. */
export async function listLostGenerations(db: Db, limit: number): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`
    select id from generations where state in ('queued', 'running') and not exists (
      select from jobs where ordering_key = ${generationTopicPrefix} || generations.id and name = 'paint')
    order by id limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

const generationTopicPrefix = 'generation:'

/** What its events are published under; also the ordering key of its job. */
export function generationTopic(id: Id): string {
  return `${generationTopicPrefix}${id}`
}

/** Adds the next event of a generation that is in the state given, and tells those who listen; false in any other. */
export async function appendEvent(
  db: Db,
  event: { id: Id; kind: GenerationEventKind; data?: GenerationEventData },
): Promise<boolean> {
  const state = event.kind === 'partial' ? 'running' : event.kind
  const { rows } = await sql<{ sequence: number }>`
    with next as (
      update generations set events_count = events_count + 1
      where id = ${event.id} and state = ${state} returning id, events_count
    )
    insert into generation_events (generation_id, sequence, kind, data)
    select id, events_count, ${event.kind}, ${JSON.stringify(event.data ?? {})}::jsonb from next
    returning sequence`.execute(db)
  if (rows.length === 0) return false
  await publishEvent(db, generationTopic(event.id))
  return true
}

/** Those after a sequence number, in order; 0 for all. */
export function listEvents(db: Db, id: Id, after: number): Promise<GenerationEvent[]> {
  return db
    .selectFrom('generation_events')
    .selectAll()
    .where('generation_id', '=', id)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .execute()
}
