import type { Account } from '#src/db/accounts.ts'
import type { FeaturedTag } from '#src/db/featured-tags.ts'
import { isBot, type Server } from './account.ts'
import { toFeaturedTag } from './featured-tag.ts'

/** What somebody may change about themselves, as they typed it: https://docs.joinmastodon.org/entities/Profile/ */
export function toProfile(server: Server, account: Account, featuredTags: readonly FeaturedTag[]) {
  const avatar = account.avatar_key === null ? null : server.storage.urlOf(account.avatar_key)
  const header = account.header_key === null ? null : server.storage.urlOf(account.header_key)
  return {
    id: account.id,
    display_name: account.name,
    note: account.bio_text ?? '',
    fields: account.fields.map(({ name, value, verifiedAt }) => ({ name, value, verified_at: verifiedAt })),
    avatar,
    avatar_static: avatar,
    avatar_description: '',
    header,
    header_static: header,
    header_description: '',
    locked: account.is_locked,
    bot: isBot(account),
    hide_collections: false,
    discoverable: account.is_discoverable,
    indexable: account.is_indexable,
    show_media: true,
    show_media_replies: true,
    show_featured: true,
    attribution_domains: [],
    featured_tags: featuredTags.map((tag) => toFeaturedTag(server, account, tag)),
  }
}
