import { describe, expect, it } from 'vitest'
import { judgeSignature, type SignatureScheme } from '#tests/support/http-signatures.ts'
import { makeKeys, startMastodonLike } from './mastodon.ts'
import { help, parseOptions, UsageError } from './options.ts'
import { filesIn } from './processes.ts'
import { isMet, jsonOf, type Row, ratioOf, shortNumber, tableOf, targetOf, timesLimit } from './report.ts'
import { costRow, middleOf } from './site.ts'
import { floorsOf, growthPerHour, medianOf } from './statistics.ts'

const get = { value: 0.02, is: 'a bare GET' }
const home: Row = {
  name: 'home',
  unit: 'CPU ms',
  parts: { server: 1, database: 0.5 },
  ours: 1.5,
  limit: get,
  target: timesLimit(60, get),
  note: '8 queries',
}

describe('the report', () => {
  it('sets what we cost beside the limit and the target', () => {
    expect(ratioOf(home)).toBe(75)
    expect(isMet(home)).toBe(false)
    expect(isMet({ ...home, ours: 1.2 })).toBe(true)
    expect(isMet({ name: 'soak', unit: 'MB', ours: 1 })).toBeUndefined()
  })

  it('adds up a target of several limits, in figures and in words', () => {
    const insert = { value: 0.2, is: 'an insert' }
    expect(
      targetOf([
        [40, get],
        [3, insert],
        [1, insert],
      ]),
    ).toEqual({
      atMost: expect.closeTo(1.6, 9),
      is: '40 × a bare GET + 3 × an insert + an insert',
    })
  })

  it('is a table whose columns stand below each other, with what explains them below', () => {
    const bare: Row = { name: 'a much longer name', unit: 'MB', ours: 120.4 }
    const lines = tableOf([home, bare]).split('\n')
    const [head = '', first = '', second = ''] = lines
    expect(first.slice(head.indexOf('ratio'))).toMatch(/^75 +1\.2 +no +a bare GET$/)
    expect(second.slice(head.indexOf('together'))).toMatch(/^120 +MB$/)
    expect(lines).toContain('  home: at most 60 × the limit')
    expect(lines).toContain('  home: 8 queries')
  })

  it('is JSON with ratios for scripts', () => {
    expect(JSON.parse(jsonOf([home], { seconds: 3 }))).toMatchObject({
      seconds: 3,
      rows: [{ name: 'home', ours: 1.5, ratio: 75, isMet: false }],
    })
  })

  it.each([
    [123.456, '123'],
    [1.23456, '1.23'],
    [0.012345, '0.0123'],
    [Number.NaN, '–'],
  ])('writes %d as %s', (value, text) => {
    expect(shortNumber(value)).toBe(text)
  })
})

describe('a cost', () => {
  it('is the one in the middle of several, and counts all that was measured', () => {
    const cost = (server: number) => ({ server, database: 1, units: 10 })
    expect(middleOf([cost(9), cost(1), cost(2)])).toEqual({ server: 2, database: 1, units: 30 })
    const row = costRow({ name: 'post', cost: cost(2), limit: get, note: 'to nobody' })
    expect(row).toMatchObject({ parts: { server: 2, database: 1 }, ours: 3, note: '10 measured; to nobody' })
  })
})

describe('memory', () => {
  it('counts what is mapped of a file once, without what was changed of it and what is no file', () => {
    const mapping = (head: string, rss: number, anonymous: number) =>
      `${head}\nSize: 900 kB\nRss: ${rss} kB\nPss: 1 kB\nAnonymous: ${anonymous} kB\nVmFlags: rd mr`
    const mappings = [
      mapping('00400000-00500000 r-xp 00000000 fe:00 12 /usr/bin/node', 100, 0),
      mapping('00500000-00600000 rw-p 00100000 fe:00 12 /usr/bin/node', 50, 20),
      mapping('7f00-7f10 r--p 00000000 fe:00 13 /usr/lib/libc.so.6', 10, 0),
      mapping('7f20-7f30 rw-s 00000000 00:01 14 /dev/zero (deleted)', 400, 0),
      mapping('7f40-7f50 rw-p 00000000 00:00 0 [heap]', 300, 300),
    ].join('\n')
    expect([...filesIn(mappings)]).toEqual([
      ['fe:00 12', 130 * 1024],
      ['fe:00 13', 10 * 1024],
    ])
  })
})

describe('statistics', () => {
  it('finds the median of odd and even numbers of values', () => {
    expect(medianOf([9, 1, 5])).toBe(5)
    expect(medianOf([9, 1, 5, 7])).toBe(6)
  })

  it('tells growth from what goes up and down again', () => {
    const sawtooth = (perHour: number) =>
      Array.from({ length: 360 }, (_, index) => ({
        seconds: index * 5,
        value: 100 + (perHour * index * 5) / 3_600 + (index % 12) * 3,
      }))
    expect(growthPerHour(floorsOf(sawtooth(0), 60))).toBeCloseTo(0, 6)
    expect(growthPerHour(floorsOf(sawtooth(24), 60))).toBeCloseTo(24, 6)
  })
})

describe('the command line', () => {
  it('takes names with and without --only, and measures in its own order', () => {
    expect(parseOptions(['post', '--only', 'home', '--json'])).toMatchObject({
      command: 'measure',
      names: ['home', 'post'],
      isJson: true,
    })
  })

  it('measures everything but the soak unless told', () => {
    const options = parseOptions([])
    expect(options).toMatchObject({ names: expect.arrayContaining(['start', 'growth', 'inbound']) })
    expect(options).not.toMatchObject({ names: expect.arrayContaining(['soak']) })
    expect(parseOptions(['soak', '--minutes', '3'])).toMatchObject({ names: ['soak'], minutes: 3 })
  })

  it('seeds a folder alone', () => {
    const seed = { command: 'seed', notes: 1_000_000, dataDir: 'data' }
    expect(parseOptions(['seed', '--notes', '1_000_000', '--data-dir', 'data'])).toEqual(seed)
  })

  it.each([
    ['nonsense'],
    ['--nonsense'],
    ['seed'],
    ['seed', 'home', '--data-dir', 'x'],
    ['soak', '--minutes', 'x'],
  ])('refuses %s in words', (...args) => {
    expect(() => parseOptions(args)).toThrow(UsageError)
  })

  it('names everything that can be measured in its help', () => {
    for (const name of ['start', 'inbound', 'outbound-growth', 'growth', 'soak *', '--json', '--profile'])
      expect(help).toContain(name)
  })
})

describe('what stands for a Mastodon server', () => {
  it.each<SignatureScheme>(['draft-cavage', 'rfc9421'])(
    'signs Creates of Mastodon’s size with %s',
    async (scheme) => {
      const keys = makeKeys()
      const server = await startMastodonLike(keys)
      const inbox = 'http://localhost:3000/ap/inbox'
      const { headers, body } = server.createFor(inbox, 7, { scheme })
      await server.close()
      const message = { method: 'POST', url: inbox, headers, body: Buffer.from(body) }
      const verdict = await judgeSignature(message, async () => keys.publicKey)
      expect(verdict).toMatchObject({ scheme, isSignatureValid: true, isDigestValid: true })
      expect(Buffer.byteLength(body)).toBeGreaterThan(2_500)
      expect(Buffer.byteLength(body)).toBeLessThan(3_200)
    },
  )
})
