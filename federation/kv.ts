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

/**
 * The same store without Fedify's memory of activities, which its worker cannot be told to leave alone. It is a look,
 * then a write, so not safe; and it would swallow a Follow that Misskey sends again under its old id. The database
 * knows what was done already.
 */
export function withoutActivityMemory(store: Required<KvStore>): Required<KvStore> {
  const isActivity = (key: KvKey) => key[1] === 'activityIdempotence'
  return {
    ...store,
    get: async <T = unknown>(key: KvKey) => (isActivity(key) ? undefined : store.get<T>(key)),
    set: async (key, value, options) => {
      if (!isActivity(key)) await store.set(key, value, options)
    },
  }
}
