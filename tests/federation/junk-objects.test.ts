import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noteFrom } from '#federation/convert/note.ts'
import { pollFrom, voteFrom } from '#federation/convert/poll.ts'
import type { Node } from '#federation/remote/linked-data.ts'

const now = new Date('2026-11-22T12:00:00Z')
const activityStreams = 'https://www.w3.org/ns/activitystreams'
const uri = 'https://there.example/things/1'

const junk = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom(
      'Note',
      'https://x.example/',
      'javascript:alert(1)',
      '2099-01-01T00:00:00Z',
      '1816-01-01T00:00:00Z',
      '<p>',
      '\ud800',
    ),
    fc.array(tie('any'), { maxLength: 8 }),
    fc.dictionary(
      fc.constantFrom(
        '@id',
        '@value',
        '@type',
        '@list',
        '@language',
        ...['name', 'href', 'url', 'content', 'replies', 'totalItems', 'mediaType', 'height'].map(
          (term) => `${activityStreams}#${term}`,
        ),
      ),
      tie('any'),
    ),
  ),
})).any

const properties = [
  'name',
  'content',
  'summary',
  'url',
  'attachment',
  'tag',
  'oneOf',
  'anyOf',
  'endTime',
  'startTime',
  'closed',
  'image',
  'icon',
  'location',
  'inReplyTo',
  'to',
  'published',
  'updated',
  'mediaType',
]
const junkNode = fc.record({
  '@id': fc.oneof(fc.constant(uri), junk),
  '@type': fc.oneof(
    fc.subarray(
      ['Note', 'Question', 'Article', 'Video', 'Audio', 'Image', 'Event', 'Page', 'Person'].map(
        (type) => `${activityStreams}#${type}`,
      ),
    ),
    junk,
  ),
  ...Object.fromEntries(
    properties.map((term) => [
      `${activityStreams}#${term}`,
      fc.oneof(fc.array(junk, { maxLength: 30 }), junk),
    ]),
  ),
})

test('junk is read without a fault, into what is no larger than it may be', () => {
  fc.assert(
    fc.property(junkNode, (node: Node) => {
      const found = noteFrom(node, { followers_uri: null }, now)
      const poll = pollFrom(node, now)
      voteFrom(node)
      if (poll) {
        expect(poll.titles.length).toBeLessThanOrEqual(20)
        expect(
          poll.counts?.votes.every((votes) => Number.isInteger(votes) && votes >= 0 && votes <= 1e9),
        ).toBe(true)
        expect(poll.counts?.voters).toBeLessThanOrEqual(1e9)
      }
      if (!found) return
      expect(found.contentHtml).not.toMatch(/<script|="\s*javascript:/i)
      expect(found.attachments.length).toBeLessThanOrEqual(4)
      expect(found.summary.length).toBeLessThanOrEqual(500)
      expect(found.publishedAt.getTime()).toBeLessThanOrEqual(now.getTime())
      expect(JSON.stringify(found).length).toBeLessThan(200_000)
    }),
    { numRuns: 500 },
  )
})
