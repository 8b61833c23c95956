import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { Insertable, Kysely } from 'kysely'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { ConfigError } from '#src/base/config.ts'
import { decryptSecret, encryptSecret } from '#src/base/secrets.ts'
import type { Uris } from '#src/base/uris.ts'
import { type Account, updateAccount } from '#src/db/accounts.ts'
import { insertAuditEntry } from '#src/db/audit-log.ts'
import {
  type AccountKey,
  findAnyKey,
  insertAccountKeys,
  listAccountKeys,
  replaceAccountKeys,
} from '#src/db/keys.ts'
import type { AccountKeysTable, Database, Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'

type KeyKind = AccountKey['kind']

export type KeyPair = {
  kind: KeyKind
  keyUri: string
  publicKey: CryptoKey
  privateKey: CryptoKey
}

export type NewKeyPair = { kind: KeyKind; publicJwk: JWK; privateJwk: JWK }

const algorithms = { rsa: 'RS256', ed25519: 'Ed25519' } as const

/** Takes up to a second of a processor: never inside a transaction. */
export async function makeKeyPairs(): Promise<NewKeyPair[]> {
  return Promise.all([makeKeyPair('rsa'), makeKeyPair('ed25519')])
}

async function makeKeyPair(kind: KeyKind): Promise<NewKeyPair> {
  // 2048 bits, which every peer verifies and which sign many times as fast as Fedify's default of 4096.
  const options = { extractable: true, modulusLength: 2048 }
  const pair = await generateKeyPair(algorithms[kind], options)
  return { kind, publicJwk: await exportJWK(pair.publicKey), privateJwk: await exportJWK(pair.privateKey) }
}

type KeyKeeper = { uris: Uris; secretKey: string }

type Owned = { accountId: Id; keys: NewKeyPair[] }

/** Stores the pairs of a new local account, the private halves encrypted with the server's secret. */
export async function storeKeyPairs(db: Kysely<Database>, keeper: KeyKeeper, owned: Owned): Promise<void> {
  await insertAccountKeys(db, rowsOf(keeper, owned))
}

/** The time within which every process of this server has noticed that keys were replaced. */
export const keysNoticedWithinMs = 60_000

/**
 * Gives a local account new keys under the old ids, for when the old may have been seen by others. Its followers' servers
 * are told once all of ours sign with the new; who hears of something signed earlier than that reads the keys anew.
 */
export async function rotateKeys(
  app: KeyKeeper & Pick<App, 'db' | 'clock'>,
  account: Pick<Account, 'id' | 'uri' | 'username'>,
): Promise<void> {
  const { id: accountId, uri, username } = account
  const rows = rowsOf(app, { accountId, keys: await makeKeyPairs() })
  const runAt = new Date(app.clock.now().getTime() + 2 * keysNoticedWithinMs)
  await app.db.transaction().execute(async (trx) => {
    await replaceAccountKeys(trx, accountId, rows)
    // The time of change is part of what documents are cached by.
    await updateAccount(trx, accountId, {})
    await insertAuditEntry(trx, { actorId: null, action: 'account.rotate-keys', subject: username })
    await enqueue(trx, 'deliverAccount', { accountId, activity: 'Update' }, { orderingKey: uri, runAt })
  })
}

function rowsOf({ uris, secretKey }: KeyKeeper, { accountId, keys }: Owned): Insertable<AccountKeysTable>[] {
  return keys.map(({ kind, publicJwk, privateJwk }) => ({
    account_id: accountId,
    kind,
    key_uri: kind === 'rsa' ? uris.rsaKey(accountId) : uris.ed25519Key(accountId),
    public_jwk: JSON.stringify(publicJwk),
    private_encrypted: encryptSecret(secretKey, purposeOf(accountId, kind), JSON.stringify(privateJwk)),
  }))
}

/**
 * The key pairs of a local account, RSA first; none for a remote one. Each call decrypts and imports them, so
 * whoever signs often keeps them.
 */
export async function loadKeyPairs(
  db: Kysely<Database>,
  secretKey: string,
  accountId: Id,
): Promise<KeyPair[]> {
  const rows = await listAccountKeys(db, accountId)
  return Promise.all(rows.map((row) => importKeyPair(secretKey, row)))
}

/** Whether `secretKey` is the one that the keys here are encrypted with; undefined while there are none. */
export async function opensKeys(db: Kysely<Database>, secretKey: string): Promise<boolean | undefined> {
  const row = await findAnyKey(db)
  if (!row) return undefined
  try {
    decryptSecret(secretKey, purposeOf(row.account_id, row.kind), row.private_encrypted)
    return true
  } catch {
    return false
  }
}

/**
 * Under another secret people could be made, sign in and write, and nothing of theirs could be signed.
 * @throws ConfigError
 */
export async function checkSecretKey(app: { db: Kysely<Database>; secretKey: string }): Promise<void> {
  if ((await opensKeys(app.db, app.secretKey)) !== false) return
  throw new ConfigError([
    'SECRET_KEY: the keys of the accounts here were encrypted with another; set that one, or put back the file ' +
      'secret-key of DATA_DIR',
  ])
}

async function importKeyPair(secretKey: string, row: AccountKey): Promise<KeyPair> {
  const decrypted = decryptSecret(secretKey, purposeOf(row.account_id, row.kind), row.private_encrypted)
  const [publicKey, privateKey] = await Promise.all([
    importKey(row.kind, row.public_jwk),
    importKey(row.kind, jwkSchema.parse(JSON.parse(decrypted))),
  ])
  return { kind: row.kind, keyUri: row.key_uri, publicKey, privateKey }
}

const jwkSchema = z.looseObject({ kty: z.string() })

async function importKey(kind: KeyKind, jwk: JWK): Promise<CryptoKey> {
  // Extractable, because Fedify refuses keys that are not.
  const key = await importJWK(jwk, algorithms[kind], { extractable: true })
  if (key instanceof Uint8Array) throw new Error('An account key is no secret of bytes')
  return key
}

function purposeOf(accountId: Id, kind: KeyKind): string {
  return `account-key:${accountId}:${kind}`
}
