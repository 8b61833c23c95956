import type { App } from '#src/app.ts'
import { findCurrentAnnouncement, listAnnouncementIds } from '#src/db/announcements.ts'
import type { StreamEvent } from '#src/db/stream-events.ts'
import { listStreamedDeletions, listStreamedNotes, type StreamedNote } from '#src/db/streams.ts'
import type { Id } from '#src/db/tables.ts'
import { listLivingTokenIds } from '#src/db/tokens.ts'
import { readStreamedConversations } from '#src/timelines/conversations.ts'
import { readStreamedNotifications } from '#src/timelines/notifications.ts'
import { showToAudiences } from '#src/timelines/streams.ts'
import { toAnnouncement } from '../mastodon/entities/announcement.ts'
import { toConversation } from '../mastodon/entities/conversation.ts'
import { toNotification } from '../mastodon/entities/notification.ts'
import { toStatus } from '../mastodon/entities/status.ts'
import { createMessage, type Message } from './message.ts'
import type { Registry } from './registry.ts'
import { type Channel, sharedChannels } from './streams.ts'

/** Tells those who listen in this process of something that happened in any. */
export async function tell(app: App, registry: Registry, { kind, ids }: StreamEvent): Promise<void> {
  switch (kind) {
    case 'notes':
    case 'edits':
      return tellOfNotes(app, registry, ids, kind === 'notes')
    case 'deletions':
      return tellOfDeletions(app, registry, ids)
    case 'notifications':
      return tellOfNotifications(app, registry, ids)
    case 'conversations':
      return tellOfConversations(app, registry, ids)
    case 'filters':
      for (const id of ids) send(registry, `home:${id}`, createMessage('filters_changed'))
      return
    case 'announcements':
      return tellOfAnnouncements(app, registry, ids)
    case 'tokens':
      return endRevoked(app, registry, ({ tokenId }) => ids.includes(tokenId))
    case 'accounts':
      return endRevoked(app, registry, ({ accountId }) => ids.includes(accountId))
  }
}

/** Ends the streams, among those that are asked about, whose tokens open nothing any more. */
export async function endRevoked(
  { db }: Pick<App, 'db'>,
  registry: Registry,
  isAskedAbout: (listener: { tokenId: Id; accountId: Id }) => boolean = () => true,
): Promise<void> {
  const asked = [...registry.connections()].filter(({ listener }) => isAskedAbout(listener))
  if (asked.length === 0) return
  const tokenIds = [...new Set(asked.map(({ listener }) => listener.tokenId))]
  const living = new Set(await listLivingTokenIds(db, tokenIds))
  for (const connection of asked) if (!living.has(connection.listener.tokenId)) connection.end('unauthorized')
}

async function tellOfNotes(app: App, registry: Registry, ids: Id[], areNew: boolean): Promise<void> {
  const notes = await listStreamedNotes(app.db, ids, feedsOf(registry))
  const audiences = notes.map((note) => ({ note, viewerIds: listAudience(registry, note) }))
  const showings = await showToAudiences(app, audiences, areNew)
  for (const [note, shown] of Map.groupBy(showings, (showing) => showing.note)) {
    const messageFor = new Map<Id, Message>()
    for (const { view, viewerIds } of shown) {
      const message = createMessage(areNew ? 'update' : 'status.update', JSON.stringify(toStatus(app, view)))
      for (const id of viewerIds) messageFor.set(id, message)
    }
    sendNote(registry, note, (viewerId) => messageFor.get(viewerId))
  }
}

async function tellOfDeletions(app: App, registry: Registry, ids: Id[]): Promise<void> {
  for (const note of await listStreamedDeletions(app.db, ids, feedsOf(registry))) {
    const message = createMessage('delete', note.id)
    // Whether there were pictures is not known any more.
    sendNote(registry, { ...note, has_media: true }, () => message)
  }
}

async function tellOfNotifications(app: App, registry: Registry, ids: Id[]): Promise<void> {
  const recipientIds = registry.subjectsOf('notifications')
  for (const view of await readStreamedNotifications(app, ids, recipientIds)) {
    const message = createMessage('notification', JSON.stringify(toNotification(app, view)))
    send(registry, `notifications:${view.notification.account_id}`, message)
  }
}

async function tellOfConversations(app: App, registry: Registry, ids: Id[]): Promise<void> {
  for (const view of await readStreamedConversations(app, ids, registry.subjectsOf('direct'))) {
    const message = createMessage('conversation', JSON.stringify(toConversation(app, view)))
    send(registry, `direct:${view.conversation.account_id}`, message)
  }
}

/** What will be said later is found by who asks for it then. */
async function tellOfAnnouncements(app: App, registry: Registry, ids: Id[]): Promise<void> {
  const there = await listAnnouncementIds(app.db, ids)
  for (const id of ids) {
    const announcement = await findCurrentAnnouncement(app.db, id, app.clock.now())
    if (!announcement && there.includes(id)) continue
    const message = announcement
      ? createMessage(
          'announcement',
          JSON.stringify(toAnnouncement(app, { ...announcement, is_read: false, reactions: [] })),
        )
      : createMessage('announcement.delete', id)
    for (const subject of registry.subjectsOf('home')) send(registry, `home:${subject}`, message)
  }
}

const feedsOf = (registry: Registry) => ({
  listenerIds: registry.subjectsOf('home'),
  listIds: registry.subjectsOf('list'),
})

const channelsOf = (note: StreamedNote): Channel[] => [
  ...note.reader_ids.map((id): Channel => `home:${id}`),
  ...note.list_ids.map((id): Channel => `list:${id}`),
  ...sharedChannels(note),
]

function listAudience(registry: Registry, note: StreamedNote): Id[] {
  const audience = new Set<Id>()
  for (const channel of channelsOf(note))
    for (const { connection } of registry.subscriptionsOf(channel))
      audience.add(connection.listener.accountId)
  return [...audience]
}

function sendNote(
  registry: Registry,
  note: StreamedNote,
  messageFor: (viewerId: Id) => Message | undefined,
): void {
  for (const channel of channelsOf(note))
    for (const { connection, stream } of registry.subscriptionsOf(channel)) {
      const message = messageFor(connection.listener.accountId)
      if (message) connection.send(message, stream)
    }
}

function send(registry: Registry, channel: Channel, message: Message): void {
  for (const { connection, stream } of registry.subscriptionsOf(channel)) connection.send(message, stream)
}
