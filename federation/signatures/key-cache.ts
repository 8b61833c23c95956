import type { KvStore } from '@fedify/fedify'
import type { KeyCache } from '@fedify/fedify/sig'
import type { CryptographicKey, Multikey } from '@fedify/vocab'
import type { DocumentLoader } from '@fedify/vocab-runtime'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { fetchErrors, publicKeys } from '../delivery/kv.ts'
import { loadVocabulary } from '../fedify-packages.ts'

/** How the keys of other servers are found while one activity is verified. */
export type KeyLooking = { documentLoader: DocumentLoader; contextLoader: DocumentLoader; keyCache: KeyCache }

type Loaders = Pick<KeyLooking, 'documentLoader' | 'contextLoader'>

/** A key did not fit, and was read anew so lately that it is not asked for again. */
export class KeyAskedLately extends Error {}

const askedAgainAfterMs = 60_000

/**
 * Makes the ways to look for keys, one for each activity. A key that is kept and does not fit is read anew, since its
 * owner may have changed it: once a minute at most, lest forgeries make us ask a peer without end.
 * @param forget has the loader read a document anew
 */
export function createKeyLooking(
  store: KeyStore,
  forget: (url: string) => void,
): (loaders: Loaders) => KeyLooking {
  const asked = new LRUCache<string, true>({ max: 10_000, ttl: askedAgainAfterMs })
  return (loaders) => {
    const cache = createKeyCache(store, loaders)
    const kept = new Set<string>()
    return {
      ...loaders,
      keyCache: {
        ...cache,
        get: async (keyId) => {
          const key = await cache.get(keyId)
          if (key) kept.add(keyId.href)
          return key
        },
      },
      documentLoader: async (url, options) => {
        if (kept.has(url)) {
          if (asked.has(url)) throw new KeyAskedLately(`${url} was read anew within the last minute`)
          asked.set(url, true)
          forget(url)
        }
        return loaders.documentLoader(url, options)
      },
    }
  }
}

type KeyStore = Pick<KvStore, 'get' | 'set' | 'delete'>
type FetchFailure = { status: number; response: Response } | { error: Error }

/** As Fedify's own, which it does not give out: beside keys it keeps why one could not be had. */
type HonestKeyCache = KeyCache & {
  getFetchError(keyId: URL): Promise<FetchFailure | undefined>
  setFetchError(keyId: URL, failure: FetchFailure | null): Promise<void>
}

const keptFailure = z.object({ status: z.number() })

/** Keys lie where Fedify would keep them, so that what forgets one forgets it for all processes. */
function createKeyCache(store: KeyStore, loaders: Loaders): HonestKeyCache {
  return {
    get: async (keyId) => {
      const kept = await store.get([...publicKeys, keyId.href])
      return kept === undefined || kept === null ? kept : parseKey(kept, loaders)
    },
    set: async (keyId, key) =>
      store.set([...publicKeys, keyId.href], key === null ? null : await key.toJsonLd(loaders)),
    getFetchError: async (keyId) => {
      const kept = keptFailure.safeParse(await store.get([...publicKeys, fetchErrors, keyId.href]))
      if (!kept.success) return undefined
      const { status } = kept.data
      return { status, response: new Response(null, { status }) }
    },
    setFetchError: async (keyId, failure) => {
      const key = [...publicKeys, fetchErrors, keyId.href] as const
      if (failure === null) await store.delete(key)
      else if ('status' in failure) await store.set(key, { status: failure.status })
    },
  }
}

async function parseKey(kept: unknown, loaders: Loaders): Promise<CryptographicKey | Multikey | undefined> {
  const vocabulary = await loadVocabulary()
  for (const Key of [vocabulary.CryptographicKey, vocabulary.Multikey]) {
    try {
      return await Key.fromJsonLd(kept, loaders)
    } catch (error) {
      // The other kind, or written by another version.
      if (!(error instanceof TypeError)) throw error
    }
  }
  return undefined
}
