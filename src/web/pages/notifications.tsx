import { saveMarkers } from '#src/db/markers.ts'
import { type NotificationView, readNotifications } from '#src/timelines/notifications.ts'
import { Paging, pageLength } from '../components/Feed.tsx'
import { Hidden } from '../components/Hidden.tsx'
import { Icon, type IconName } from '../components/Icon.tsx'
import { AccountLine, displayName, profilePath } from '../components/Names.tsx'
import { NoteCard } from '../components/NoteCard.tsx'
import { Time } from '../components/Time.tsx'
import { isLeftOut } from '../filtering.ts'
import { goBack, wantsPiece } from '../forms.ts'
import { renderPage } from '../layout.tsx'
import { isId, olderThan, type PageContext, requireViewer, type Visit } from '../session.ts'

const icons: Record<NotificationView['notification']['kind'], IconName> = {
  mention: 'reply',
  boost: 'boost',
  like: 'like',
  follow: 'person',
  follow_request: 'person',
  status: 'bell',
  update: 'brush',
  remix: 'brush',
  poll: 'check',
  reaction: 'smile',
  quote: 'quote',
  quoted_update: 'brush',
  report: 'flag',
  move: 'move',
}

/** What others did, newest first. */
export async function notificationsPage(c: PageContext) {
  const { visit } = c.var
  const { words, app } = visit
  const viewer = requireViewer(c)
  const page = { limit: pageLength, maxId: olderThan(c) }
  const { items: all, cursors } = await readNotifications(app, viewer.account.id, page)
  const items = all.filter(({ note }) => !note || !isLeftOut(note, visit))
  return renderPage(c, {
    title: words.notifications.title,
    children: (
      <>
        <header class="page-head">
          <h1>{words.notifications.title}</h1>
          {visit.unread > 0 && cursors[0] && <MarkRead visit={visit} newestId={cursors[0]} />}
        </header>
        {items.length === 0 && (
          <div class="empty">
            <p>{words.notifications.empty}</p>
          </div>
        )}
        <ul class="notifications">
          {items.map((item) => (
            <li>
              <Item item={item} visit={visit} />
            </li>
          ))}
        </ul>
        <Paging visit={visit} cursors={cursors} />
      </>
    ),
  })
}

/** A script presses it once the page is seen. */
const MarkRead = ({ visit, newestId }: { visit: Visit; newestId: string }) => (
  <form method="post" action="/notifications/read" data-when-seen>
    <Hidden visit={visit} back="/notifications" />
    <input type="hidden" name="last" value={newestId} />
    <button type="submit" class="action" title={visit.words.notifications.markRead}>
      <Icon name="check" />
      <span class="sr-only">{visit.words.notifications.markRead}</span>
    </button>
  </form>
)

export async function markNotificationsRead(c: PageContext) {
  const viewer = requireViewer(c)
  const last = c.var.form.get('last')
  if (isId(last)) {
    await saveMarkers(c.var.visit.app.db, viewer.account.id, [
      { timeline: 'notifications', lastReadId: last },
    ])
  }
  return wantsPiece(c) ? c.body(null, 204) : goBack(c, '/notifications')
}

const Item = ({ item, visit }: { item: NotificationView; visit: Visit }) => {
  const { notification, from, note, report } = item
  const { notifications } = visit.words
  const isOwn = notification.kind === 'poll' && from.id === visit.viewer?.account.id
  const sentence = isOwn ? notifications.ownPoll : notifications[notification.kind](displayName(from))
  // A mention is a note to read and answer; the others point at one that is known.
  const isWhole =
    note !== null && ['mention', 'status', 'update', 'remix', 'quote', 'poll'].includes(notification.kind)
  return (
    <div class="notification" data-kind={notification.kind}>
      <p class="context">
        <Icon name={icons[notification.kind]} />
        <a href={profilePath(from)}>
          <bdi>{sentence}</bdi>
        </a>
        <Time at={notification.created_at} visit={visit} />
      </p>
      {note && isWhole && <NoteCard view={note} visit={visit} />}
      {note && !isWhole && (
        <div class="quoted">
          <NoteCard view={note} visit={visit} />
        </div>
      )}
      {report && (
        <AccountLine account={report.target} visit={visit}>
          <a class="button small" href={`/admin/reports/${report.report.id}`}>
            {visit.words.reports.read}
          </a>
        </AccountLine>
      )}
      {!note && !report && (
        <AccountLine account={from} visit={visit}>
          {notification.kind === 'follow_request' && <Answer accountId={from.id} visit={visit} />}
        </AccountLine>
      )}
    </div>
  )
}

const Answer = ({ accountId, visit }: { accountId: string; visit: Visit }) => (
  <div class="choices">
    <form method="post" action={`/follow-requests/${accountId}/accept`}>
      <Hidden visit={visit} />
      <button type="submit" class="button primary small">
        {visit.words.notifications.accept}
      </button>
    </form>
    <form method="post" action={`/follow-requests/${accountId}/reject`}>
      <Hidden visit={visit} />
      <button type="submit" class="button small">
        {visit.words.notifications.reject}
      </button>
    </form>
  </div>
)
