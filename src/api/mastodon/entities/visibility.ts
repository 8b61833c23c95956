import type { Visibility } from '#src/db/tables.ts'

/** Mastodon's `private` is for followers. */
export const toMastodonVisibility = {
  public: 'public',
  unlisted: 'unlisted',
  followers: 'private',
  direct: 'direct',
} as const satisfies Record<Visibility, string>

/** Undefined for what Mastodon has no such visibility for. */
export function fromMastodonVisibility(name: string): Visibility | undefined {
  if (name === 'private') return 'followers'
  return name === 'public' || name === 'unlisted' || name === 'direct' ? name : undefined
}
