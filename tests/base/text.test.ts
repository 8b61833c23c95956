import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlToPlainText, sanitizeHtml } from '#src/base/html.ts'
import { countCharacters, handleOf, parseText, type RenderOptions, renderText } from '#src/base/text.ts'
import { mustEnd } from '#tests/support/patience.ts'

const options: RenderOptions = {
  resolveMention: (handle) =>
    handle.startsWith('nobody') ? undefined : { url: `https://a.org/@${handle}`, handle },
  tagUrl: (name) => `https://a.org/tags/${encodeURIComponent(name)}`,
}
const html = (text: string) => renderText(text, options).html
const bob =
  '<span class="h-card"><a href="https://a.org/@bob" class="u-url mention">@<span>bob</span></a></span>'

describe('mentions', () => {
  const handles = (text: string) => parseText(text).mentions.map(handleOf)

  it.each<[string, string[]]>([
    ['@bob', ['bob']],
    ['hi @bob, and @al.ice-x@Example.COM.', ['bob', 'al.ice-x@example.com']],
    ['(@bob) "@bob" ¡@bob!', ['bob', 'bob', 'bob']],
    ['@bob@höst.org @bob@xn--hst-sna.org', ['bob@xn--hst-sna.org', 'bob@xn--hst-sna.org']],
    ['@bob@localhost:3000 @bob@127.0.0.1:4000: hello', ['bob@localhost:3000', 'bob@127.0.0.1:4000']],
    ['@bob@example.com: hello', ['bob@example.com']],
    ['bob@example.com', []],
    ['https://a.org/@bob https://a.org/?x=@bob https://a.org/#@bob', []],
    ['a=@bob a/@bob _@bob é@bob', []],
    ['@ @@ @. @é', []],
    [`@${'a'.repeat(2000)}`, []],
  ])('%j mentions %j', (text, expected) => expect(handles(text)).toEqual(expected))

  it('stand where their places say', () => {
    const { text, mentions } = parseText('a\r\n😀 @bob@example.com!')
    expect(mentions.map(({ start, end }) => text.slice(start, end))).toEqual(['@bob@example.com'])
  })

  it('become links if someone is behind them, text if not', () => {
    expect(html('@bob @nobody <@bob>')).toBe(`<p>${bob} @nobody &lt;${bob}&gt;</p>`)
  })

  it('show their local part only', () => {
    expect(html('@bob@example.com')).toContain('>@<span>bob</span></a>')
  })
})

describe('hashtags', () => {
  const names = (text: string) => parseText(text).hashtags.map(({ name }) => name)

  it.each<[string, string[]]>([
    ['#cats and #Dogs_2', ['cats', 'Dogs_2']],
    ['#123 #1a #a1 #_ #__a', ['1a', 'a1', '__a']],
    ['#日本語 ＃全角 #été #हिन्दी #кот', ['日本語', '全角', 'été', 'हिन्दी', 'кот']],
    ['#a·b #a・ #a.', ['a·b', 'a', 'a']],
    ['a#b a/#b &=#b', []],
    ['https://a.org/#cats', []],
    ['#cats,#dogs', ['cats', 'dogs']],
    ['# #! ##', []],
    [`#${'a'.repeat(2000)}`, []],
  ])('%j holds %j', (text, expected) => expect(names(text)).toEqual(expected))

  it('become links', () => {
    expect(html('#cats')).toBe(
      '<p><a href="https://a.org/tags/cats" class="mention hashtag" rel="tag">#<span>cats</span></a></p>',
    )
  })
})

