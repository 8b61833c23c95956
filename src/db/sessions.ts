import type { Insertable, Kysely, Transaction } from 'kysely'
import type { Database, Id, Role } from './tables.ts'
import type { SessionsTable } from './tables-auth.ts'

/** A living session of someone who may be here. */
export type SessionViewer = { sessionId: Id; userId: Id; accountId: Id; role: Role; lastActiveAt: Date }

export async function insertSession(
  trx: Transaction<Database>,
  values: Insertable<SessionsTable>,
): Promise<void> {
  await trx.insertInto('sessions').values(values).execute()
}

/** Undefined when the session ended, or its user is disabled, suspended or gone. */
export function findSessionViewer(
  db: Kysely<Database>,
  tokenHash: string,
  now: Date,
): Promise<SessionViewer | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .innerJoin('accounts', 'accounts.id', 'users.account_id')
    .select([
      'sessions.id as sessionId',
      'users.id as userId',
      'users.account_id as accountId',
      'users.role',
      'users.last_active_at as lastActiveAt',
    ])
    .where('sessions.token_hash', '=', tokenHash)
    .where('sessions.expires_at', '>', now)
    .where('users.disabled_at', 'is', null)
    .where('accounts.suspended_at', 'is', null)
    .where('accounts.deleted_at', 'is', null)
    .executeTakeFirst()
}

/** Those of someone that have not ended, the newest first. */
export function listSessions(db: Kysely<Database>, userId: Id, { now, limit }: { now: Date; limit: number }) {
  return db
    .selectFrom('sessions')
    .select(['id', 'user_agent as userAgent', 'token_hash as tokenHash', 'created_at as createdAt'])
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** One of theirs; anyone else's stays. */
export async function deleteSessionOfUser(db: Kysely<Database>, userId: Id, id: Id): Promise<void> {
  await db.deleteFrom('sessions').where('user_id', '=', userId).where('id', '=', id).execute()
}

export async function deleteSession(db: Kysely<Database>, tokenHash: string): Promise<void> {
  await db.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute()
}

export async function deleteSessionsOfUser(trx: Transaction<Database>, userId: Id): Promise<void> {
  await trx.deleteFrom('sessions').where('user_id', '=', userId).execute()
}

export async function deleteExpiredSessions(db: Kysely<Database>, now: Date): Promise<void> {
  await db.deleteFrom('sessions').where('expires_at', '<=', now).execute()
}
