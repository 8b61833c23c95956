import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKvStore } from '#federation/delivery/kv.ts'
import { pruneValues } from '#src/db/key-value.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createMovedClock } from '#tests/support/moved-clock.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.destroy())

const clock = createMovedClock()
const hour = { total: () => 3_600_000 } as unknown as Temporal.Duration
const store = () => createKvStore(database.db, clock)

test('what was set is got, whatever JSON it is and however long the key', async () => {
  const long: [string, string] = ['documents', `https://b.test/${'x'.repeat(5_000)}`]
  const values = [null, false, 0, '', 'text', ['a', { b: 'nul \u0000 and half a pair \ud800' }]]
  for (const value of values) {
    await store().set(long, value)
    expect(await store().get(long)).toEqual(value)
  }
  await store().delete(long)
  expect(await store().get(long)).toBeUndefined()
})

test('a value is gone when its time has come, and pruned', async () => {
  await store().set(['brief'], 1, { ttl: hour })
  clock.advance(3_599_999)
  expect(await store().get(['brief'])).toBe(1)
  clock.advance(1)
  expect(await store().get(['brief'])).toBeUndefined()
  expect(await store().cas(['brief'], 1, 2)).toBe(false)
  expect(await store().cas(['brief'], undefined, 3, { ttl: hour })).toBe(true)
  clock.advance(3_600_000)
  expect(await pruneValues(database.db, clock.now())).toBe(1)
})

test('setting undefined deletes', async () => {
  await store().set(['there'], 1)
  await store().set(['there'], undefined)
  expect(await store().get(['there'])).toBeUndefined()
})

test('of twenty who swap the same value at once, one succeeds', async () => {
  const attempts = Array.from({ length: 20 }, (_, n) => n)
  const absent = await Promise.all(
    attempts.map((n) => store().cas(['swap'], undefined, { state: 'closed', n })),
  )
  expect(absent.filter(Boolean)).toHaveLength(1)
  const present = await store().get(['swap'])
  const swapped = await Promise.all(attempts.map((n) => store().cas(['swap'], present, { state: 'open', n })))
  expect(swapped.filter(Boolean)).toHaveLength(1)
  expect(await store().cas(['swap'], { state: 'other' }, 1)).toBe(false)
  expect(await store().cas(['swap'], await store().get(['swap']), undefined)).toBe(true)
  expect(await store().get(['swap'])).toBeUndefined()
})

test('a list holds the keys under a prefix, whole parts only', async () => {
  await store().set(['list', 'a'], 1)
  await store().set(['list', 'b', 'c'], 2)
  await store().set(['list', 'gone'], 3, { ttl: hour })
  await store().set(['lists', 'd'], 4)
  clock.advance(3_600_000)
  expect(await collect(store().list(['list']))).toEqual([
    { key: ['list', 'a'], value: 1 },
    { key: ['list', 'b', 'c'], value: 2 },
  ])
  expect(await collect(store().list(['list', 'a']))).toEqual([{ key: ['list', 'a'], value: 1 }])
  expect(await collect(store().list())).toHaveLength(3)
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
