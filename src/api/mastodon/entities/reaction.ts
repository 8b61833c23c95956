import type { ReactionCount } from '#src/db/reactions.ts'
import type { Server } from './account.ts'

/** One of `Status.emoji_reactions`, as Pleroma has it; with an address where it is a picture. */
export function toReaction(
  { remoteFiles }: Pick<Server, 'remoteFiles'>,
  reaction: Omit<ReactionCount, 'note_id'>,
) {
  const { name, count, is_own, emoji_url } = reaction
  const url = emoji_url === null ? undefined : remoteFiles.urlOf(emoji_url, 'emoji')
  return {
    name,
    count,
    me: is_own,
    ...(url !== undefined && { url, static_url: url }),
  }
}
