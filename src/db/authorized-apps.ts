import { type Kysely, sql, type Transaction } from 'kysely'
import { publishStreamEvent } from './stream-events.ts'
import type { Database, Id } from './tables.ts'

/** An application that holds living tokens of someone. */
export type AuthorizedApp = {
  id: Id
  name: string
  website: string | null
  /** Of all its tokens together. */
  scopes: string[]
  /** True to the hour. */
  lastUsedAt: Date | null
  authorizedAt: Date
}

/** The latest registered first. */
export function listAuthorizedApps(
  db: Kysely<Database>,
  accountId: Id,
  { limit, maxId }: { limit: number; maxId: Id | undefined },
): Promise<AuthorizedApp[]> {
  return db
    .selectFrom('access_tokens as token')
    .innerJoin('applications as app', 'app.id', 'token.application_id')
    .crossJoinLateral(sql<{ scope: string }>`unnest(token.scopes)`.as<'granted'>(sql`granted(scope)`))
    .select([
      'app.id',
      'app.name',
      'app.website',
      sql<string[]>`array_agg(distinct granted.scope order by granted.scope)`.as('scopes'),
      (eb) => eb.fn.max('token.last_used_at').as('lastUsedAt'),
      (eb) => eb.fn.max('token.created_at').as('authorizedAt'),
    ])
    .where('token.account_id', '=', accountId)
    .where('token.revoked_at', 'is', null)
    .$if(maxId !== undefined, (query) => query.where('app.id', '<', maxId ?? ''))
    .groupBy('app.id')
    .orderBy('app.id', 'desc')
    .limit(limit)
    .execute()
}

type Grant = { accountId: Id; applicationId: Id }

/** Whether the application holds a living token of theirs for just these scopes. */
export async function hasTokenFor(
  db: Kysely<Database>,
  { scopes, ...grant }: Grant & { scopes: string[] },
): Promise<boolean> {
  const row = await livingTokens(db, grant)
    .where(sql<boolean>`scopes @> ${scopes}::text[] and scopes <@ ${scopes}::text[]`)
    .executeTakeFirst()
  return row !== undefined
}

export async function hasAnyTokenFor(db: Kysely<Database>, grant: Grant): Promise<boolean> {
  return (await livingTokens(db, grant).executeTakeFirst()) !== undefined
}

function livingTokens(db: Kysely<Database>, { accountId, applicationId }: Grant) {
  return db
    .selectFrom('access_tokens')
    .select('id')
    .where('account_id', '=', accountId)
    .where('application_id', '=', applicationId)
    .where('revoked_at', 'is', null)
    .limit(1)
}

/** All tokens of theirs that the application holds, and the codes it has not exchanged yet. */
export async function revokeGrants(
  trx: Transaction<Database>,
  { accountId, applicationId }: Grant,
  now: Date,
): Promise<void> {
  await trx
    .deleteFrom('authorization_codes')
    .where('account_id', '=', accountId)
    .where('application_id', '=', applicationId)
    .where('used_at', 'is', null)
    .execute()
  const revoked = await trx
    .updateTable('access_tokens')
    .set({ revoked_at: now })
    .where('account_id', '=', accountId)
    .where('application_id', '=', applicationId)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute()
  await publishStreamEvent(
    trx,
    'tokens',
    revoked.map(({ id }) => id),
  )
}
