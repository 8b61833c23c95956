import type { TagState } from '#src/db/tag-follows.ts'
import { shownDays, type TagDay } from '#src/db/tag-history.ts'
import type { Server } from './account.ts'

export type ShownTag = {
  /** Empty for one that nobody used yet. */
  id: string
  name: string
  /** In no order; days without a use may be missing. */
  days: readonly TagDay[]
  /** Null for a stranger. */
  state: Pick<TagState, 'following' | 'featuring'> | null
}

const daySeconds = 24 * 60 * 60

/**
 * https://docs.joinmastodon.org/entities/Tag/
 * @param today in days since 1970
 */
export function toTag({ uris }: Pick<Server, 'uris'>, { id, name, days, state }: ShownTag, today: number) {
  const dayAgo = (ago: number) => days.find(({ day }) => day === today - ago)
  return {
    id,
    name,
    url: uris.tagPage(name),
    history: Array.from({ length: shownDays }, (_, ago) => ({
      day: String((today - ago) * daySeconds),
      accounts: String(dayAgo(ago)?.accounts ?? 0),
      uses: String(dayAgo(ago)?.uses ?? 0),
    })),
    ...(state && { following: state.following, featuring: state.featuring }),
  }
}
