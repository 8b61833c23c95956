import type { Insertable, Kysely, Transaction, Updateable } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { ProviderCallsTable } from './tables-studio.ts'

/** Notes a call before it is made, so that one whose process dies is known too. */
export async function insertProviderCall(
  trx: Transaction<Database>,
  values: Insertable<ProviderCallsTable>,
): Promise<Id> {
  const { id } = await trx
    .insertInto('provider_calls')
    .values(values)
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function endProviderCall(
  trx: Transaction<Database>,
  id: Id,
  result: Updateable<ProviderCallsTable> & { ended_at: Date },
): Promise<void> {
  await trx.updateTable('provider_calls').set(result).where('id', '=', id).execute()
}

export async function countProviderCalls(db: Kysely<Database>, generationId: Id): Promise<number> {
  const row = await db
    .selectFrom('provider_calls')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('generation_id', '=', generationId)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}
