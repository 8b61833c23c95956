import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Account, listAccounts } from '#src/db/accounts.ts'
import { distinctIds } from '#src/db/ids.ts'
import {
  findGroupHead,
  type GroupFilter,
  type GroupRange,
  groupedKinds,
  listGroupHeads,
  listGroups,
  type NotificationGroup,
} from '#src/db/notification-groups.ts'
import { findNotification, type Notification } from '#src/db/notification-lists.ts'
import type { Page } from '#src/db/paging.ts'
import { listReportsFor, type Report } from '#src/db/reports.ts'
import type { Id } from '#src/db/tables.ts'
import { loadNoteViews, type NoteView } from '#src/notes/view.ts'

export type NotificationGroupView = {
  head: Notification
  /** What its members share; undefined for one that stands alone. */
  key: string | undefined
  group: Omit<NotificationGroup, 'group_key'>
  note: NoteView | null
  report: { report: Report; target: Account } | null
}

export type GroupedNotifications = {
  groups: NotificationGroupView[]
  /** Everyone the groups name, once each. */
  accounts: Map<Id, Account>
  /** The newest and the oldest notification that the page stands for. */
  cursors: Id[]
}

type Reader = Pick<App, 'db'>

/** Newest first. What tells of a note the viewer may no longer see is left out. */
export async function readNotificationGroups(
  { db }: Reader,
  viewerId: Id,
  page: Page,
  filter: GroupFilter,
): Promise<GroupedNotifications> {
  const heads = await listGroupHeads(db, viewerId, page, filter)
  const scope = { range: rangeOf(heads, page), grouped: filter.grouped }
  const { stored, ...shown } = await loadGroupViews(db, viewerId, heads, scope)
  const ids = [...heads.map(({ id }) => id), ...stored.flatMap((group) => [group.newest_id, group.oldest_id])]
  return { ...shown, cursors: endsOf(ids) }
}

/** The newest and the oldest: the last page holds more of a group than its head, which must not come again. */
function endsOf(ids: readonly Id[]): Id[] {
  const sorted = [...ids].sort((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1))
  return [sorted[0], sorted.at(-1)].filter((id) => id !== undefined)
}

/**
 * One group, whole. What stands alone is found by its own id.
 * @throws AppError notFound, for somebody else's too
 */
export async function readNotificationGroup(
  { db }: Reader,
  viewerId: Id,
  which: { key: string } | { id: Id },
): Promise<Omit<GroupedNotifications, 'cursors'>> {
  const head =
    'key' in which
      ? await findGroupHead(db, viewerId, which.key)
      : await findNotification(db, viewerId, which.id)
  if (!head) throw notFound()
  const scope = { range: { from: '0', to: head.id }, grouped: 'key' in which ? undefined : [] }
  const { groups, accounts } = await loadGroupViews(db, viewerId, [head], scope)
  if (groups.length === 0) throw notFound()
  return { groups, accounts }
}

/** Which notifications a page stands for; the last page reaches as far as was asked. */
function rangeOf(heads: readonly Notification[], page: Page): GroupRange {
  const [newest = '0', oldest = '0'] = [heads[0]?.id, heads.at(-1)?.id]
  if (heads.length === page.limit) return { from: oldest, to: newest }
  if (page.minId === undefined) return { from: nextId(page.sinceId ?? '-1', 1n), to: newest }
  return { from: oldest, to: nextId(page.maxId ?? '9223372036854775807', -1n) }
}

const nextId = (id: Id, step: bigint): Id => String(BigInt(id) + step)

type Scope = { range: GroupRange; grouped: GroupFilter['grouped'] }

async function loadGroupViews(
  db: App['db'],
  viewerId: Id,
  heads: readonly Notification[],
  { range, grouped = [...groupedKinds] }: Scope,
): Promise<Omit<GroupedNotifications, 'cursors'> & { stored: NotificationGroup[] }> {
  const keyOf = ({ group_key, kind }: Notification) =>
    group_key !== null && grouped.includes(kind) ? group_key : undefined
  const keys = [...new Set(heads.map(keyOf))].filter((key) => key !== undefined)
  const [stored, reports, notes] = await Promise.all([
    listGroups(db, viewerId, keys, range),
    listReportsFor(db, viewerId, distinctIds(heads.map(({ report_id }) => report_id))),
    loadNoteViews(db, distinctIds(heads.map(({ note_id }) => note_id)), viewerId),
  ])
  const groupOf = new Map(stored.map((group) => [group.group_key, group]))
  const alone = heads.filter((head) => keyOf(head) === undefined).map((head) => head.from_account_id)
  const sampleIds = stored.flatMap(({ sample_ids }) => sample_ids)
  const targetIds = reports.map(({ target_id }) => target_id)
  const found = await listAccounts(db, distinctIds([...alone, ...sampleIds, ...targetIds]))
  const accounts = new Map(found.map((account) => [account.id, account]))
  const noteOf = new Map(notes.map((view) => [view.note.id, view]))
  const reportOf = new Map(reports.map((report) => [report.id, report]))
  const groups = heads.flatMap((head): NotificationGroupView[] => {
    const key = keyOf(head)
    const group = key === undefined ? groupOfOne(head, accounts) : groupOf.get(key)
    const note = head.note_id === null ? null : noteOf.get(head.note_id)
    const report = head.report_id === null ? null : reportOf.get(head.report_id)
    const target = report && accounts.get(report.target_id)
    if (!group || group.sample_ids.length === 0) return []
    if (note === undefined || report === undefined || target === undefined) return []
    return [{ head, key, group, note, report: report && target && { report, target } }]
  })
  return { groups, accounts, stored }
}

function groupOfOne(head: Notification, accounts: Map<Id, Account>): NotificationGroupView['group'] {
  const from = accounts.get(head.from_account_id)
  const isLiving = from && !from.suspended_at && !from.deleted_at
  return {
    count: 1,
    newest_id: head.id,
    newest_at: head.created_at,
    oldest_id: head.id,
    sample_ids: isLiving ? [from.id] : [],
  }
}
