import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { anyOf } from './ids.ts'
import { type Page, pageByKey } from './paging.ts'
import { refusesNews } from './refusals.ts'
import { tellOf } from './stream-events.ts'
import type { Database, Id } from './tables.ts'
import type { ConversationsTable } from './tables-direct.ts'

// With the address of a conversation an index row has no room for more.
const mostParticipants = 75

export type Conversation = Selectable<ConversationsTable>

/**
 * Puts direct notes into the conversations of the people here who wrote or are sent them, as far as they want to hear
 * of them; what goes to a crowd is in none. To who wrote it, it is read. Twice is as good as once. One statement, however
 * many notes, which also tells the open streams.
 */
export async function enterConversations(trx: Transaction<Database>, noteIds: readonly Id[]): Promise<void> {
  const party = sql`
    select notes.account_id as id union select mentions.account_id from mentions where mentions.note_id = notes.id`
  await sql`
    with entered as materialized (
      select notes.id as note_id, notes.conversation_uri, users.account_id,
        notes.account_id <> users.account_id as is_unread,
        array(
          select other.id from (${party}) as other where other.id <> users.account_id order by other.id
        ) as participant_ids
      from notes
      cross join lateral (${party}) as party
      join users on users.account_id = party.id
      where notes.id = any(${[...noteIds]}::bigint[])
        and (
          notes.account_id = users.account_id
          or not ${refusesNews(sql.ref('users.account_id'), sql.ref('notes.account_id'), sql.ref('notes.id'))}
        )
        and not exists (
          select from conversation_entries as known
          where known.account_id = users.account_id and known.note_id = notes.id)
    ), conversed as (
      insert into conversations as known (account_id, conversation_uri, participant_ids, last_note_id, is_unread)
      select account_id, conversation_uri, participant_ids, max(note_id),
        (array_agg(is_unread order by note_id desc))[1]
      from entered where cardinality(participant_ids) <= ${sql.lit(mostParticipants)}
      group by account_id, conversation_uri, participant_ids
      order by account_id, conversation_uri, participant_ids
      on conflict (account_id, conversation_uri, participant_ids) do update
        set last_note_id = greatest(known.last_note_id, excluded.last_note_id), is_unread = excluded.is_unread
      returning id, account_id, conversation_uri, participant_ids
    ), kept as (
      insert into conversation_entries (account_id, note_id, conversation_id)
      select entered.account_id, entered.note_id, conversed.id
      from entered left join conversed using (account_id, conversation_uri, participant_ids)
      on conflict do nothing
    )
    ${tellOf('conversations', sql`select id from conversed`)}
  `.execute(trx)
}

/** Takes a note out of conversations; one that held nothing else goes. */
export async function leaveConversations(trx: Transaction<Database>, noteId: Id): Promise<void> {
  await trx.deleteFrom('conversation_entries').where('note_id', '=', noteId).execute()
  await sql`
    with last as (
      select conversations.id,
        (select max(entries.note_id) from conversation_entries as entries
          where entries.conversation_id = conversations.id) as note_id
      from conversations where conversations.last_note_id = ${noteId}
    ), emptied as (
      delete from conversations using last where conversations.id = last.id and last.note_id is null
    )
    update conversations set last_note_id = last.note_id
    from last where conversations.id = last.id and last.note_id is not null
  `.execute(trx)
}

/** Newest note first; that is the cursor. */
export function listConversations(db: Kysely<Database>, accountId: Id, page: Page): Promise<Conversation[]> {
  const query = db.selectFrom('conversations').selectAll().where('account_id', '=', accountId)
  return pageByKey(query, 'last_note_id', page)
}

/** Those of them that are one of these people's. */
export function listConversationsByIds(
  db: Kysely<Database>,
  ids: readonly Id[],
  accountIds: readonly Id[],
): Promise<Conversation[]> {
  return db
    .selectFrom('conversations')
    .selectAll()
    .where('id', '=', anyOf(ids))
    .where((eb) => eb(sql`(account_id in (select unnest(${[...accountIds]}::bigint[])))`, 'is', true))
    .orderBy('id')
    .execute()
}

/** Undefined for somebody else's too. */
export function markConversation(
  db: Kysely<Database>,
  { id, accountId, isUnread }: { id: Id; accountId: Id; isUnread: boolean },
): Promise<Conversation | undefined> {
  return db
    .updateTable('conversations')
    .set({ is_unread: isUnread })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returningAll()
    .executeTakeFirst()
}

/** False when there was none of theirs. Its notes stay. */
export async function deleteConversation(db: Kysely<Database>, id: Id, accountId: Id): Promise<boolean> {
  const gone = await db
    .deleteFrom('conversations')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('id')
    .execute()
  return gone.length > 0
}

export async function deleteConversationsWith(
  trx: Transaction<Database>,
  accountId: Id,
  otherId: Id,
): Promise<void> {
  await trx
    .deleteFrom('conversations')
    .where('account_id', '=', accountId)
    .where(sql<boolean>`${otherId}::bigint = any(participant_ids)`)
    .execute()
}
