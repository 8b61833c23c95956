import { expect, test } from 'vitest'
import { withoutQuoteLine } from '#src/notes/quote-line.ts'

test.each([
  ['<p>Hello</p>', '<p>Hello</p>'],
  ['<p class="quote-inline">RE: <a href="https://a.example/1">it</a></p><p>Hello</p>', '<p>Hello</p>'],
  // As Misskey writes it, at the end, with the spans of a shortened link in it.
  [
    '<p>Hello<span class="quote-inline"><br><br>RE: <a href="https://a.example/1"><span class="invisible">https://</span>a</a></span></p>',
    '<p>Hello</p>',
  ],
  ['<p><span class="quote-inline">RE: it</span></p><p>Hello</p>', '<p>Hello</p>'],
  ['<p>Hello</p><p class="quote-inline">never closed', '<p>Hello</p><p class="quote-inline">never closed'],
])('%s', (html, shown) => {
  expect(withoutQuoteLine(html)).toBe(shown)
})
