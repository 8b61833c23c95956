import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { lockLivingNote } from './notes.ts'
import type { Database, Id } from './tables.ts'
import type { ReactionsTable } from './tables-conversation.ts'

export type Reaction = Selectable<ReactionsTable>

/** How many different reactions one account may give one note. */
export const maxReactionsEach = 20
/** How many kinds are shown of one note: a thousand people could give it thousands. */
const maxKinds = 50

/** How often a note was reacted to with one emoji. */
export type ReactionCount = {
  note_id: Id
  name: string
  emoji_url: string | null
  count: number
  /** Whether the viewer is among them. */
  is_own: boolean
}

/** In one query, the most frequent first, the fifty most frequent of each note. */
export async function listReactionCounts(
  db: Kysely<Database>,
  noteIds: Id[],
  viewerId: Id | null,
): Promise<ReactionCount[]> {
  if (noteIds.length === 0) return []
  const { rows } = await sql<ReactionCount>`
    select note_id, name, emoji_url, count, is_own from (
      select note_id, name, max(emoji_url) as emoji_url, count(*)::int as count,
        coalesce(bool_or(account_id = ${viewerId}::bigint), false) as is_own,
        row_number() over (partition by note_id order by count(*) desc, min(id)) as place
      from reactions where note_id = any(${noteIds}::bigint[])
      group by note_id, name
    ) as kinds
    where place <= ${sql.lit(maxKinds)}
    order by note_id, place
  `.execute(db)
  return rows
}

/** Undefined when it is there already, the note is not any more, or the account has given enough of them. */
export async function insertReaction(
  trx: Transaction<Database>,
  values: Insertable<ReactionsTable>,
): Promise<Reaction | undefined> {
  // With the note locked nobody counts at the same time.
  if (!(await lockLivingNote(trx, values.note_id))) return undefined
  if ((await countReactionsBy(trx, values.account_id, values.note_id)) >= maxReactionsEach) return undefined
  return trx
    .insertInto('reactions')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
}

/** Undefined when there was nothing to take back. */
export function deleteReaction(
  trx: Transaction<Database>,
  what: { accountId: Id; noteId: Id; name: string },
): Promise<Reaction | undefined> {
  return trx
    .deleteFrom('reactions')
    .where('account_id', '=', what.accountId)
    .where('note_id', '=', what.noteId)
    .where('name', '=', what.name)
    .returningAll()
    .executeTakeFirst()
}

/** All that an account gave, when it goes. */
export async function deleteReactionsOf(db: Kysely<Database>, accountId: Id): Promise<void> {
  await db.deleteFrom('reactions').where('account_id', '=', accountId).execute()
}

export async function countReactionsBy(db: Kysely<Database>, accountId: Id, noteId: Id): Promise<number> {
  const { count } = await db
    .selectFrom('reactions')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('account_id', '=', accountId)
    .where('note_id', '=', noteId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export function findReactionByUri(db: Kysely<Database>, uri: string): Promise<Reaction | undefined> {
  return db.selectFrom('reactions').selectAll().where('uri', '=', uri).executeTakeFirst()
}

/** What others gave a note under this name, for somebody who wants to join them. */
export function findReactionNamed(
  db: Kysely<Database>,
  noteId: Id,
  name: string,
): Promise<Reaction | undefined> {
  return db
    .selectFrom('reactions')
    .selectAll()
    .where('note_id', '=', noteId)
    .where('name', '=', name)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** The people behind the reactions of a note, the first of them first, with what each gave. */
export function listReactors(
  db: Kysely<Database>,
  noteId: Id,
  limit: number,
): Promise<(Account & { reaction: string })[]> {
  return db
    .selectFrom('reactions')
    .innerJoin('accounts', 'accounts.id', 'reactions.account_id')
    .selectAll('accounts')
    .select('reactions.name as reaction')
    .where('reactions.note_id', '=', noteId)
    .where('accounts.deleted_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
    .orderBy('reactions.id')
    .limit(limit)
    .execute()
}
