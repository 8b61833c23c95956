import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database, Id, MarkersTable } from './tables.ts'

export type Marker = Selectable<MarkersTable>
export type MarkedTimeline = Marker['timeline']

export function listMarkers(
  db: Kysely<Database>,
  accountId: Id,
  timelines: MarkedTimeline[],
): Promise<Marker[]> {
  if (timelines.length === 0) return Promise.resolve([])
  return db
    .selectFrom('markers')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('timeline', 'in', timelines)
    .orderBy('timeline')
    .execute()
}

/** Keeps how far someone read, in one statement for both timelines; each change counts the version up. */
export function saveMarkers(
  db: Kysely<Database>,
  accountId: Id,
  markers: { timeline: MarkedTimeline; lastReadId: Id }[],
): Promise<Marker[]> {
  if (markers.length === 0) return Promise.resolve([])
  return db
    .insertInto('markers')
    .values(
      markers.map(({ timeline, lastReadId }) => ({
        account_id: accountId,
        timeline,
        last_read_id: lastReadId,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'timeline']).doUpdateSet((eb) => ({
        last_read_id: eb.ref('excluded.last_read_id'),
        version: eb('markers.version', '+', 1),
        updated_at: sql`now()`,
      })),
    )
    .returningAll()
    .execute()
}
