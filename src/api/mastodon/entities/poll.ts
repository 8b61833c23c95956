import { isOver } from '#src/notes/poll.ts'
import type { NoteView } from '#src/notes/view.ts'
import { type Server, toCustomEmoji } from './account.ts'

/** https://docs.joinmastodon.org/entities/Poll/; null for a note without one. A poll goes by the id of its note. */
export function toPoll(server: Server, { note, poll, viewer }: NoteView) {
  if (!poll) return null
  return {
    id: poll.note_id,
    expires_at: poll.ends_at?.toISOString() ?? null,
    expired: isOver(poll, server.clock.now()),
    multiple: poll.is_multiple,
    votes_count: poll.options.reduce((sum, { votes }) => sum + votes, 0),
    voters_count: poll.voters_count,
    options: poll.options.map(({ title, votes }) => ({ title, votes_count: votes })),
    emojis: note.emojis.map((emoji) => toCustomEmoji(server, emoji)),
    ...(viewer && { voted: poll.is_own || poll.own_votes.length > 0, own_votes: poll.own_votes }),
  }
}
