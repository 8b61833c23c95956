import { type Kysely, sql, type Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import { anyOf } from './ids.ts'
import type { Database, Id } from './tables.ts'

export type NewMention = { noteId: Id; accountId: Id }

export async function insertMentions(
  trx: Transaction<Database>,
  mentions: readonly NewMention[],
): Promise<void> {
  if (mentions.length === 0) return
  await sql`
    insert into mentions (note_id, account_id)
    select * from unnest(${mentions.map(({ noteId }) => noteId)}::bigint[],
      ${mentions.map(({ accountId }) => accountId)}::bigint[])
    on conflict do nothing
  `.execute(trx)
}

export async function replaceMentions(
  trx: Transaction<Database>,
  noteId: Id,
  accountIds: Id[],
): Promise<void> {
  await trx.deleteFrom('mentions').where('note_id', '=', noteId).execute()
  await insertMentions(
    trx,
    accountIds.map((accountId) => ({ noteId, accountId })),
  )
}

export type Mention = Pick<Account, 'id' | 'username' | 'domain' | 'url' | 'uri' | 'name' | 'inbox_uri'>

export function listMentions(db: Kysely<Database>, noteIds: Id[]): Promise<(Mention & { note_id: Id })[]> {
  if (noteIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('mentions')
    .innerJoin('accounts', 'accounts.id', 'mentions.account_id')
    .select([
      'mentions.note_id',
      'accounts.id',
      'accounts.username',
      'accounts.domain',
      'accounts.url',
      'accounts.uri',
      'accounts.name',
      'accounts.inbox_uri',
    ])
    .where('mentions.note_id', '=', anyOf(noteIds))
    .orderBy('mentions.account_id')
    .execute()
}
