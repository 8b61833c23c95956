import type { Kysely } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { countQuotaPictures } from '#src/db/generations.ts'
import type { Database } from '#src/db/tables.ts'
import type { Painter } from './view.ts'

const picturesPerDay = 50
const dayMs = 24 * 3_600_000

export type Quota = { remaining: number; resetsAt: Date }

/** How many pictures are left of this UTC day's; null for those who have no limit. */
export async function quotaOf(
  app: Pick<App, 'clock'>,
  db: Kysely<Database>,
  painter: Painter,
): Promise<Quota | null> {
  if (painter.role === 'owner' || painter.role === 'admin') return null
  const now = app.clock.now().getTime()
  const startsAt = now - (now % dayMs)
  const used = await countQuotaPictures(db, painter.accountId, new Date(startsAt))
  return { remaining: Math.max(0, picturesPerDay - used), resetsAt: new Date(startsAt + dayMs) }
}

/** @throws AppError tooMany with the code `quota` */
export async function checkQuota(
  app: Pick<App, 'clock'>,
  db: Kysely<Database>,
  painter: Painter & { count: number },
): Promise<void> {
  const quota = await quotaOf(app, db, painter)
  if (!quota || quota.remaining >= painter.count) return
  const waitMs = quota.resetsAt.getTime() - app.clock.now().getTime()
  throw new AppError('tooMany', `Of today’s ${picturesPerDay} pictures ${quota.remaining} are left`, {
    code: 'quota',
    retryAfterSeconds: Math.ceil(waitMs / 1000),
  })
}
