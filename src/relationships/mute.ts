import type { App } from '#src/app.ts'
import { notAllowed } from '#src/base/errors.ts'
import { getAccount } from '#src/db/accounts.ts'
import { findFollow } from '#src/db/follows.ts'
import { backfillHome } from '#src/db/home-entries.ts'
import { fillListsWith } from '#src/db/list-entries.ts'
import { deleteMute, upsertMute } from '#src/db/mutes.ts'
import { deleteNotificationsBetween } from '#src/db/notifications.ts'
import type { Id } from '#src/db/tables.ts'

export type MuteWishes = {
  hidesNotifications: boolean
  /** Zero for until further notice. */
  durationSeconds: number
}

/**
 * Keeps someone out of sight, unbeknown to them and to other servers. Muting again changes how.
 * @throws AppError notFound; forbidden for oneself
 */
export async function muteAccount(
  app: App,
  accountId: Id,
  targetId: Id,
  { hidesNotifications, durationSeconds }: MuteWishes,
): Promise<void> {
  if (accountId === targetId) throw notAllowed()
  const target = await getAccount(app.db, targetId)
  const expiresAt = durationSeconds > 0 ? new Date(app.clock.now().getTime() + durationSeconds * 1000) : null
  await app.db.transaction().execute(async (trx) => {
    await upsertMute(trx, {
      account_id: accountId,
      target_id: target.id,
      hides_notifications: hidesNotifications,
      expires_at: expiresAt,
    })
    if (hidesNotifications) await deleteNotificationsBetween(trx, accountId, target.id)
  })
}

/** What a followed person posted meanwhile joins the feeds. */
export async function unmuteAccount(app: App, accountId: Id, targetId: Id): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    if (!(await deleteMute(trx, accountId, targetId))) return
    const follow = await findFollow(trx, accountId, targetId)
    if (follow?.state !== 'accepted') return
    await backfillHome(trx, accountId, targetId)
    await fillListsWith(trx, targetId, accountId)
  })
}
