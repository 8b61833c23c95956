import type { App } from '#src/app.ts'
import { findNoteRow, findNoteRowByUri, type Note } from '#src/db/notes.ts'
import { quoteRequestFrom } from '../convert/quote.ts'
import { fep044f } from '../convert/vocabulary.ts'
import { hasType } from '../remote/linked-data.ts'
import type { ReceivedFrom } from './received.ts'

/**
 * The local note whose wish to quote an Accept or Reject is about: by the id of our question, or by what it asked where
 * a peer embeds it. Only the author of the quoted note may answer.
 */
export async function findAnsweredQuote(
  app: App,
  { actor, objectUri, object }: ReceivedFrom,
): Promise<Note | undefined> {
  const noteId = objectUri === undefined ? undefined : app.uris.noteIdOfQuoteRequest(objectUri)
  const asked = object && hasType(object, fep044f('QuoteRequest')) ? quoteRequestFrom(object) : undefined
  const byUri = noteId === undefined ? undefined : await findNoteRow(app.db, noteId)
  const note = byUri ?? (asked && (await findNoteRowByUri(app.db, asked.quotingUri)))
  if (!note?.is_local || note.deleted_at || note.quote_of_id === null) return undefined
  const quoted = await findNoteRow(app.db, note.quote_of_id)
  const isTheirs = quoted?.account_id === actor.id && (!asked || asked.quotedUri === quoted.uri)
  return isTheirs ? note : undefined
}
