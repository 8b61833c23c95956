import type { KvKey, KvStore, KvStoreSetOptions } from '@fedify/fedify'
import type { Kysely } from 'kysely'
import { type Clock, systemClock } from '#src/base/clock.ts'
import { deleteValue, getValue, listValues, setValue, swapValue } from '#src/db/key-value.ts'
import type { Database } from '#src/db/tables.ts'

/** Fedify's key-value store in our own database, with `cas`, which its circuit breaker needs. */
export function createKvStore(db: Kysely<Database>, clock: Clock = systemClock): Required<KvStore> {
  const expiry = (options?: KvStoreSetOptions): Date | undefined =>
    options?.ttl && new Date(clock.now().getTime() + options.ttl.total('milliseconds'))
  return {
    get: <T = unknown>(key: KvKey) => getValue<T>(db, key, clock.now()),
    set: (key, value, options) => setValue(db, key, value, expiry(options)),
    delete: (key) => deleteValue(db, key),
    cas: (key, expected, value, options) =>
      swapValue(db, key, { expected, value, expiresAt: expiry(options) }, clock.now()),
    async *list(prefix) {
      for (const { key, value } of await listValues(db, prefix ?? [], clock.now())) {
        const [first, ...rest] = key
        if (first !== undefined) yield { key: [first, ...rest], value }
      }
    },
  }
}

/** Fedify keeps keys for ever; with one that was taken back somebody else could go on signing. */
const keyLifeMs = 24 * 60 * 60_000
const deadKeyLifeMs = 10 * 60_000

/** The key of another server as Fedify remembers it. To be dropped when its owner's document was read anew. */
export function forgetPublicKey(db: Kysely<Database>, keyUri: string): Promise<void> {
  return deleteValue(db, [...publicKeys, keyUri])
}

/**
 * The same store with two of Fedify's memories put right.
 *
 * That of activities, which its worker cannot be told to leave alone, is left out. It is a look, then a write, so not
 * safe; and it would swallow a Follow that Misskey sends again under its old id. The database knows what was done
 * already.
 *
 * That of keys ends. And it holds no key for lost that only could not be had now: with that, anyone could have a peer
 * refused for minutes by a forged signature while its server restarts. Fedify tells why after it has told that.
 */
export function withHonestMemory(db: Kysely<Database>, clock: Clock): Required<KvStore> {
  const store = createKvStore(db, clock)
  const keepFor = (key: KvKey, value: unknown, ms: number) =>
    setValue(db, key, value, new Date(clock.now().getTime() + ms))
  return {
    ...store,
    get: async <T = unknown>(key: KvKey) => (isOfActivity(key) ? undefined : store.get<T>(key)),
    set: async (key, value, options) => {
      if (isOfActivity(key)) return
      if (!isOfKey(key)) return store.set(key, value, options)
      const [, , part, keyUri = ''] = key
      if (part !== fetchErrors) return value === null ? undefined : keepFor(key, value, keyLifeMs)
      if (!isLasting(value)) return
      await keepFor(key, value, deadKeyLifeMs)
      await keepFor([...publicKeys, keyUri], null, deadKeyLifeMs)
    },
  }
}

// As Fedify's `kvPrefixes` and its key cache have them.
export const publicKeys = ['_fedify', 'publicKey'] as const
export const fetchErrors = '__fetchError'

const isOfActivity = (key: KvKey) => key[1] === 'activityIdempotence'
const isOfKey = (key: KvKey) => key[0] === publicKeys[0] && key[1] === publicKeys[1]

const isLasting = (failure: unknown) =>
  typeof failure === 'object' &&
  failure !== null &&
  'status' in failure &&
  (failure.status === 404 || failure.status === 410)
