import type { Kysely } from 'kysely'
import type { Clock } from '#src/base/clock.ts'
import { pruneActivityBodies } from '#src/db/activity-bodies.ts'
import { pruneValues } from '#src/db/key-value.ts'
import type { Database } from '#src/db/tables.ts'
import type { JobHandlers } from './run-job.ts'

/** The periodic jobs that keep the tables of this floor small. */
export function housekeepingHandlers(db: Kysely<Database>, clock: Clock): JobHandlers {
  return {
    pruneActivityBodies: async () => void (await pruneActivityBodies(db)),
    pruneKeyValues: async () => void (await pruneValues(db, clock.now())),
  }
}
