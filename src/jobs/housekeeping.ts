import type { Kysely } from 'kysely'
import type { Clock } from '#src/base/clock.ts'
import { deleteNeverConfirmed } from '#src/db/accounts.ts'
import { pruneActivityBodies } from '#src/db/activity-bodies.ts'
import { trimHomeEntries } from '#src/db/home-entries.ts'
import { pruneIdempotencyKeys } from '#src/db/idempotency.ts'
import { pruneValues } from '#src/db/key-value.ts'
import { trimListEntries } from '#src/db/list-entries.ts'
import { deleteExpiredMailLinks } from '#src/db/mail-links.ts'
import { pruneMutes } from '#src/db/mutes.ts'
import { deleteExpiredSessions } from '#src/db/sessions.ts'
import type { Database } from '#src/db/tables.ts'
import { countTagUses } from '#src/db/tag-history.ts'
import { deleteExpiredCodes } from '#src/db/tokens.ts'
import type { SingleHandlers } from './run-job.ts'

/** How long a repeated request is recognised. */
const repeatableMs = 24 * 3_600_000

/** How long someone has to confirm that an address is theirs. */
const confirmableMs = 7 * 24 * 3_600_000

/** The periodic jobs that keep tables small that only grow. */
export function housekeepingHandlers(db: Kysely<Database>, clock: Clock): SingleHandlers {
  return {
    trimHomeFeeds: async () => void (await trimHomeEntries(db)),
    trimLists: () => trimListEntries(db),
    countTagUses: () => countTagUses(db, clock.now()),
    pruneActivityBodies: async () => void (await pruneActivityBodies(db)),
    pruneSignIns: async () => {
      await deleteExpiredSessions(db, clock.now())
      await deleteExpiredCodes(db, clock.now())
      await deleteExpiredMailLinks(db, clock.now())
      await deleteNeverConfirmed(db, new Date(clock.now().getTime() - confirmableMs))
    },
    pruneIdempotencyKeys: () => pruneIdempotencyKeys(db, new Date(clock.now().getTime() - repeatableMs)),
    pruneMutes: () => pruneMutes(db, clock.now()),
    pruneKeyValues: async () => void (await pruneValues(db, clock.now())),
  }
}
