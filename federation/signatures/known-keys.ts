import { createPublicKey, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { getVersionedValue, type RowVersion } from '#src/db/key-value.ts'
import { publicKeys } from '../delivery/kv.ts'
import { isDocumentFault } from '../remote/document.ts'
import { idOf, isNode, onlyIdOf, valuesOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { isOfDocument } from './key-ownership.ts'

/** The key of another server's actor, as it was once read there. */
export type KnownKey = {
  key: KeyObject
  owner: string
  /** Where it lies. It was changed, or forgotten, if that is no longer there. */
  row: RowVersion
}

/** Keys by their ids, of which an actor's own document says that they are that actor's. */
export type KnownKeys = {
  /** Undefined for one that is not in store, or says less, or something else. */
  find(keyId: string): Promise<KnownKey | undefined>
  /** To be called when a signature did not fit: it may have been read anew since. */
  drop(keyId: string): void
}

const keptKeys = 5_000

/**
 * Keys that lie where Fedify keeps them, imported and held in memory, in which one takes some 2 kB. Nothing says when
 * one of them ends: whoever goes by a key has the database look whether its row is still the same.
 */
export function createKnownKeys({ app, expand }: Pick<Remote, 'app' | 'expand'>): KnownKeys {
  const kept = new LRUCache<string, Promise<KnownKey | undefined>>({ max: keptKeys })

  async function load(keyId: string): Promise<KnownKey | undefined> {
    const found = await getVersionedValue(app.db, [...publicKeys, keyId], app.clock.now())
    const said = found && (await read(found.value, keyId))
    return said && { ...said, row: found.version }
  }

  async function read(value: unknown, keyId: string): Promise<Omit<KnownKey, 'row'> | undefined> {
    try {
      const node = isNode(value) && '@context' in value ? await expand(value) : value
      if (!isNode(node) || idOf(node) !== keyId) return undefined
      const owner = onlyIdOf(node, security('owner'))
      const [pem, ...others] = valuesOf(node, security('publicKeyPem')).map((one) => one['@value'])
      if (!owner || typeof pem !== 'string' || others.length > 0 || !isOfDocument(keyId, owner))
        return undefined
      return { key: createPublicKey(pem), owner }
    } catch (error) {
      if (isDocumentFault(error) || isKeyFault(error)) return undefined
      throw error
    }
  }

  return {
    find: (keyId) => {
      const known = kept.get(keyId)
      if (known) return known
      const loading = load(keyId)
      kept.set(keyId, loading)
      const forget = () => {
        if (kept.peek(keyId) === loading) kept.delete(keyId)
      }
      loading.then((found) => found ?? forget(), forget)
      return loading
    },
    drop: (keyId) => void kept.delete(keyId),
  }
}

const security = (term: string) => `https://w3id.org/security#${term}`

/** OpenSSL's word for what is no key. */
const isKeyFault = (error: unknown) =>
  error instanceof Error && 'code' in error && /^ERR_OSSL/.test(String(error.code))
