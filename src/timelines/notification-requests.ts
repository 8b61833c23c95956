import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import { distinctIds } from '#src/db/ids.ts'
import { permitNotifications } from '#src/db/notification-policies.ts'
import {
  deleteHeld,
  deleteRequests,
  findNotificationRequest,
  listNotificationRequests,
  type NotificationRequest,
  releaseHeld,
} from '#src/db/notification-requests.ts'
import type { Page } from '#src/db/paging.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'
import type { Slice } from './slice.ts'

export type NotificationRequestView = {
  request: NotificationRequest
  from: Account
  lastNote: NoteView | null
}

type Reader = Pick<App, 'db'>

/** Whose words wait, the newest of these people first. */
export async function readNotificationRequests(
  { db }: Reader,
  viewerId: Id,
  page: Page,
): Promise<Slice<NotificationRequestView>> {
  const requests = await listNotificationRequests(db, viewerId, page)
  const items = await loadRequestViews(db, viewerId, requests)
  return { items, cursors: requests.map(({ id }) => id) }
}

/** @throws AppError notFound, for somebody else's too */
export async function readNotificationRequest(
  { db }: Reader,
  viewerId: Id,
  id: Id,
): Promise<NotificationRequestView> {
  const request = await findNotificationRequest(db, viewerId, id)
  const [view] = request ? await loadRequestViews(db, viewerId, [request]) : []
  if (!view) throw notFound()
  return view
}

async function loadRequestViews(
  db: App['db'],
  viewerId: Id,
  requests: NotificationRequest[],
): Promise<NotificationRequestView[]> {
  const [accounts, notes] = await Promise.all([
    listAccounts(db, distinctIds(requests.map(({ from_account_id }) => from_account_id))),
    loadNoteViews(db, distinctIds(requests.map(({ last_note_id }) => last_note_id)), viewerId),
  ])
  const accountOf = new Map(accounts.map((account) => [account.id, account]))
  const noteOf = new Map(notes.map((view) => [view.note.id, view]))
  return requests.flatMap((request) => {
    const from = accountOf.get(request.from_account_id)
    const lastNote = noteOf.get(request.last_note_id ?? '') ?? null
    return from ? [{ request, from, lastNote }] : []
  })
}

/** Lets through what waits in these of their requests, and whatever comes from the same people. Answers how many. */
export function acceptRequests({ db }: Reader, accountId: Id, ids: readonly Id[]): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const fromAccountIds = await deleteRequests(trx, accountId, ids)
    // Before what is held is let through, so that nothing is held back meanwhile.
    await permitNotifications(trx, accountId, fromAccountIds)
    await releaseHeld(trx, accountId, fromAccountIds)
    return fromAccountIds.length
  })
}

/** Drops what waits in these of their requests; what comes later waits again. Answers how many. */
export function dismissRequests({ db }: Reader, accountId: Id, ids: readonly Id[]): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const fromAccountIds = await deleteRequests(trx, accountId, ids)
    await deleteHeld(trx, accountId, fromAccountIds)
    return fromAccountIds.length
  })
}
