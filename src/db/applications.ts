import type { Insertable, Kysely, Selectable } from 'kysely'
import { anyOf } from './ids.ts'
import type { Database, Id } from './tables.ts'
import type { ApplicationsTable } from './tables-auth.ts'

export type Application = Selectable<ApplicationsTable>

export function insertApplication(
  db: Kysely<Database>,
  values: Insertable<ApplicationsTable>,
): Promise<Application> {
  return db.insertInto('applications').values(values).returningAll().executeTakeFirstOrThrow()
}

export function findApplicationByClientId(
  db: Kysely<Database>,
  clientId: string,
): Promise<Application | undefined> {
  return db.selectFrom('applications').selectAll().where('client_id', '=', clientId).executeTakeFirst()
}

export function findApplication(db: Kysely<Database>, id: Id): Promise<Application | undefined> {
  return db.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirst()
}

/** By id; unknown ones are left out. */
export function listApplications(db: Kysely<Database>, ids: Id[]): Promise<Application[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db.selectFrom('applications').selectAll().where('id', '=', anyOf(ids)).execute()
}
