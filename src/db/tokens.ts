import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import { anyOf } from './ids.ts'
import { publishStreamEvent } from './stream-events.ts'
import type { Database, Id, Role } from './tables.ts'
import type { AccessTokensTable, AuthorizationCodesTable } from './tables-auth.ts'

export type AuthorizationCode = Selectable<AuthorizationCodesTable>
export type AccessToken = Selectable<AccessTokensTable>

/** A token that was not revoked, and whom it stands for. */
export type TokenBearer = {
  tokenId: Id
  applicationId: Id | null
  scopes: string[]
  tokenUsedAt: Date | null
  accountId: Id | null
  userId: Id | null
  role: Role | null
  lastActiveAt: Date | null
  /** Why the person may not come in yet, or any more. */
  refusal: 'unconfirmed' | 'unapproved' | 'disabled' | null
}

export async function insertAuthorizationCode(
  db: Kysely<Database>,
  values: Insertable<AuthorizationCodesTable>,
): Promise<void> {
  await db.insertInto('authorization_codes').values(values).execute()
}

/** Locked until the transaction ends: of two simultaneous uses the second sees the first. */
export function findAuthorizationCodeForUse(
  trx: Transaction<Database>,
  codeHash: string,
): Promise<AuthorizationCode | undefined> {
  return trx
    .selectFrom('authorization_codes')
    .selectAll()
    .where('code_hash', '=', codeHash)
    .forUpdate()
    .executeTakeFirst()
}

export async function markCodeUsed(trx: Transaction<Database>, id: Id, now: Date): Promise<void> {
  await trx.updateTable('authorization_codes').set({ used_at: now }).where('id', '=', id).execute()
}

/** A day late, so that a second use of a code that was used is still recognised. */
export async function deleteExpiredCodes(db: Kysely<Database>, now: Date): Promise<void> {
  const yesterday = new Date(now.getTime() - 24 * 3_600_000)
  await db.deleteFrom('authorization_codes').where('expires_at', '<', yesterday).execute()
}

export function insertAccessToken(
  db: Kysely<Database>,
  values: Insertable<AccessTokensTable>,
): Promise<AccessToken> {
  return db.insertInto('access_tokens').values(values).returningAll().executeTakeFirstOrThrow()
}

export async function findTokenBearer(
  db: Kysely<Database>,
  tokenHash: string,
): Promise<TokenBearer | undefined> {
  const row = await db
    .selectFrom('access_tokens as token')
    .leftJoin('accounts as account', 'account.id', 'token.account_id')
    .leftJoin('users as user', 'user.account_id', 'token.account_id')
    .select([
      'token.id as tokenId',
      'token.application_id as applicationId',
      'token.scopes',
      'token.last_used_at as tokenUsedAt',
      'token.account_id as accountId',
      'user.id as userId',
      'user.role',
      'user.last_active_at as lastActiveAt',
      'user.confirmed_at as confirmedAt',
      'user.approved_at as approvedAt',
      'user.disabled_at as disabledAt',
      'account.suspended_at as suspendedAt',
      'account.deleted_at as deletedAt',
    ])
    .where('token.token_hash', '=', tokenHash)
    .where('token.revoked_at', 'is', null)
    .executeTakeFirst()
  if (!row) return undefined
  const { confirmedAt, approvedAt, disabledAt, suspendedAt, deletedAt, ...bearer } = row
  const isPerson = row.accountId !== null
  const isOrphan = isPerson && row.userId === null
  if (isOrphan || disabledAt || deletedAt) return { ...bearer, refusal: 'disabled' }
  // Before the suspension, for until then nobody sees the account.
  if (isPerson && !confirmedAt) return { ...bearer, refusal: 'unconfirmed' }
  if (isPerson && !approvedAt) return { ...bearer, refusal: 'unapproved' }
  return { ...bearer, refusal: suspendedAt ? 'disabled' : null }
}

export async function markTokenUsed(db: Kysely<Database>, tokenId: Id, now: Date): Promise<void> {
  await db.updateTable('access_tokens').set({ last_used_at: now }).where('id', '=', tokenId).execute()
}

/** Whose a token is, ended or not; undefined for an unknown one. */
export async function findTokenApplication(
  db: Kysely<Database>,
  tokenHash: string,
): Promise<{ applicationId: Id | null } | undefined> {
  return db
    .selectFrom('access_tokens')
    .select('application_id as applicationId')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
}

export async function revokeToken(db: Kysely<Database>, tokenHash: string, now: Date): Promise<void> {
  const revoked = await db
    .updateTable('access_tokens')
    .set({ revoked_at: now })
    .where('token_hash', '=', tokenHash)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (revoked) await publishStreamEvent(db, 'tokens', [revoked.id])
}

/** Of an account: nobody who held one gets in any more. */
export async function revokeTokensOfAccount(db: Kysely<Database>, accountId: Id, now: Date): Promise<void> {
  await db
    .updateTable('access_tokens')
    .set({ revoked_at: now })
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .execute()
  await publishStreamEvent(db, 'accounts', [accountId])
}

export async function revokeTokensOfCode(db: Kysely<Database>, codeId: Id, now: Date): Promise<void> {
  const revoked = await db
    .updateTable('access_tokens')
    .set({ revoked_at: now })
    .where('authorization_code_id', '=', codeId)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute()
  await publishStreamEvent(
    db,
    'tokens',
    revoked.map(({ id }) => id),
  )
}

/** Which of these tokens still let somebody in. */
export async function listLivingTokenIds(db: Kysely<Database>, ids: readonly Id[]): Promise<Id[]> {
  const rows = await db
    .selectFrom('access_tokens as token')
    .innerJoin('accounts as account', 'account.id', 'token.account_id')
    .innerJoin('users as user', 'user.account_id', 'token.account_id')
    .select('token.id')
    .where('token.id', '=', anyOf(ids))
    .where('token.revoked_at', 'is', null)
    .where('user.disabled_at', 'is', null)
    .where('account.suspended_at', 'is', null)
    .where('account.deleted_at', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}
