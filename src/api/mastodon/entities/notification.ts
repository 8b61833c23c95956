import type { Id, NotificationKind } from '#src/db/tables.ts'
import type { NotificationView } from '#src/timelines/notifications.ts'
import { isId } from '../../bodies.ts'
import { type Server, toAccount } from './account.ts'
import { toReport } from './report.ts'
import { toStatus } from './status.ts'

export const typeOfKind = {
  mention: 'mention',
  boost: 'reblog',
  like: 'favourite',
  follow: 'follow',
  follow_request: 'follow_request',
  status: 'status',
  update: 'update',
  remix: 'remix',
  poll: 'poll',
  // As Pleroma calls it, whose name the apps that show reactions know.
  reaction: 'pleroma:emoji_reaction',
  quote: 'quote',
  quoted_update: 'quoted_update',
  report: 'admin.report',
  move: 'move',
} as const satisfies Record<NotificationKind, string>

/** The kinds behind the types an app names; types of things we do not tell of stand for none. */
export function kindsOfTypes(types: readonly string[]): NotificationKind[] {
  return allKinds.filter((kind) => types.includes(typeOfKind[kind]))
}

export const allKinds: readonly NotificationKind[] = [
  'mention',
  'boost',
  'like',
  'follow',
  'follow_request',
  'status',
  'update',
  'remix',
  'poll',
  'reaction',
  'quote',
  'quoted_update',
  'report',
  'move',
]

/** A group's key as apps see it, with Mastodon's word for its kind: `favourite-123-490000`. */
export function toGroupKey(
  { id, kind }: { id: Id; kind: NotificationKind },
  key: string | null | undefined,
): string {
  return key ? `${typeOfKind[kind]}${key.slice(kind.length)}` : `ungrouped-${id}`
}

/** What an app's key stands for; undefined for what cannot be one. */
export function readGroupKey(text: string): { key: string } | { id: Id } | undefined {
  const [, type = '', rest = ''] = /^(\w+)-([\d-]+)$/.exec(text) ?? []
  if (type === 'ungrouped') return isId(rest) ? { id: rest } : undefined
  const [kind] = kindsOfTypes([type])
  return kind && { key: `${kind}-${rest}` }
}

/** https://docs.joinmastodon.org/entities/Notification/ */
export function toNotification(server: Server, { notification, from, note, report }: NotificationView) {
  return {
    id: notification.id,
    type: typeOfKind[notification.kind],
    group_key: toGroupKey(notification, notification.group_key),
    created_at: notification.created_at.toISOString(),
    account: toAccount(server, from),
    ...(note && { status: toStatus(server, note) }),
    ...(report && { report: toReport(server, report) }),
  }
}