describe('links', () => {
  it.each<[string, string[]]>([
    ['see https://a.org/x.', ['https://a.org/x']],
    ['(https://a.org/x_(y)) <http://b.org>', ['https://a.org/x_(y)', 'http://b.org']],
    ['https://höst.org/ü?x=ö#y', ['https://höst.org/ü?x=ö#y']],
    ['a.org www.a.org //a.org ftp://a.org mailto:a@b.org javascript:alert(1)', []],
  ])('%j links to %j', (text, expected) => {
    expect(parseText(text).urls.map(({ url }) => url)).toEqual(expected)
  })

  it('hide their scheme and their tail', () => {
    expect(html('https://www.example.com/a/very/long/path/indeed?q="1"')).toBe(
      '<p><a href="https://www.example.com/a/very/long/path/indeed?q=&quot;1&quot;" target="_blank" rel="nofollow noopener noreferrer" translate="no"><span class="invisible">https://www.</span><span class="ellipsis">example.com/a/very/long/path/i</span><span class="invisible">ndeed?q=&quot;1&quot;</span></a></p>',
    )
  })

  it('of moderate length are shown whole', () => {
    expect(html('http://a.org')).toContain('<span class="invisible">http://</span><span>a.org</span></a>')
  })
})

describe('paragraphs', () => {
  it.each([
    ['', ''],
    [' \n\n ', ''],
    ['a', '<p>a</p>'],
    ['a\nb', '<p>a<br />b</p>'],
    ['a\r\nb\rc', '<p>a<br />b<br />c</p>'],
    ['a\n\nb\n \n\n c', '<p>a</p><p>b</p><p>c</p>'],
    [
      '<script>alert("1")</script> & \'x\'',
      '<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</p>',
    ],
    ['a\u0000b\ud83dc\u0007', '<p>abc</p>'],
  ])('%j become %j', (text, expected) => expect(html(text)).toBe(expected))
})

describe('the length', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['👩‍👩‍👧‍👦é🇺🇦', 3],
    ['https://a.org', 23],
    [`https://a.org/${'x'.repeat(500)} a`, 25],
    ['@bob@a.very.long.example.com', 4],
    ['@bob', 4],
    ['a\r\nb', 3],
  ])('of %j is %i', (text, length) => expect(countCharacters(text)).toBe(length))
})

const typed = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '@bob',
          '@bob@höst.org',
          '@nobody',
          '#cats',
          '＃全角',
          'https://a.org/x?y=1&z="2"',
          'http://',
          '\n',
          '\n\n',
        ],
        ...[
          ' ',
          '.',
          '<b>',
          '</p>',
          '"',
          "'",
          '&amp;',
          '<script>alert(1)</script>',
          '@',
          '#',
          '://',
          '\u0000',
          '\ud800',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.webUrl(),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''))

/** What sanitising does to every link, and quotes that need no escaping in text: the only changes allowed. */
const comparable = (markup: string) =>
  markup
    .replace(/ rel="[^"]*"/g, '')
    .replaceAll(' target="_blank"', '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")

describe('whatever is typed', () => {
  it('gives HTML that sanitising leaves as it is', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const rendered = html(text)
        expect(comparable(sanitizeHtml(rendered))).toBe(comparable(rendered))
        expect(rendered).not.toMatch(/\0|\p{Surrogate}|<script/u)
      }),
      { numRuns: 1000 },
    )
  })

  it('has parts that neither overlap nor leave the text, and a length', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseText(text)
        const parts = [...parsed.mentions, ...parsed.hashtags, ...parsed.urls].sort(
          (a, b) => a.start - b.start,
        )
        let position = 0
        for (const { start, end } of parts) {
          expect(start).toBeGreaterThanOrEqual(position)
          expect(end).toBeGreaterThan(start)
          position = end
        }
        expect(position).toBeLessThanOrEqual(parsed.text.length)
        expect(countCharacters(parsed)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 1000 },
    )
  })

  it('can be read again as plain text', () => {
    const text = 'Hi @bob, "see" https://www.example.com/a/rather/long/path/indeed & #cats\n5 < 6\n\nbye'
    expect(htmlToPlainText(html(text))).toBe(text)
  })

  it.each(['@', '@a', '@a.', '#a', '#·', 'http://', 'https://a.b ', '\n ', 'a.', '@a@b ', 'http://a.b @a '])(
    'is read in one go, as is %j over and over',
    (unit) => {
      const text = unit.repeat(500_000 / unit.length)
      mustEnd(() => {
        renderText(text, options)
        countCharacters(text)
      })
    },
  )
})
