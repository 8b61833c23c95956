import { describe, expect, test } from 'vitest'
import { countGraphemes } from '#src/base/graphemes.ts'
import { type Bridgeable, whatBridges } from '#src/notes/bridging.ts'
import { blueskyHandleOf, bridgedHandleOf } from '#src/relationships/bluesky.ts'

const note: Bridgeable = {
  visibility: 'public',
  text: 'The sea',
  isLabelled: false,
  pictureCount: 1,
  hasPoll: false,
  isParentThere: null,
}

describe('what goes to Bluesky', () => {
  test.each<[string, Partial<Bridgeable>, boolean, string[]]>([
    ['a public note', {}, true, []],
    ['a quiet one', { visibility: 'unlisted' }, false, ['notPublic']],
    ['one for followers', { visibility: 'followers' }, false, ['notPublic']],
    ['a letter', { visibility: 'direct' }, false, ['notPublic']],
    ['a poll', { hasPoll: true }, false, ['poll']],
    ['an answer to someone there', { isParentThere: true }, true, []],
    ['an answer to a stranger', { isParentThere: false }, false, ['replyToStranger']],
    ['three hundred letters', { text: 'a'.repeat(300) }, true, []],
    ['one more, cut', { text: 'a'.repeat(301) }, true, ['tooLong']],
    [
      'room for the line that says how it was painted',
      { text: 'a'.repeat(281), isLabelled: true },
      true,
      ['tooLong'],
    ],
    ['four pictures', { pictureCount: 4 }, true, []],
    ['five, the last one lost', { pictureCount: 5 }, true, ['tooManyPictures']],
    [
      'everything at once',
      { visibility: 'direct', hasPoll: true, text: 'a'.repeat(400) },
      false,
      ['notPublic', 'poll', 'tooLong'],
    ],
  ])('%s', (_, changes, isBridged, reasons) => {
    expect(whatBridges({ ...note, ...changes })).toEqual({ isBridged, reasons })
  })

  test('characters are what people count', () => {
    expect(countGraphemes('👩‍👩‍👧‍👦')).toBe(1)
    expect(countGraphemes('é'.normalize('NFD'))).toBe(1)
    expect(whatBridges({ ...note, text: '👩‍👩‍👧‍👦'.repeat(300) }).reasons).toEqual([])
  })
})

test.each([
  ['a_b', 'my.social', 'a-b.my.social.ap.brid.gy'],
  ['snarfed', 'indieweb.social', 'snarfed.indieweb.social.ap.brid.gy'],
  ['Alice', 'My.Social', 'alice.my.social.ap.brid.gy'],
])('%s of %s is %s there', (username, host, handle) => {
  expect(blueskyHandleOf(username, host)).toBe(handle)
})

test('who came over the bridge is known by it, and its bot is not taken for a person', () => {
  expect(bridgedHandleOf({ username: 'ada.bsky.social', domain: 'bsky.brid.gy' })).toBe('ada.bsky.social')
  expect(bridgedHandleOf({ username: 'bsky.brid.gy', domain: 'bsky.brid.gy' })).toBeUndefined()
  expect(bridgedHandleOf({ username: 'ada', domain: 'elsewhere.example' })).toBeUndefined()
  expect(bridgedHandleOf({ username: 'ada', domain: null })).toBeUndefined()
})
