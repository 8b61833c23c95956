import type { NotificationPolicy } from '#src/db/notification-policies.ts'
import type { NotificationRequestView } from '#src/timelines/notification-requests.ts'
import { type Server, toAccount } from './account.ts'
import { toStatus } from './status.ts'

/** https://docs.joinmastodon.org/entities/NotificationRequest/ */
export function toNotificationRequest(server: Server, { request, from, lastNote }: NotificationRequestView) {
  return {
    id: request.id,
    created_at: request.created_at.toISOString(),
    updated_at: request.updated_at.toISOString(),
    notifications_count: String(request.held_count),
    account: toAccount(server, from),
    last_status: lastNote && toStatus(server, lastNote),
  }
}

/** https://docs.joinmastodon.org/entities/NotificationPolicy/ */
export function toNotificationPolicy(
  policy: NotificationPolicy,
  pending: { requests: number; notifications: number },
) {
  return {
    ...policy,
    summary: {
      pending_requests_count: pending.requests,
      pending_notifications_count: pending.notifications,
    },
  }
}
