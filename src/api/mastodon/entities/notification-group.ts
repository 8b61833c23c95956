import type { Account } from '#src/db/accounts.ts'
import type { Id } from '#src/db/tables.ts'
import type { GroupedNotifications, NotificationGroupView } from '#src/timelines/notification-groups.ts'
import { acctOf, type Server, toAccount } from './account.ts'
import { toGroupKey, typeOfKind } from './notification.ts'
import { toReport } from './report.ts'
import { toStatus } from './status.ts'

type Presentation = {
  /** Only the first of each group is shown in full; the others with name and avatar. */
  isPartial?: boolean
  /** Whether these are of a page, of which a group may be only a part. */
  isPage?: boolean
}

/** https://docs.joinmastodon.org/methods/grouped_notifications/: accounts and statuses stand in it once each. */
export function toGroupedNotifications(
  server: Server,
  { groups, accounts }: Omit<GroupedNotifications, 'cursors'>,
  { isPartial = false, isPage = false }: Presentation = {},
) {
  const named = new Set(groups.flatMap(({ group }) => group.sample_ids))
  const whole = isPartial ? new Set(groups.flatMap(({ group }) => group.sample_ids.slice(0, 1))) : named
  const listed = (ids: Iterable<Id>) => [...ids].flatMap((id) => accounts.get(id) ?? [])
  const notes = new Map(groups.flatMap(({ note }) => (note ? [[note.note.id, note] as const] : [])))
  return {
    accounts: listed(whole).map((account) => toAccount(server, account)),
    ...(isPartial && {
      partial_accounts: listed([...named].filter((id) => !whole.has(id))).map((account) =>
        toPartialAccount(server, account),
      ),
    }),
    statuses: [...notes.values()].map((note) => toStatus(server, note)),
    notification_groups: groups.map((view) => toNotificationGroup(server, view, isPage)),
  }
}

/** https://docs.joinmastodon.org/entities/NotificationGroup/ */
function toNotificationGroup(server: Server, view: NotificationGroupView, isPage: boolean) {
  const { head, group, note, report } = view
  return {
    group_key: toGroupKey(head, view.key),
    notifications_count: group.count,
    type: typeOfKind[head.kind],
    most_recent_notification_id: exactNumber(group.newest_id),
    ...(isPage && {
      page_min_id: group.oldest_id,
      page_max_id: group.newest_id,
      latest_page_notification_at: group.newest_at.toISOString(),
    }),
    sample_account_ids: group.sample_ids,
    ...(note && { status_id: note.note.id }),
    ...(report && { report: toReport(server, report) }),
  }
}

// Node has it; the types do not yet.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): number }

/** A number in JSON, as Mastodon writes this one id, with the digits that a number of JavaScript would round. */
const exactNumber = (id: Id): number => rawJSON(id)

/** https://docs.joinmastodon.org/methods/grouped_notifications/#PartialAccountWithAvatar */
function toPartialAccount(server: Server, account: Account) {
  const { id, locked, bot, url, avatar, avatar_static } = toAccount(server, account)
  return { id, acct: acctOf(account), locked, bot, url, avatar, avatar_static }
}
