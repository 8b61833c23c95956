import type { Kysely } from 'kysely'
import { makeKeyPairs, type NewKeyPair } from '#src/accounts/keys.ts'
import { registerAccount } from '#src/accounts/register.ts'
import { issueToken } from '#src/auth/grants.ts'
import { systemClock } from '#src/base/clock.ts'
import { parseConfig } from '#src/base/config.ts'
import { createUris } from '#src/base/uris.ts'
import type { Database, Id } from '#src/db/tables.ts'

export type StoredPerson = { accountId: Id; token: string }

/**
 * Makes a person with a token in the database of a server that runs in another process, or not yet.
 * @param environment of that server, with its PORT or PUBLIC_URL and its SECRET_KEY
 * @param given keys of their own, unless told
 */
export async function storePerson(
  db: Kysely<Database>,
  environment: Record<string, string>,
  username: string,
  given?: NewKeyPair[],
): Promise<StoredPerson> {
  const config = parseConfig(environment)
  const { publicUrl = '', secretKey = '' } = config
  const keys = given ?? (await makeKeyPairs())
  const registrar = {
    config,
    secretKey,
    uris: createUris(publicUrl),
    handleHost: new URL(publicUrl).host,
    clock: systemClock,
  }
  const { account } = await db.transaction().execute((trx) =>
    registerAccount(trx, registrar, {
      username,
      email: `${username}@mail.example`,
      // Nobody signs in with it.
      passwordHash: '-',
      role: 'user',
      confirmed: true,
      approved: true,
      keys,
    }),
  )
  const request = { application: null, accountId: account.id, scopes: ['read', 'write', 'follow'] }
  const { token } = await issueToken({ db, clock: systemClock }, request)
  return { accountId: account.id, token }
}
