import { afterAll, beforeAll, expect, test } from 'vitest'
import { trimRemoteFiles } from '#src/media/prune.ts'
import { pruneOldRows } from '#src/policies/prune.ts'
import { type BareApp, createBareApp } from '#tests/support/bare-app.ts'

let bare: BareApp
beforeAll(async () => {
  bare = await createBareApp()
})
afterAll(() => bare.close())

test('copies of other servers’ files make room by least use, and are forgotten when nobody asks', async () => {
  const { db } = bare.app
  const rows = Array.from({ length: 20 }, (_, index) => ({
    url: `https://far.example/${index}.png`,
    variant: 'small' as const,
    file_key: `ab/cd/${String(index).padStart(32, '0')}.webp`,
    byte_size: '1000',
    state: 'stored' as const,
    last_used_at: new Date(bare.clock.now().getTime() - index * 3_600_000),
  }))
  await db.insertInto('remote_files').values(rows).execute()
  expect(await trimRemoteFiles(bare.app, { maxBytes: 20_000 })).toEqual({ count: 0, bytes: 0 })
  expect(await trimRemoteFiles(bare.app, { maxBytes: 4_500 })).toEqual({ count: 16, bytes: 16_000 })
  const kept = await db.selectFrom('remote_files').select('url').where('file_key', 'is not', null).execute()
  expect(kept.map(({ url }) => url).sort()).toEqual(
    [0, 1, 2, 3].map((index) => `https://far.example/${index}.png`),
  )
  const evicted = await db.selectFrom('remote_files').selectAll().where('file_key', 'is', null).execute()
  expect(new Set(evicted.map(({ state, tried_at }) => `${state} ${tried_at}`))).toEqual(new Set(['new null']))
  const since = new Date(bare.clock.now().getTime() - 90 * 60_000)
  expect(await trimRemoteFiles(bare.app, { maxBytes: 1e12, unusedSince: since })).toMatchObject({
    count: 2,
  })
  bare.clock.advance(31 * 24 * 3_600_000)
  await pruneOldRows(bare.app)
  expect(await db.selectFrom('remote_files').select('id').execute()).toHaveLength(2)
})
