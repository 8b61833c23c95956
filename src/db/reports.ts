import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id } from './tables.ts'
import type { ReportsTable } from './tables-relations.ts'

export type Report = Selectable<ReportsTable>

/** Undefined when its uri is stored already. */
export function insertReport(
  trx: Transaction<Database>,
  values: Insertable<ReportsTable>,
): Promise<Report | undefined> {
  return trx
    .insertInto('reports')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
}

export function findReport(db: Kysely<Database>, id: Id): Promise<Report | undefined> {
  return db.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function countReportsOfDomain(
  db: Kysely<Database>,
  domain: string,
  since: Date,
): Promise<number> {
  const { count } = await db
    .selectFrom('reports')
    .innerJoin('accounts', 'accounts.id', 'reports.account_id')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('accounts.domain', '=', domain)
    .where('reports.created_at', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Newest first. */
export function listReports(db: Kysely<Database>, page: Page & { isOpen: boolean }): Promise<Report[]> {
  const query = db
    .selectFrom('reports')
    .selectAll()
    .where('resolved_at', page.isOpen ? 'is' : 'is not', null)
  return pageByKey(query, 'reports.id', page)
}

/** These reports, if the viewer looks after this server, and none otherwise. */
export function listReportsFor(db: Kysely<Database>, viewerId: Id, ids: Id[]): Promise<Report[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db
    .selectFrom('reports')
    .selectAll()
    .where('id', 'in', ids)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('users')
          .select('users.id')
          .where('users.account_id', '=', viewerId)
          .where('users.role', '<>', 'user'),
      ),
    )
    .execute()
}

/** Undefined when somebody else already did. */
export function markReportResolved(
  trx: Transaction<Database>,
  id: Id,
  { byId, at }: { byId: Id; at: Date },
): Promise<Report | undefined> {
  return trx
    .updateTable('reports')
    .set({ resolved_at: at, resolved_by_id: byId })
    .where('id', '=', id)
    .where('resolved_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** The notes of this server among these addresses, with whose they are. */
export function listLocalNotesByUris(
  db: Kysely<Database>,
  uris: string[],
): Promise<{ id: Id; uri: string; account_id: Id }[]> {
  if (uris.length === 0) return Promise.resolve([])
  return db
    .selectFrom('notes')
    .select(['id', 'uri', 'account_id'])
    .where('uri', 'in', uris)
    .where('is_local', '=', true)
    .where('boost_of_id', 'is', null)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute()
}

export async function listNoteUris(db: Kysely<Database>, ids: Id[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('notes')
    .select('uri')
    .where('id', 'in', ids)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute()
  return rows.map(({ uri }) => uri)
}
