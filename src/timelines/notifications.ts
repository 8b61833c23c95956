import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import { distinctIds } from '#src/db/ids.ts'
import {
  findNotification,
  listNotifications,
  listNotificationsByIds,
  type Notification,
  type NotificationFilter,
} from '#src/db/notification-lists.ts'
import type { Page } from '#src/db/paging.ts'
import { listReportsFor, type Report } from '#src/db/reports.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'
import type { Slice } from './slice.ts'

export type NotificationView = {
  notification: Notification
  from: Account
  note: NoteView | null
  /** What a moderator is told of. */
  report: { report: Report; target: Account } | null
}

type Reader = Pick<App, 'db'>

/** Newest first. What tells of a note the viewer may no longer see is left out. */
export async function readNotifications(
  app: Reader,
  viewerId: Id,
  page: Page,
  filter: NotificationFilter = {},
): Promise<Slice<NotificationView>> {
  const notifications = await listNotifications(app.db, viewerId, page, filter)
  const items = await loadNotificationViews(app, viewerId, notifications)
  return { items, cursors: notifications.map((notification) => notification.id) }
}

/** @throws AppError notFound, for somebody else's too */
export async function readNotification(app: Reader, viewerId: Id, id: Id): Promise<NotificationView> {
  const notification = await findNotification(app.db, viewerId, id)
  const [view] = notification ? await loadNotificationViews(app, viewerId, [notification]) : []
  if (!view) throw notFound()
  return view
}

/** Of these notifications what their recipients are shown, as far as they are among `recipientIds`; oldest first. */
export async function readStreamedNotifications(
  app: Reader,
  ids: readonly Id[],
  recipientIds: readonly Id[],
): Promise<NotificationView[]> {
  const notifications = await listNotificationsByIds(app.db, ids, recipientIds)
  const views: NotificationView[] = []
  for (const [recipientId, own] of Map.groupBy(notifications, ({ account_id }) => account_id))
    views.push(...(await loadNotificationViews(app, recipientId, own)))
  return views
}

/** What of these the viewer may still see. */
export async function loadNotificationViews(
  { db }: Reader,
  viewerId: Id,
  notifications: Notification[],
): Promise<NotificationView[]> {
  const [reports, notes] = await Promise.all([
    listReportsFor(db, viewerId, distinctIds(notifications.map(({ report_id }) => report_id))),
    loadNoteViews(db, distinctIds(notifications.map(({ note_id }) => note_id)), viewerId),
  ])
  const accountIds = notifications.map(({ from_account_id }) => from_account_id)
  const targetIds = reports.map(({ target_id }) => target_id)
  const accounts = await listAccounts(db, distinctIds([...accountIds, ...targetIds]))
  const accountOf = new Map(accounts.map((account) => [account.id, account]))
  const noteOf = new Map(notes.map((view) => [view.note.id, view]))
  const reportOf = new Map(reports.map((report) => [report.id, report]))
  return notifications.flatMap((notification): NotificationView[] => {
    const { note_id, report_id } = notification
    const from = accountOf.get(notification.from_account_id)
    if (!from || from.suspended_at || from.deleted_at) return []
    const note = note_id === null ? null : noteOf.get(note_id)
    const report = report_id === null ? null : reportOf.get(report_id)
    const target = report && accountOf.get(report.target_id)
    if (note === undefined || report === undefined || target === undefined) return []
    return [{ notification, from, note, report: report && target && { report, target } }]
  })
}
