import type { Kysely } from 'kysely'
import { z } from 'zod'
import { decryptSecret, encryptSecret } from '#src/base/secrets.ts'
import type { Uris } from '#src/base/uris.ts'
import { type AccountKey, insertAccountKeys, listAccountKeys } from '#src/db/keys.ts'
import type { Database, Id } from '#src/db/tables.ts'

type KeyKind = AccountKey['kind']

export type KeyPair = {
  kind: KeyKind
  keyUri: string
  publicKey: CryptoKey
  privateKey: CryptoKey
}

export type NewKeyPair = { kind: KeyKind; publicJwk: JsonWebKey; privateJwk: JsonWebKey }

const algorithms = {
  // 2048 bits, which every peer verifies and which sign four times as fast as Fedify's default of 4096.
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
  ed25519: { name: 'Ed25519' },
} as const

/** Takes up to a second of a processor: never inside a transaction. */
export async function makeKeyPairs(): Promise<NewKeyPair[]> {
  return Promise.all([makeKeyPair('rsa'), makeKeyPair('ed25519')])
}

async function makeKeyPair(kind: KeyKind): Promise<NewKeyPair> {
  const pair = await crypto.subtle.generateKey(algorithms[kind], true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error(`${kind} keys come in pairs`)
  return {
    kind,
    publicJwk: await crypto.subtle.exportKey('jwk', pair.publicKey),
    privateJwk: await crypto.subtle.exportKey('jwk', pair.privateKey),
  }
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

const jwkSchema = z.looseObject({ kty: z.string() })

async function importKeyPair(secretKey: string, row: AccountKey): Promise<KeyPair> {
  const algorithm = algorithms[row.kind]
  const decrypted = decryptSecret(secretKey, purposeOf(row.account_id, row.kind), row.private_encrypted)
  const privateJwk = jwkSchema.parse(JSON.parse(decrypted))
  // Extractable, because Fedify refuses keys that are not.
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.importKey('jwk', row.public_jwk, algorithm, true, ['verify']),
    crypto.subtle.importKey('jwk', privateJwk, algorithm, true, ['sign']),
  ])
  return { kind: row.kind, keyUri: row.key_uri, publicKey, privateKey }
}

function purposeOf(accountId: Id, kind: KeyKind): string {
  return `account-key:${accountId}:${kind}`
}
