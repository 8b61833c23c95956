import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createArrivals } from '#federation/inbox/arrivals.ts'
import type { Arrival } from '#src/db/inbox-arrivals.ts'
import { getVersionedValue, setValue } from '#src/db/key-value.ts'
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createMovedClock } from '#tests/support/moved-clock.ts'
import { activityOf, useNeighbours } from './setup.ts'

let database: TestDatabase
const clock = createMovedClock()
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.destroy())

let count = 0
function arrivalOf(changes: Partial<Arrival> = {}): Arrival {
  count += 1
  return {
    payload: { message: { number: count, text: 'with "quotes", \\ and \u001e' } },
    request: { path: '/ap/inbox', bodyHash: `body ${count}`, moment: 'now' },
    domains: ['there.example', 'example'],
    ownerId: null,
    key: null,
    ...changes,
  }
}

const waiting = async () =>
  (await database.db.selectFrom('jobs').select('payload').orderBy('id').execute()).map(
    ({ payload }) => payload,
  )

describe('what arrives at the same time', () => {
  it('is kept as it is, in order', async () => {
    const { keep } = createArrivals({ db: database.db, clock })
    const together = Array.from({ length: 20 }, () => arrivalOf())
    expect(await Promise.all(together.map(keep))).toEqual(together.map(() => 'kept'))
    expect(await waiting()).toEqual(together.map(({ payload }) => payload))
  })

  it('does not fail for the fault of another', async () => {
    const { keep } = createArrivals({ db: database.db, clock })
    // No text of Postgres may hold it.
    const faulty = arrivalOf({ request: { path: '\u0000', bodyHash: 'x', moment: 'now' } })
    const before = (await waiting()).length
    const fates = await Promise.allSettled([arrivalOf(), arrivalOf(), faulty, arrivalOf()].map(keep))
    expect(fates.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(await waiting()).toHaveLength(before + 3)
  })

  it('is one thing where it is the same thing, in one process or in several', async () => {
    const [here, there] = [1, 2].map(() => createArrivals({ db: database.db, clock }))
    const { request } = arrivalOf()
    const before = (await waiting()).length
    const copies = Array.from({ length: 20 }, () =>
      [here, there].map((one) => one?.keep(arrivalOf({ request }))),
    )
    const fates = await Promise.all(copies.flat())
    expect(fates.toSorted()).toEqual(['kept', ...Array.from({ length: 39 }, () => 'repeated')])
    expect(await waiting()).toHaveLength(before + 1)
    clock.advance(13 * 3_600_000 + 1)
    expect(await here?.keep(arrivalOf({ request }))).toBe('kept')
  })
})

describe('what may not be kept', () => {
  it('is not, whatever comes with it', async () => {
    const { db } = database
    const { keep } = createArrivals({ db, clock })
    await db.insertInto('domain_blocks').values({ domain: 'bad.example' }).execute()
    await setValue(db, ['a key'], { pem: 1 })
    const version = (await getVersionedValue(db, ['a key'], clock.now()))?.version ?? null
    const arrivals = () => [
      arrivalOf({ domains: ['there.bad.example', 'bad.example', 'example'] }),
      arrivalOf({ ownerId: '12345' }),
      arrivalOf({ key: version }),
      arrivalOf(),
    ]
    const before = (await waiting()).length
    expect(await Promise.all(arrivals().map(keep))).toEqual(['blocked', 'nobody', 'kept', 'kept'])
    await setValue(db, ['a key'], { pem: 1 })
    expect(await Promise.all(arrivals().map(keep))).toEqual(['blocked', 'nobody', 'another key', 'kept'])
    expect(await waiting()).toHaveLength(before + 3)
  })
})

describe('a known key', () => {
  const near = useNeighbours()
  const inbox = () => `${near.server.url}/ap/inbox`
  const like = () => activityOf(near.bob, 'Like', `${near.server.url}/ap/notes/1`)
  const byDoor = async () => /by="door"\} (\d+)/.exec(await near.server.app.metrics.text())?.[1]

  it('needs Fedify no more, until another process forgets it', async () => {
    for (const _ of [1, 2, 3]) expect((await near.bob.post(inbox(), like())).status).toBe(202)
    expect(await byDoor()).toBe('2')
    await near.server.app.db.deleteFrom('key_value').execute()
    expect((await near.bob.post(inbox(), like())).status).toBe(202)
    expect(await byDoor()).toBe('2')
    expect((await near.bob.post(inbox(), like())).status).toBe(202)
    expect(await byDoor()).toBe('3')
  })

  it('helps nobody whose server another process blocks', async () => {
    const { db } = near.server.app
    expect((await near.bob.post(inbox(), like())).status).toBe(202)
    await db.insertInto('domain_blocks').values({ domain: '127.0.0.1' }).execute()
    expect((await near.bob.post(inbox(), like())).status).toBe(403)
    await db.deleteFrom('domain_blocks').execute()
    expect((await near.bob.post(inbox(), like())).status).toBe(202)
  })

  it('opens the inbox of nobody', async () => {
    const before = await byDoor()
    expect((await near.bob.post(`${near.server.url}/ap/users/999/inbox`, like())).status).toBe(404)
    expect(await byDoor()).toBe(String(Number(before) + 1))
  })
})
