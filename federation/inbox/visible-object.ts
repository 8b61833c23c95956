import type { App } from '#src/app.ts'
import { isBlocking } from '#src/db/blocks.ts'
import { findNoteRowByUri, findVisibleNote, type Note } from '#src/db/notes.ts'
import type { Outcome } from './outcome.ts'
import type { ReceivedFrom } from './received.ts'

/** The note an activity is about, which its actor must be able to see and which is no boost; else why there is none. */
export async function findVisibleObject(
  { db }: Pick<App, 'db'>,
  { objectUri, actor }: Pick<ReceivedFrom, 'objectUri' | 'actor'>,
): Promise<Note | Outcome> {
  if (objectUri === undefined) return 'incomplete'
  const row = await findNoteRowByUri(db, objectUri)
  const note = row && (await findVisibleNote(db, row.id, actor.id))
  if (row && !note && (await isBlocking(db, row.account_id, actor.id))) return 'blocked'
  return note?.boost_of_id === null ? note : 'nothing there'
}
