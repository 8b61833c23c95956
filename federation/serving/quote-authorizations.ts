import { findAccount } from '#src/db/accounts.ts'
import { findNoteRow, findNoteRowByUri } from '#src/db/notes.ts'
import { findQuoteAuthorization } from '#src/db/quotes.ts'
import type { Id } from '#src/db/tables.ts'
import { toQuoteAuthorization } from '../convert/quote.ts'
import type { Serving } from './actors.ts'
import { documentResponse, notFoundResponse, toDocument } from './documents.ts'

/** A proof with the note it is about, its author, and who quotes. */
export async function findQuoteEnds({ app }: Pick<Serving, 'app'>, authorizationId: Id) {
  const authorization = await findQuoteAuthorization(app.db, authorizationId)
  const quoted = authorization && (await findNoteRow(app.db, authorization.quoted_note_id))
  const author = quoted && (await findAccount(app.db, quoted.account_id))
  const quoter = authorization && (await findAccount(app.db, authorization.quoting_account_id))
  return author && quoter ? { authorization, quoted, author, quoter } : undefined
}

/** GET of the proof that a note of ours may be quoted, by whoever meets the quote; 404 once it is taken back. */
export async function quoteAuthorizationResponse(
  { app, server }: Pick<Serving, 'app' | 'server'>,
  request: Request,
  id: Id,
): Promise<Response> {
  const ends = await findQuoteEnds({ app }, id)
  if (!ends || ends.quoter.deleted_at || ends.author.deleted_at || ends.author.suspended_at)
    return notFoundResponse()
  const { authorization, quoted, author } = ends
  const quoting = await findNoteRowByUri(app.db, authorization.quoting_uri)
  if (authorization.state !== 'accepted' || quoted.deleted_at || quoting?.deleted_at)
    return notFoundResponse()
  const uri = server.uris.quoteAuthorization(authorization.id)
  const named = { uri, authorUri: author.uri, quotedUri: quoted.uri }
  return documentResponse(request, toDocument(toQuoteAuthorization(authorization, named)))
}
