import type { App } from '#src/app.ts'
import type { ShownAnnouncement } from '#src/db/announcements.ts'
import { longTextHtml } from '#src/policies/server-words.ts'
import type { Server } from './account.ts'
import { toReaction } from './reaction.ts'

/** https://docs.joinmastodon.org/entities/Announcement/. It names nobody, and no post. */
export function toAnnouncement(server: Server & Pick<App, 'uris'>, announcement: ShownAnnouncement) {
  const { starts_at, ends_at, created_at, updated_at } = announcement
  return {
    id: announcement.id,
    content: longTextHtml(server, announcement.text),
    starts_at: starts_at?.toISOString() ?? null,
    ends_at: ends_at?.toISOString() ?? null,
    all_day: false,
    published_at: (starts_at ?? created_at).toISOString(),
    updated_at: updated_at.toISOString(),
    read: announcement.is_read,
    mentions: [],
    statuses: [],
    tags: [],
    emojis: [],
    reactions: announcement.reactions.map((reaction) => toReaction(server, reaction)),
  }
}
