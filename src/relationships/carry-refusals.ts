import type { App } from '#src/app.ts'
import { carryMutes, listBlockersToCarry } from '#src/db/carried-refusals.ts'
import type { Id } from '#src/db/tables.ts'
import { blockAccount } from './block.ts'

/** Has mutes and blocks of an account that moved hold for the new one too. A second run finds nothing left to do. */
export async function carryRefusals(app: App, moved: { fromId: Id; toId: Id }): Promise<void> {
  await app.db.transaction().execute((trx) => carryMutes(trx, moved))
  for (const blockerId of await listBlockersToCarry(app.db, moved))
    await blockAccount(app, blockerId, moved.toId)
}
