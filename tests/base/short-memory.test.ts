import { beforeEach, describe, expect, it } from 'vitest'
import { createShortMemory, type ShortMemory } from '#src/base/short-memory.ts'
import { createTestClock } from '#tests/support/test-server.ts'

const clock = createTestClock()
const changes = { count: 0 }
const groundWith = (documents: boolean) => ({ clock, changes, config: { fastPath: { documents } } })

let memory: ShortMemory<string>
let reads: number
const read = async () => {
  reads += 1
  return `read ${reads}`
}
beforeEach(() => {
  reads = 0
  memory = createShortMemory(groundWith(true), { most: 100, sizeOf: ({ length }) => length })
})

it('reads once for all who ask at the same time, and soon after', async () => {
  const answers = await Promise.all(Array.from({ length: 2_000 }, () => memory.get('one', read)))
  expect(new Set([...answers, await memory.get('one', read)])).toEqual(new Set(['read 1']))
  expect(await memory.get('other', read)).toBe('read 2')
})

it('reads anew after a second', async () => {
  await memory.get('one', read)
  clock.advance(900)
  expect(await memory.get('one', read)).toBe('read 1')
  clock.advance(100)
  expect(await memory.get('one', read)).toBe('read 2')
})

it('reads anew after a change', async () => {
  await memory.get('one', read)
  changes.count += 1
  expect(await memory.get('one', read)).toBe('read 2')
})

it('does not keep what was read while something changed', async () => {
  const before = memory.get('one', async () => {
    changes.count += 1
    return 'too early'
  })
  expect(await memory.get('one', read)).toBe('read 1')
  expect(await before).toBe('too early')
  expect(await memory.get('one', read)).toBe('read 1')
})

it('does not keep a failure', async () => {
  const failing = memory.get('one', () => Promise.reject(new Error('no database')))
  await expect(failing).rejects.toThrow('no database')
  expect(await memory.get('one', read)).toBe('read 1')
})

describe('its bounds', () => {
  it('forget the oldest', async () => {
    const long = 'x'.repeat(40)
    for (const key of ['a', 'b', 'c']) await memory.get(key, async () => long)
    expect(await memory.get('c', read)).toBe(long)
    expect(await memory.get('a', read)).toBe('read 1')
  })

  it('are none where it is switched off: every time is read', async () => {
    const off = createShortMemory<string>(groundWith(false), { most: 100 })
    expect([await off.get('one', read), await off.get('one', read)]).toEqual(['read 1', 'read 2'])
  })
})
