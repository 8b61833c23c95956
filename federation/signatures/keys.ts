import { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { type KeyPair, keysNoticedWithinMs, loadKeyPairs } from '#src/accounts/keys.ts'
import type { App } from '#src/app.ts'
import type { Id } from '#src/db/tables.ts'
import type { PublicKeys } from '../convert/account.ts'
import type { SenderKeys } from '../delivery/outbox-message.ts'
import { toMultikey } from './multibase.ts'

export type Signer = { keyId: string; privateKey: KeyObject }

/** The keys of local accounts, decrypted and imported once a minute while they are in use. */
export type Keyring = {
  /** RSA first; empty for an account without keys. */
  pairs(accountId: Id): Promise<KeyPair[]>
  publicKeys(accountId: Id): Promise<PublicKeys>
  /** Of an RSA key, by its address; undefined when it is not, or no longer, ours. */
  signer(keyId: string): Promise<Signer | undefined>
  /** As Fedify's messages carry them; those that are gone are left out. */
  senderKeys(keyIds: readonly string[]): Promise<SenderKeys>
}

const keptAccounts = 500

type Kept = {
  loadedAt: number
  pairs: Promise<KeyPair[]>
  publicKeys: Promise<PublicKeys> | undefined
}

export function createKeyring(app: App): Keyring {
  const kept = new LRUCache<Id, Kept>({ max: keptAccounts })

  function load(accountId: Id): Kept {
    const known = kept.get(accountId)
    const now = app.clock.now().getTime()
    if (known && now - known.loadedAt < keysNoticedWithinMs) return known
    const pairs = loadKeyPairs(app.db, app.secretKey, accountId)
    const loading = { loadedAt: now, pairs, publicKeys: undefined }
    kept.set(accountId, loading)
    // An account may get its keys after the first look, and the database may answer the next time.
    pairs.then(
      (found) => found.length === 0 && kept.delete(accountId),
      () => kept.delete(accountId),
    )
    return loading
  }

  function publicKeys(accountId: Id): Promise<PublicKeys> {
    const loaded = load(accountId)
    loaded.publicKeys ??= loaded.pairs.then(exportPublicKeys)
    return loaded.publicKeys
  }

  const pairs = (accountId: Id) => load(accountId).pairs

  const privateKeys = new WeakMap<KeyPair, KeyObject>()
  function privateKeyOf(pair: KeyPair): KeyObject {
    const privateKey = privateKeys.get(pair) ?? KeyObject.from(pair.privateKey)
    privateKeys.set(pair, privateKey)
    return privateKey
  }

  async function find(keyId: string): Promise<KeyPair | undefined> {
    const accountId = localAccountId(app, keyId)
    const found = accountId === undefined ? [] : await pairs(accountId)
    return found.find(({ keyUri }) => keyUri === keyId)
  }

  return {
    pairs,
    publicKeys,
    signer: async (keyId) => {
      const pair = await find(keyId)
      return pair?.kind === 'rsa' ? { keyId, privateKey: privateKeyOf(pair) } : undefined
    },
    senderKeys: async (keyIds) => {
      const found = await Promise.all(keyIds.map(find))
      return Promise.all(found.filter((pair) => pair !== undefined).map(toSenderKey))
    },
  }
}

/** The account whose actor, or something under it, has this address. */
export function localAccountId({ uris }: Pick<App, 'uris'>, uri: string): Id | undefined {
  const prefix = uris.actor('')
  return uri.startsWith(prefix) ? /^\d+/.exec(uri.slice(prefix.length))?.[0] : undefined
}

async function exportPublicKeys(pairs: KeyPair[]): Promise<PublicKeys> {
  const rsa = pairs.find(({ kind }) => kind === 'rsa')
  const ed25519 = pairs.find(({ kind }) => kind === 'ed25519')
  if (!rsa) throw new Error('A local account has no RSA key')
  return {
    rsaPem: KeyObject.from(rsa.publicKey).export({ type: 'spki', format: 'pem' }).toString(),
    ed25519Multibase: ed25519 && (await toMultikey(ed25519.publicKey)),
  }
}

async function toSenderKey({ keyUri, privateKey }: KeyPair): Promise<SenderKeys[number]> {
  return { keyId: keyUri, privateKey: await crypto.subtle.exportKey('jwk', privateKey) }
}
