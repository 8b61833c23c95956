import type { App } from '#src/app.ts'
import { carryMutes, listBlockersToCarry } from '#src/db/carried-refusals.ts'
import { copyAccountComments } from '#src/db/personal-marks.ts'
import type { Id } from '#src/db/tables.ts'
import { blockAccount } from './block.ts'

/**
 * Has mutes, blocks and comments on an account that moved hold for the new one too. A second run finds nothing left to do.
 */
export async function carryRefusals(app: App, moved: { fromId: Id; toId: Id }): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    await carryMutes(trx, moved)
    await copyAccountComments(trx, moved)
  })
  for (const blockerId of await listBlockersToCarry(app.db, moved))
    await blockAccount(app, blockerId, moved.toId)
}
