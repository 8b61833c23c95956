import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { ConfigError } from '#src/base/config.ts'
import { decryptSecret, encryptSecret } from '#src/base/secrets.ts'
import type { Uris } from '#src/base/uris.ts'
import { type AccountKey, findAnyKey, insertAccountKeys, listAccountKeys } from '#src/db/keys.ts'
import type { Database, Id } from '#src/db/tables.ts'

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

/** Stores the pairs of a new local account, the private halves encrypted with the server's secret. */
export async function storeKeyPairs(
  db: Kysely<Database>,
  { uris, secretKey }: KeyKeeper,
  owner: { accountId: Id; keys: NewKeyPair[] },
): Promise<void> {
  const { accountId, keys } = owner
  await insertAccountKeys(
    db,
    keys.map(({ kind, publicJwk, privateJwk }) => ({
      account_id: accountId,
      kind,
      key_uri: kind === 'rsa' ? uris.rsaKey(accountId) : uris.ed25519Key(accountId),
      public_jwk: JSON.stringify(publicJwk),
      private_encrypted: encryptSecret(secretKey, purposeOf(accountId, kind), JSON.stringify(privateJwk)),
    })),
  )
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
