import fc from 'fast-check'
import { expect, it } from 'vitest'
import { searchFor } from '#src/base/keyword-search.ts'

const matchOf = (text: string, keyword: string, isWholeWord: boolean) =>
  searchFor([{ text: keyword, isWholeWord }])(text).get(0)

it.each([
  // text, keyword, whole word?, as it stands in the text
  ['The sea is calm', 'sea', true, 'sea'],
  ['The season is calm', 'sea', true, undefined],
  ['The season is calm', 'sea', false, 'sea'],
  ['Overseas', 'sea', true, undefined],
  ['SEA', 'sea', true, 'SEA'],
  ['sea', 'SEA', true, 'sea'],
  ['sea', 'sea', true, 'sea'],
  ['(sea)', 'sea', true, 'sea'],
  ['sea_side', 'sea', true, undefined],
  ['sea-side', 'sea', true, 'sea'],
  ['sea2', 'sea', true, undefined],
  ['seaside, then the sea', 'sea', true, 'sea'],
  // Letters of every script are letters.
  ['Die Größe', 'größe', true, 'Größe'],
  ['Übergröße', 'größe', true, undefined],
  ['ΟΔΟΣ', 'οδος', true, 'ΟΔΟΣ'],
  ['οδος', 'ΟΔΟΣ', true, 'οδος'],
  ['море и море', 'МОРЕ', true, 'море'],
  ['바다가 좋다', '바다', true, undefined],
  ['바다가 좋다', '바다', false, '바다'],
  ['cafe\u0301', 'cafe', true, undefined],
  ['İSTANBUL sea', 'sea', true, 'sea'],
  ['İstanbul', 'stanbul', false, 'stanbul'],
  // Where a keyword does not begin or end with a letter there is no boundary to keep.
  ['#sea', '#sea', true, '#sea'],
  ['a#sea', '#sea', true, '#sea'],
  ['#seaside', '#sea', true, undefined],
  ['👍🏽', '👍', true, '👍'],
  ['C++11', 'c++', true, 'C++'],
  ['bad words', 'bad word', false, 'bad word'],
  ['bad words', 'bad word', true, undefined],
  // Nothing in a keyword is a pattern.
  ['abc', 'a.c', false, undefined],
  ['a.c', 'a.c', false, 'a.c'],
  ['aaa', '(a+)+$', false, undefined],
  ['', 'sea', false, undefined],
  ['sea', '', false, undefined],
])('in %j looking for %j (whole word: %j) there is %j', (text, keyword, isWholeWord, found) => {
  expect(matchOf(text, keyword, isWholeWord)).toBe(found)
})

it('finds keywords inside, beside and at the end of each other', () => {
  const words = ['she', 'he', 'hers', 'his', 'e', 'she']
  const find = searchFor(words.map((text) => ({ text, isWholeWord: false })))
  expect([...find('ushers')].sort(([one], [other]) => one - other)).toEqual([
    [0, 'she'],
    [1, 'he'],
    [2, 'hers'],
    [4, 'e'],
    [5, 'she'],
  ])
})

it('agrees with a search for each keyword alone', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'B', ' ', 'é', '_', '-'), maxLength: 30 })
  const keyword = fc.record({
    text: fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'É', '-'), minLength: 1, maxLength: 4 }),
    isWholeWord: fc.boolean(),
  })
  fc.assert(
    fc.property(letters, fc.array(keyword, { maxLength: 6 }), (text, keywords) => {
      const found = searchFor(keywords)(text)
      for (const [place, one] of keywords.entries()) {
        const word = '[\\p{L}\\p{M}\\p{Nd}\\p{Pc}]'
        const before = new RegExp(`^${word}`, 'u').test(one.text) ? `(?<!${word})` : ''
        const after = new RegExp(`${word}$`, 'u').test(one.text) ? `(?!${word})` : ''
        const escaped = RegExp.escape(one.text)
        const pattern = one.isWholeWord ? `${before}${escaped}${after}` : escaped
        expect(found.get(place)).toBe(new RegExp(pattern, 'iu').exec(text)?.[0])
      }
    }),
  )
})

it('reads a text once, however its keywords are made', () => {
  const text = 'a'.repeat(20_000)
  const keywords = Array.from({ length: 40 }, (_, n) => ({
    text: `${'a'.repeat(500 - n)}b`,
    isWholeWord: n % 2 === 0,
  }))
  expect(searchFor(keywords)(text).size).toBe(0)
  expect(searchFor(keywords)(`${text}b`).size).toBe(20)
})
