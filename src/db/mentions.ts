import type { Kysely, Transaction } from 'kysely'
import type { Account } from './accounts.ts'
import type { Database, Id } from './tables.ts'

export async function insertMentions(
  trx: Transaction<Database>,
  noteId: Id,
  accountIds: Id[],
): Promise<void> {
  if (accountIds.length === 0) return
  await trx
    .insertInto('mentions')
    .values([...new Set(accountIds)].map((accountId) => ({ note_id: noteId, account_id: accountId })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function replaceMentions(
  trx: Transaction<Database>,
  noteId: Id,
  accountIds: Id[],
): Promise<void> {
  await trx.deleteFrom('mentions').where('note_id', '=', noteId).execute()
  await insertMentions(trx, noteId, accountIds)
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
    .where('mentions.note_id', 'in', noteIds)
    .orderBy('mentions.account_id')
    .execute()
}
