import { type Kysely, sql } from 'kysely'
import type { Account } from './accounts.ts'
import type { Database, Id } from './tables.ts'

// Followers of one account by the server they are on (FEP-8fcf): a server is the host, with its port, of their ids.

const hostOf = sql<string>`lower(split_part(accounts.uri, '/', 3))`

const acceptedFollowers = (db: Kysely<Database>, followeeId: Id) =>
  db
    .selectFrom('follows')
    .innerJoin('accounts', 'accounts.id', 'follows.follower_id')
    .where('follows.followee_id', '=', followeeId)
    .where('follows.state', '=', 'accepted')
    .where('accounts.deleted_at', 'is', null)

/**
 * For each server, the SHA-256 of its followers' ids combined by exclusive or, in hexadecimal. All at once, since a
 * note for followers asks for each of them.
 */
export async function listFollowerDigests(
  db: Kysely<Database>,
  followeeId: Id,
): Promise<Map<string, string>> {
  const rows = await acceptedFollowers(db, followeeId)
    .select([
      hostOf.as('host'),
      sql<string>`bit_xor(('x' || encode(sha256(convert_to(accounts.uri, 'UTF8')), 'hex'))::bit(256))::text`.as(
        'bits',
      ),
    ])
    .groupBy(hostOf)
    .execute()
  return new Map(rows.map(({ host, bits }) => [host, BigInt(`0b${bits}`).toString(16).padStart(64, '0')]))
}

export async function listFollowerUrisOn(
  db: Kysely<Database>,
  followeeId: Id,
  host: string,
): Promise<string[]> {
  const rows = await acceptedFollowers(db, followeeId)
    .select('accounts.uri')
    .where(hostOf, '=', host)
    .orderBy('follows.id')
    .execute()
  return rows.map(({ uri }) => uri)
}

/** Who of us follows an account, pending ones included. */
export function listLocalFollowersOf(
  db: Kysely<Database>,
  followeeId: Id,
): Promise<(Pick<Account, 'id' | 'uri'> & { state: 'pending' | 'accepted' })[]> {
  return db
    .selectFrom('follows')
    .innerJoin('accounts', 'accounts.id', 'follows.follower_id')
    .select(['accounts.id', 'accounts.uri', 'follows.state'])
    .where('follows.followee_id', '=', followeeId)
    .where('accounts.domain', 'is', null)
    .execute()
}
