import { describe, expect, it } from 'vitest'
import type { LivingFilter } from '#src/db/filters.ts'
import { type Filterable, matcherOf } from '#src/notes/filtered.ts'

const filter = (words: string[], more: Partial<LivingFilter> = {}): LivingFilter => ({
  id: '1',
  title: 'Seas',
  contexts: ['home'],
  action: 'warn',
  expires_at: null,
  keywords: words.map((keyword) => ({ keyword, is_whole_word: true })),
  note_ids: [],
  ...more,
})

const note = (html: string, more: Partial<Filterable> = {}): Filterable => ({
  note: { id: '7', summary: '', content_html: html },
  media: [],
  poll: null,
  ...more,
})

const matchesOf = (filters: LivingFilter[], one: Filterable) =>
  matcherOf(filters)(one).map((result) => [result.filter.id, result.keywordMatches, result.noteMatches])

describe('what of a note is looked at', () => {
  const picture = { description: 'Waves of the sea', digital_source_type: null }
  const poll = {
    options: [
      { title: 'Land', votes: 0 },
      { title: 'Sea', votes: 0 },
    ],
  }
  it.each<[string, Filterable, string[]]>([
    ['its text', note('<p>At the sea</p>'), ['sea']],
    ['its warning', note('', { note: { id: '7', summary: 'Sea', content_html: '' } }), ['Sea']],
    ['what its poll offers', note('<p>Where?</p>', { poll }), ['Sea']],
    ['how its pictures are described', note('', { media: [picture] }), ['sea']],
    [
      'a hashtag',
      note('<p><a href="x" class="mention hashtag" rel="tag">#<span>sea</span></a></p>'),
      ['sea'],
    ],
    [
      'a link as it is written',
      note('<a href="https://a.example/"><span>https://sea.example</span></a>'),
      ['sea'],
    ],
    ['words beside elements', note('<p>one</p><p>sea</p><p>two</p>'), ['sea']],
    ['words beside a break', note('deep<br />sea'), ['sea']],
    ['escaped letters as what they are', note('<p>&lt;sea&gt; &amp; land</p>'), ['sea']],
  ])('%s', (_what, one, words) => {
    expect(matchesOf([filter(['sea'])], one)).toEqual([['1', words, []]])
  })

  it.each([
    ['what elements are called and point at', '<p><a href="https://sea.example/">land</a></p>'],
    ['parts of words', '<p>seaside</p>'],
    ['words that an element cuts in two', '<p>s<b>ea</b>side</p>'],
    ['nothing', ''],
  ])('but not %s', (_what, html) => {
    expect(matchesOf([filter(['sea'])], note(html))).toEqual([])
  })
})

it('takes words with signs as they are typed', () => {
  expect(
    matchesOf([filter(['R&D', "l'eau", '"x"'])], note('<p>R&amp;D, l&#39;eau, &quot;x&quot;</p>')),
  ).toEqual([['1', ['R&D', "l'eau", '"x"'], []]])
})

it('answers each filter that is met with all of its words as they come, in the order of the filters', () => {
  const filters = [filter(['land']), filter(['sky'], { id: '2' }), filter(['sea', 'land'], { id: '3' })]
  expect(matchesOf(filters, note('<p>land and sea and LAND</p>'))).toEqual([
    ['1', ['land'], []],
    ['3', ['land', 'sea'], []],
  ])
})

it('answers a filter that names the note, with and without words', () => {
  const filters = [filter([], { note_ids: ['7', '8'] }), filter(['sea'], { id: '2', note_ids: ['8'] })]
  expect(matchesOf(filters, note('<p>sea</p>'))).toEqual([
    ['1', [], ['7']],
    ['2', ['sea'], []],
  ])
})

it('matches nothing without filters', () => {
  expect(matchesOf([], note('<p>sea</p>'))).toEqual([])
})
