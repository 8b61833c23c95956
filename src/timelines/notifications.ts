import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import {
  findNotification,
  listNotifications,
  type Notification,
  type NotificationFilter,
} from '#src/db/notifications.ts'
import type { Page } from '#src/db/paging.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'
import type { Slice } from './slice.ts'

export type NotificationView = { notification: Notification; from: Account; note: NoteView | null }

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

async function loadNotificationViews(
  { db }: Reader,
  viewerId: Id,
  notifications: Notification[],
): Promise<NotificationView[]> {
  const noteIds = notifications.map((notification) => notification.note_id).filter((id) => id !== null)
  const [accounts, notes] = await Promise.all([
    listAccounts(db, [...new Set(notifications.map((notification) => notification.from_account_id))]),
    loadNoteViews(db, [...new Set(noteIds)], viewerId),
  ])
  const accountOf = new Map(accounts.map((account) => [account.id, account]))
  const noteOf = new Map(notes.map((view) => [view.note.id, view]))
  return notifications.flatMap((notification): NotificationView[] => {
    const from = accountOf.get(notification.from_account_id)
    if (!from || from.suspended_at || from.deleted_at) return []
    if (notification.note_id === null) return [{ notification, from, note: null }]
    const note = noteOf.get(notification.note_id)
    return note ? [{ notification, from, note }] : []
  })
}
