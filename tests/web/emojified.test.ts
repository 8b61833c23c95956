import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sanitizeHtml } from '#src/base/html.ts'
import { emojifyHtml } from '#src/web/components/Emojified.tsx'

const emojis = [
  { shortcode: 'cat', url: 'https://media.example/cat.png' },
  { shortcode: 'a-b+c', url: 'https://media.example/"><script>alert(1)</script>' },
]
const draw = (html: string) => emojifyHtml(html, emojis, (url) => url)
const picture = (name: string, url: string) =>
  `<img class="emoji" src="${url}" alt=":${name}:" title=":${name}:" loading="lazy">`
const cat = picture('cat', 'https://media.example/cat.png')

describe('shortcodes in HTML', () => {
  it.each([
    ['<p>A :cat: here</p>', `<p>A ${cat} here</p>`],
    ['<p>:cat::cat:</p>', `<p>${cat}${cat}</p>`],
    ['<p>:dog: :CAT: cat : cat:</p>', '<p>:dog: :CAT: cat : cat:</p>'],
    ['<p>&lt;:cat:&gt;</p>', `<p>&lt;${cat}&gt;</p>`],
    [
      '<p><a href="https://x.example/:cat:" class="mention">:cat:</a></p>',
      `<p><a href="https://x.example/:cat:" class="mention">${cat}</a></p>`,
    ],
  ])('%s', (html, drawn) => {
    expect(draw(html)).toBe(drawn)
  })

  it('cannot bring markup by their address', () => {
    expect(draw('<p>:a-b+c:</p>')).toBe(
      `<p>${picture('a-b+c', 'https://media.example/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')}</p>`,
    )
  })

  it('leave every element, attribute and other word as it was', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ':cat:',
        ':a-b+c:',
        ':dog:',
        ':',
        '<p>',
        '</p>',
        '<br>',
        '<b>',
        '</b>',
        '</a>',
        '&amp;',
        '"',
        "'",
      ),
      fc.constantFrom(
        '<a href="https://x.example/:cat:">',
        '<a href="/:cat:" title=":cat:">',
        '<span class="h-:cat:">',
      ),
      fc.constantFrom('<img alt=":cat:">', '<:cat:>', '<script>:cat:', '<!-- :cat: -->', '<p lang=":cat:"'),
      fc.string({ maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const html = sanitizeHtml(pieces.join(''))
        const drawn = draw(html)
        const undrawn = drawn.replace(
          /<img class="emoji" src="[^"]*" alt="(:[^"]+:)" title="\1" loading="lazy">/g,
          '$1',
        )
        // What is not an emoji is what the sanitiser would have written anyway.
        expect(sanitizeHtml(undrawn)).toBe(sanitizeHtml(html))
        expect(undrawn).not.toContain('<img')
      }),
      { numRuns: 2_000 },
    )
  })
})
