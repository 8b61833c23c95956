import type { Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { AppError, notAllowed, notFound } from '#src/base/errors.ts'
import {
  addToNoteCounter,
  findNoteRow,
  findVisibleNote,
  getVisibleNote,
  lockLivingNote,
  type Note,
  newId,
  updateNote,
} from '#src/db/notes.ts'
import { insertNotifications } from '#src/db/notifications.ts'
import {
  decideQuote,
  findAuthorizationOf,
  findQuotableNote,
  listLocalQuotes,
  setAuthorizationState,
} from '#src/db/quotes.ts'
import type { Database, Id, QuotePolicy, Visibility } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { NoteDraft, QuoteDraft } from './draft.ts'
import { loadNoteView, type NoteView } from './view.ts'

/** What a new note quotes, as its author asked for it. */
export type WantedQuote = { draft: QuoteDraft; quoted: Note }

/**
 * The note an author wants to quote, if they may, or may ask to.
 * @throws AppError notFound, alike for what is missing, hidden and not to be quoted
 */
export async function findWantedQuote(app: App, authorId: Id, noteId: Id): Promise<WantedQuote> {
  const seen = await findVisibleNote(app.db, noteId, authorId)
  const quoted = seen && (await findQuotableNote(app.db, seen.boost_of_id ?? seen.id, authorId))
  if (!quoted) throw notToBeQuoted()
  const isOwn = quoted.account_id === authorId
  return {
    quoted,
    draft: {
      uri: quoted.uri,
      id: quoted.id,
      state: isOwn || quoted.is_local ? 'accepted' : 'pending',
      authorizationUri: isOwn || !quoted.is_local ? null : app.uris.quoteAuthorization(await newId(app.db)),
      isLegacy: false,
    },
  }
}

function notToBeQuoted(): AppError {
  const message = 'The post you are trying to quote does not appear to exist'
  return new AppError('notFound', message, { code: 'quote_of' })
}

/** What is for followers is quoted for followers. */
export function quotingVisibility(wanted: Visibility, quoted: Note): Visibility {
  return quoted.visibility === 'followers' && wanted !== 'direct' ? 'followers' : wanted
}

/** As Mastodon: whom a direct message does not address, it does not quote. */
export function checkQuoteAudience(draft: NoteDraft, { quoted }: WantedQuote): void {
  const isHeard = quoted.account_id === draft.accountId || draft.mentionedIds.includes(quoted.account_id)
  if (draft.visibility === 'direct' && !isHeard) {
    throw new AppError('invalid', 'Validation failed: A direct message can quote only whom it mentions')
  }
}

/**
 * What follows from quoting with a note just stored here: the proof that it is allowed, or the question whether it is.
 * @throws AppError notFound when the author changed their mind meanwhile
 */
export async function authorizeQuote(trx: Transaction<Database>, app: App, note: Note): Promise<void> {
  if (note.quote_of_id === null) return
  const quoted = await findQuotableNote(trx, note.quote_of_id, note.account_id)
  if (!quoted) throw notToBeQuoted()
  if (!quoted.is_local) {
    await enqueue(trx, 'requestQuote', { noteId: note.id }, { orderingKey: note.uri })
  } else if (note.quote_authorization_uri !== null) {
    await decideQuote(trx, {
      id: app.uris.quoteAuthorizationId(note.quote_authorization_uri),
      quotedNoteId: quoted.id,
      quotingUri: note.uri,
      quotingAccountId: note.account_id,
      requestUri: null,
      state: 'accepted',
    })
  }
}

/** Tells the author of a note that someone quotes it. */
export async function notifyQuoted(trx: Transaction<Database>, note: Note): Promise<void> {
  const quoted = note.quote_of_id === null ? undefined : await findNoteRow(trx, note.quote_of_id)
  if (!quoted || note.quote_state !== 'accepted') return
  await insertNotifications(trx, [quoted.account_id], {
    kind: 'quote',
    fromAccountId: note.account_id,
    noteId: note.id,
  })
}

/** Tells local people that a note they quote says something else now. */
export async function notifyQuoters(trx: Transaction<Database>, note: Note): Promise<void> {
  for (const quoting of await listLocalQuotes(trx, note.id)) {
    const what = { kind: 'quoted_update', fromAccountId: note.account_id, noteId: quoting.id } as const
    await insertNotifications(trx, [quoting.account_id], what)
  }
}

/**
 * Changes what a note quotes, or whether it may, and what is counted with it. The one way from state to state.
 * Undefined when the note is gone, or nothing changed.
 */
export async function setQuote(
  trx: Transaction<Database>,
  noteId: Id,
  quote: QuoteDraft | null,
): Promise<Note | undefined> {
  const before = await lockLivingNote(trx, noteId)
  if (!before) return undefined
  const changes = quoteColumns(quote)
  const isSame =
    before.quote_of_uri === changes.quote_of_uri &&
    before.quote_of_id === changes.quote_of_id &&
    before.quote_state === changes.quote_state &&
    before.quote_authorization_uri === changes.quote_authorization_uri
  if (isSame) return undefined
  await updateNote(trx, noteId, changes)
  const after = { ...before, ...changes }
  const [countedBefore, countedAfter] = [countedQuoteOf(before), countedQuoteOf(after)]
  if (countedBefore === countedAfter) return after
  if (countedBefore !== null) await addToNoteCounter(trx, countedBefore, 'quotes_count', -1)
  if (countedAfter !== null) {
    await addToNoteCounter(trx, countedAfter, 'quotes_count', 1)
    await notifyQuoted(trx, after)
  }
  return after
}

/** As `setQuote`, of what the note quotes already. */
export function setQuoteState(
  trx: Transaction<Database>,
  note: Note,
  changes: Partial<QuoteDraft> & Pick<QuoteDraft, 'state'>,
): Promise<Note | undefined> {
  const quote = quoteOf(note)
  return quote ? setQuote(trx, note.id, { ...quote, ...changes }) : Promise.resolve(undefined)
}

export function quoteOf(note: Note): QuoteDraft | null {
  const { quote_of_uri: uri, quote_state: state } = note
  if (uri === null || state === null) return null
  const { quote_of_id: id, quote_authorization_uri: authorizationUri, quote_is_legacy: isLegacy } = note
  return { uri, id, state, authorizationUri, isLegacy }
}

export function quoteColumns(quote: QuoteDraft | null) {
  return {
    quote_of_id: quote?.id ?? null,
    quote_of_uri: quote?.uri ?? null,
    quote_state: quote?.state ?? null,
    quote_authorization_uri: quote?.authorizationUri ?? null,
    quote_is_legacy: quote?.isLegacy ?? false,
  }
}

/** The note in whose `quotes_count` another is counted. */
export function countedQuoteOf(note: Note): Id | null {
  return note.quote_state === 'accepted' ? note.quote_of_id : null
}

/**
 * Takes back that a note of the viewer's may be quoted by another. Answers the quoting note, which no longer shows it.
 * @throws AppError notFound; forbidden for whom it is not to decide
 */
export async function revokeQuote(app: App, viewerId: Id, noteId: Id, quotingId: Id): Promise<NoteView> {
  const quoted = await getVisibleNote(app.db, noteId, viewerId)
  const quoting = await getVisibleNote(app.db, quotingId, viewerId)
  if (quoting.quote_of_id !== quoted.id) throw notFound()
  if (quoted.account_id !== viewerId) throw notAllowed()
  await app.db.transaction().execute(async (trx) => {
    const revoked = await setQuoteState(trx, quoting, { state: 'revoked', authorizationUri: null })
    if (revoked?.is_local) await deliverChange(trx, app, revoked)
    const pair = { quotedNoteId: quoted.id, quotingUri: quoting.uri }
    const authorization = await findAuthorizationOf(trx, pair)
    if (!authorization || authorization.state === 'revoked') return
    await setAuthorizationState(trx, authorization.id, 'revoked')
    await enqueue(trx, 'deliverQuoteRevocation', { authorizationId: authorization.id })
  })
  return loadNoteView(app.db, quoting.id, viewerId)
}

/**
 * Who may quote an own note from now on; quotes there are stay.
 * @throws AppError notFound, for somebody else's too; invalid without a policy
 */
export async function changeQuotePolicy(
  app: App,
  viewerId: Id,
  noteId: Id,
  policy: QuotePolicy | undefined,
): Promise<NoteView> {
  const note = await getVisibleNote(app.db, noteId, viewerId)
  if (note.account_id !== viewerId || note.boost_of_id !== null) throw notFound()
  if (!policy) throw new AppError('invalid', 'Validation failed: Quote approval policy can’t be blank')
  await app.db.transaction().execute(async (trx) => {
    const living = await lockLivingNote(trx, noteId)
    if (!living || living.quote_policy === policy) return
    await updateNote(trx, noteId, { quote_policy: policy })
    await deliverChange(trx, app, living)
  })
  return loadNoteView(app.db, noteId, viewerId)
}

/** Tells other servers that something about a local note changed that its author did not write. */
export async function deliverChange(trx: Transaction<Database>, app: App, note: Note): Promise<void> {
  const version = String(app.clock.now().getTime())
  const payload = { noteId: note.id, activity: 'Update' as const, version }
  await enqueue(trx, 'deliverNote', payload, { orderingKey: note.uri })
}
