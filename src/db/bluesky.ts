import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database, Id } from './tables.ts'
import type { BlueskyBridgesTable, BridgeState } from './tables-remote.ts'

export type BlueskyBridge = Selectable<BlueskyBridgesTable>

export function findBridge(db: Kysely<Database>, accountId: Id): Promise<BlueskyBridge | undefined> {
  return db.selectFrom('bluesky_bridges').selectAll().where('account_id', '=', accountId).executeTakeFirst()
}

export async function isOnBluesky(db: Kysely<Database>, accountId: Id): Promise<boolean> {
  return (await findBridge(db, accountId))?.state === 'active'
}

export type BridgeChange = { state: BridgeState; handle?: string | null; reason?: string | null }

/** Notes where someone stands with the bridge; what is not given is forgotten. */
export async function saveBridge(
  db: Kysely<Database>,
  accountId: Id,
  { state, handle = null, reason = null }: BridgeChange,
): Promise<void> {
  const values = { state, handle, reason, updated_at: sql<Date>`now()` }
  await db
    .insertInto('bluesky_bridges')
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute()
}
