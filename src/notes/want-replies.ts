import type { App } from '#src/app.ts'
import type { Note } from '#src/db/notes.ts'
import type { Id } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { enqueue } from '#src/jobs/queue.ts'

/** How long what was read of a thread on other servers is new enough. */
export const threadFreshForMs = 15 * 60_000

/**
 * Has a job read what other servers hold of a thread that someone here looks at: the next time they will see it. For
 * people of this server only, since a stranger could have us ask others without end.
 */
export async function wantReplies(
  { db, clock }: Pick<App, 'db' | 'clock'>,
  viewerId: Id | null,
  note: Note,
): Promise<void> {
  if (viewerId === null || !mayHaveMore(note, clock.now())) return
  await db
    .transaction()
    .execute((trx) => enqueue(trx, 'fetchReplies', { noteId: note.id }, { dedupeKey: note.uri }))
}

/** Whether another server may know more of the thread around a note than we do, and was not asked lately. */
export function mayHaveMore(note: Note, now: Date): boolean {
  const { replies_uri, context_uri, in_reply_to_uri, in_reply_to_id, replies_fetched_at } = note
  if (note.is_local || note.deleted_at || !isForEveryone(note)) return false
  const lacksParent = in_reply_to_uri !== null && in_reply_to_id === null
  if (replies_uri === null && context_uri === null && !lacksParent) return false
  return replies_fetched_at === null || now.getTime() - replies_fetched_at.getTime() >= threadFreshForMs
}
