import {
  type ExpressionWrapper,
  expressionBuilder,
  type Kysely,
  type RawBuilder,
  type Selectable,
  type SqlBool,
  sql,
  type Transaction,
} from 'kysely'
import type { Note } from './notes.ts'
import { type Page, pageByKey } from './paging.ts'
import type { Database, Id, QuoteState } from './tables.ts'
import type { QuoteAuthorizationsTable } from './tables-conversation.ts'
import { followsAuthor, isOpen, visibleTo } from './visibility.ts'

export type QuoteAuthorization = Selectable<QuoteAuthorizationsTable>

/**
 * Which notes an account may quote, or ask to: an own one, unless it is a direct message; of others what everyone may
 * read, as its author's policy says, and nothing between people one of whom blocks the other.
 */
export function quotableBy(accountId: Id): ExpressionWrapper<Database, 'notes', SqlBool> {
  const eb = expressionBuilder<Database, 'notes'>()
  return eb.and([
    eb('notes.boost_of_id', 'is', null),
    eb.or([
      eb.and([eb('notes.account_id', '=', accountId), eb('notes.visibility', '!=', sql.lit('direct'))]),
      eb.and([
        isOpen(eb),
        eb.not(isBlockedWith(accountId)),
        eb.or([
          eb('notes.quote_policy', '=', sql.lit('public')),
          eb.and([eb('notes.quote_policy', '=', sql.lit('followers')), followsAuthor(accountId)]),
        ]),
      ]),
    ]),
  ])
}

/** Whether an account and the author of a row of `notes` have blocked each other, either way. */
export function isBlockedWith(accountId: Id): RawBuilder<SqlBool> {
  // Hardly anybody blocks many: both lists are read once per statement.
  return sql<SqlBool>`(
    notes.account_id in (select target_id from blocks where blocks.account_id = ${accountId})
    or notes.account_id in (select account_id from blocks where blocks.target_id = ${accountId}))`
}

/** Undefined alike for what is not there, hidden, and not to be quoted by this account. */
export function findQuotableNote(db: Kysely<Database>, id: Id, accountId: Id): Promise<Note | undefined> {
  return db
    .selectFrom('notes')
    .selectAll('notes')
    .where('notes.id', '=', id)
    .where(visibleTo(accountId))
    .where(quotableBy(accountId))
    .executeTakeFirst()
}

type NewAuthorization = {
  id?: Id | undefined
  quotedNoteId: Id
  quotingUri: string
  quotingAccountId: Id
  requestUri: string | null
  state: 'accepted' | 'rejected'
}

/**
 * Remembers what became of a request, whenever it comes again: what was refused may be allowed now, what was
 * revoked stays so.
 */
export async function decideQuote(
  trx: Transaction<Database>,
  { id, quotedNoteId, quotingUri, quotingAccountId, requestUri, state }: NewAuthorization,
): Promise<QuoteAuthorization> {
  const known = await trx
    .insertInto('quote_authorizations')
    .values({
      ...(id !== undefined && { id }),
      quoted_note_id: quotedNoteId,
      quoting_uri: quotingUri,
      quoting_account_id: quotingAccountId,
      request_uri: requestUri,
      state,
    })
    .onConflict((conflict) =>
      conflict.columns(['quoted_note_id', 'quoting_uri']).doUpdateSet({
        request_uri: requestUri,
        quoting_account_id: quotingAccountId,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  if (known.state !== 'rejected' || state !== 'accepted') return known
  await setAuthorizationState(trx, known.id, 'accepted')
  return { ...known, state: 'accepted' }
}

export async function setAuthorizationState(
  trx: Transaction<Database>,
  id: Id,
  state: QuoteState,
): Promise<void> {
  await trx.updateTable('quote_authorizations').set({ state }).where('id', '=', id).execute()
}

export function findQuoteAuthorization(
  db: Kysely<Database>,
  id: Id,
): Promise<QuoteAuthorization | undefined> {
  return db.selectFrom('quote_authorizations').selectAll().where('id', '=', id).executeTakeFirst()
}

export function findAuthorizationOf(
  db: Kysely<Database>,
  { quotedNoteId, quotingUri }: { quotedNoteId: Id; quotingUri: string },
): Promise<QuoteAuthorization | undefined> {
  return db
    .selectFrom('quote_authorizations')
    .selectAll()
    .where('quoted_note_id', '=', quotedNoteId)
    .where('quoting_uri', '=', quotingUri)
    .executeTakeFirst()
}

/** The notes quoting with this proof, tombstones left out. */
export function listNotesByAuthorization(db: Kysely<Database>, uri: string): Promise<Note[]> {
  return db
    .selectFrom('notes')
    .selectAll()
    .where('quote_authorization_uri', '=', uri)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .limit(100)
    .execute()
}

/** Notes that came before those they quote, the newest so many for each. */
export async function listAwaitingQuoted(
  db: Kysely<Database>,
  quotedUris: readonly string[],
  limit: number,
): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`
    select quoting.id from unnest(${[...quotedUris]}::text[]) as quoted (uri)
    cross join lateral (
      select id from notes
      where quote_of_uri = quoted.uri and quote_of_id is null and deleted_at is null
      order by id desc limit ${sql.lit(limit)}
    ) as quoting
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** The accepted quotes of a note that the viewer may see, newest first; their ids are the cursors. */
export async function listQuoteIds(
  db: Kysely<Database>,
  noteId: Id,
  viewerId: Id | null,
  page: Page,
): Promise<Id[]> {
  const quotes = db
    .selectFrom('notes')
    .select('notes.id')
    .where('notes.quote_of_id', '=', noteId)
    .where('notes.quote_state', '=', 'accepted')
    .where(visibleTo(viewerId))
  const rows = await pageByKey(quotes, 'notes.id', page)
  return rows.map(({ id }) => id)
}

/** The accepted quotes of a note by people of this server. */
export function listLocalQuotes(
  db: Kysely<Database>,
  noteId: Id,
): Promise<Pick<Note, 'id' | 'account_id'>[]> {
  return db
    .selectFrom('notes')
    .select(['id', 'account_id'])
    .where('quote_of_id', '=', noteId)
    .where('quote_state', '=', 'accepted')
    .where('is_local', '=', true)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .limit(1_000)
    .execute()
}
