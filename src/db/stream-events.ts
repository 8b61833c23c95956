import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Database, Id } from './tables.ts'

// What open streams are told of, in whichever process they are: a kind and some ids, never the things themselves. Each
// process with a listener reads those from the tables.

/** Where it is told. */
export const streamChannel = 'streams'

const kinds = [
  /** New in home feeds and public timelines: ids of notes, boosts included. */
  'notes',
  /** Of notes that say something else now. */
  'edits',
  /** Of notes that are tombstones now; the boosts that went with them are not named. */
  'deletions',
  /** Of notifications. */
  'notifications',
  /** Of conversations in which somebody wrote, as each of the people in them has them. */
  'conversations',
  /** Of the accounts of people whose filters changed. */
  'filters',
  /** Of announcements that are new, or gone. */
  'announcements',
  /** Of tokens that may open nothing any more. */
  'tokens',
  /** Of accounts none of whose tokens may open anything any more. */
  'accounts',
] as const

export type StreamEventKind = (typeof kinds)[number]
export type StreamEvent = { kind: StreamEventKind; ids: Id[] }

/** A notification of Postgres holds less than 8,000 bytes, an id up to 19 digits. */
const mostIds = 300

/** Heard when the transaction commits, at once outside of one. */
export async function publishStreamEvent(
  db: Kysely<Database>,
  kind: StreamEventKind,
  ids: readonly Id[],
): Promise<void> {
  if (ids.length > 0) await tellStreams(kind, ids).execute(db)
}

/** The same as a query, to end a statement that writes what is told of. */
export function tellStreams(kind: StreamEventKind, ids: readonly Id[]): RawBuilder<unknown> {
  const payloads: string[] = []
  for (let first = 0; first < ids.length; first += mostIds)
    payloads.push(`${kind} ${ids.slice(first, first + mostIds).join(',')}`)
  return sql`select pg_notify(${streamChannel}, payload) from unnest(${payloads}::text[]) as payload`
}

/** The same of what a query answers as `id`. */
export function tellOf(kind: StreamEventKind, ids: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select pg_notify(${streamChannel}, ${`${kind} `}::text || string_agg(id::text, ','))
    from (select id, (row_number() over () - 1) / ${sql.lit(mostIds)} as part from (${ids}) as told) as parts
    group by part`
}

/** An insert, and tells of the rows it made by their ids. */
export function insertAndTell(kind: StreamEventKind, insert: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`with inserted as (${insert} returning id) ${tellOf(kind, sql`select id from inserted`)}`
}

/** Undefined for what another version of this server tells of. */
export function readStreamEvent(payload: string): StreamEvent | undefined {
  const [word, ids = ''] = payload.split(' ')
  const kind = kinds.find((known) => known === word)
  return kind && { kind, ids: ids.split(',') }
}
