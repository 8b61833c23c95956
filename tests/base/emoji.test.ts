import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emojiOf, shortcodePattern, shortcodesIn } from '#src/base/emoji.ts'

describe('an emoji', () => {
  it.each([
    ['🔥', '🔥'],
    ['❤️', '❤️'],
    ['❤', '❤️'],
    ['⭐', '⭐'],
    ['👍🏽', '👍🏽'],
    ['🇩🇪', '🇩🇪'],
    ['🏳️‍🌈', '🏳️‍🌈'],
    ['👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦'],
    ['1️⃣', '1️⃣'],
  ])('%s is %s', (text, emoji) => {
    expect(emojiOf(text)).toBe(emoji)
  })

  it.each([
    '',
    ' ',
    'a',
    '1',
    '#',
    '🔥🔥',
    '🔥 ',
    'e\u0301',
    '\ufe0f',
    '\u200d',
    '\ud83d',
    `🔥${'\u0301'.repeat(64)}`,
    '<',
  ])('%j is none', (text) => {
    expect(emojiOf(text)).toBeUndefined()
  })

  it('is one spelling of itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3 }), (text) => {
        const emoji = emojiOf(text)
        if (emoji !== undefined) expect(emojiOf(emoji)).toBe(emoji)
      }),
    )
  })
})

describe('shortcodes in a text', () => {
  it.each([
    ['Hello :cat: and :cat: :Dog_2:', ['cat', 'Dog_2']],
    [':cat:\n(:dog:)', ['cat', 'dog']],
    ['at 10:30:20, a:cat:b, é:cat:', []],
    [':a: : cat: :ca-t: ::', []],
    [`:${'x'.repeat(65)}:`, []],
  ])('of %j are %j', (text, shortcodes) => {
    expect(shortcodesIn(text)).toEqual(shortcodes)
  })

  it('are found in several texts, each once, and may all be names', () => {
    expect(shortcodesIn(':cat:', ':dog: :cat:')).toEqual(['cat', 'dog'])
    fc.assert(
      fc.property(fc.string(), (text) => shortcodesIn(text).every((name) => shortcodePattern.test(name))),
    )
  })
})
