import { describe, expect, test } from 'vitest'
import { english } from '#src/web/i18n/en.ts'
import { chooseLanguage, languages, messagesOf } from '#src/web/i18n/language.ts'

test.each([
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['fr, ko;q=0.4, it;q=0.6', 'it'],
  ['en;q=0, ko', 'ko'],
  ['fr', 'en'],
  ['*', 'en'],
  [undefined, 'en'],
  [';;;,q=,'.repeat(1000), 'en'],
])('a browser that asks for %j gets %s', (accepted, language) => {
  expect(chooseLanguage(accepted)).toBe(language)
})

describe.each(languages.filter((language) => language !== 'en'))('%s', (language) => {
  test('says in its own words what English says', () => {
    const same = leavesOf(messagesOf[language]).filter(
      ([path, text]) => text.length > 12 && leavesOf(english).some(([p, t]) => p === path && t === text),
    )
    expect(same).toEqual([])
  })
})

test('numbers take the form their language asks for', () => {
  expect(english.note.likes(1)).toBe('1 like')
  expect(english.note.likes(1200)).toBe('1.2K likes')
  expect(messagesOf.de.note.replies(2)).toBe('2 Antworten')
  expect(messagesOf.ko.note.replies(1)).toBe('답글 1개')
})

function leavesOf(messages: object, path = ''): [path: string, text: string][] {
  return Object.entries(messages).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[`${path}.${name}`, value]]
    return typeof value === 'object' && value !== null ? leavesOf(value, `${path}.${name}`) : []
  })
}
