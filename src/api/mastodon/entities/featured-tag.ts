import type { Account } from '#src/db/accounts.ts'
import type { FeaturedTag } from '#src/db/featured-tags.ts'
import type { Server } from './account.ts'

/** https://docs.joinmastodon.org/entities/FeaturedTag/ */
export function toFeaturedTag({ publicUrl }: Server, account: Account, tag: FeaturedTag) {
  const handle = account.domain === null ? account.username : `${account.username}@${account.domain}`
  return {
    id: tag.id,
    name: tag.name,
    url: `${publicUrl}/@${handle}/tagged/${encodeURIComponent(tag.name)}`,
    // A string, as Mastodon has it.
    statuses_count: String(tag.notes_count),
    last_status_at: tag.last_note_at?.toISOString().slice(0, 10) ?? null,
  }
}
