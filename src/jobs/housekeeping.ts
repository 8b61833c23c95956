import type { Kysely } from 'kysely'
import type { Clock } from '#src/base/clock.ts'
import { pruneActivityBodies } from '#src/db/activity-bodies.ts'
import { pruneValues } from '#src/db/key-value.ts'
import { deleteExpiredSessions } from '#src/db/sessions.ts'
import type { Database } from '#src/db/tables.ts'
import { deleteExpiredCodes } from '#src/db/tokens.ts'
import type { JobHandlers } from './run-job.ts'

/** The periodic jobs that keep tables small that only grow. */
export function housekeepingHandlers(db: Kysely<Database>, clock: Clock): JobHandlers {
  return {
    pruneActivityBodies: async () => void (await pruneActivityBodies(db)),
    pruneSignIns: async () => {
      await deleteExpiredSessions(db, clock.now())
      await deleteExpiredCodes(db, clock.now())
    },
    pruneKeyValues: async () => void (await pruneValues(db, clock.now())),
  }
}
