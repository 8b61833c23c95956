import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { isBuried, lockUris } from '#src/db/remote-notes.ts'
import type { Database } from '#src/db/tables.ts'
import type { Outcome } from './outcome.ts'

/**
 * What follows from an activity, in one transaction that no other copy of it runs beside; nothing where its Undo or
 * Delete came first.
 */
export function applyOnce(
  app: Pick<App, 'db' | 'clock'>,
  activity: { uri: string; byUri: string },
  effect: (trx: Transaction<Database>) => Promise<Outcome>,
): Promise<Outcome> {
  return app.db.transaction().execute(async (trx) => {
    await lockUris(trx, [activity.uri])
    if (await isBuried(trx, { ...activity, now: app.clock.now() })) return 'gone'
    return effect(trx)
  })
}
