import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeHtml, htmlToPlainText, removeUnstorable, sanitizeHtml } from '#src/base/html.ts'
import { mustEnd } from '#tests/support/patience.ts'

const linkEnd = 'rel="nofollow noopener noreferrer" target="_blank"'

describe('what is kept', () => {
  it.each([
    '<p>a <strong>b</strong> <em>c</em> <b>d</b> <i>e</i> <u>f</u> <del>g</del> <code>h</code></p>',
    '<pre><code>a\n  b</code></pre>',
    '<blockquote><p>a<br />b</p></blockquote>',
    '<ul><li>a</li></ul><ol start="3" reversed><li value="7">b</li></ol>',
    '<p lang="ja">a <ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby></p>',
    '<p class="quote-inline">RE: a</p>',
    `<span class="h-card"><a href="https://a.org/@bob" class="u-url mention" ${linkEnd}>@<span>bob</span></a></span>`,
    `<a href="https://a.org/" ${linkEnd} translate="no"><span class="invisible">https://</span><span class="ellipsis">a</span></a>`,
    '<p>&lt;script&gt; &amp;amp; 5 &gt; 4</p>',
  ])('%s', (html) => expect(sanitizeHtml(html)).toBe(html))

  it('includes the mark of a hashtag', () => {
    expect(
      sanitizeHtml('<a href="https://a.org/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>'),
    ).toBe(
      '<a href="https://a.org/tags/x" class="mention hashtag" rel="tag nofollow noopener noreferrer" target="_blank">#<span>x</span></a>',
    )
  })
})

describe('what is changed', () => {
  it.each([
    ['<h1>Title</h1><h6 class="x">b</h6>', '<p><strong>Title</strong></p><p><strong>b</strong></p>'],
    ['<p class="evil p-name">a</p>', '<p class="p-name">a</p>'],
    ['<p style="position:fixed" id="x" onclick="alert(1)">a</p>', '<p>a</p>'],
    [
      '<a href="https://a.org" target="_top" rel="opener">a</a>',
      `<a href="https://a.org" target="_blank" ${linkEnd.split(' target')[0]}>a</a>`,
    ],
    ['<a href="/relative">a</a>', '<span>a</span>'],
    ['<a href="//a.org">a</a>', '<span>a</span>'],
    ['<a href="javascript:alert(1)">a</a>', '<span>a</span>'],
    ['<a href=" java\nscript:alert(1)">a</a>', '<span>a</span>'],
    ['<a href="&#106;avascript:alert(1)">a</a>', '<span>a</span>'],
    ['<a href="data:text/html,x">a</a>', '<span>a</span>'],
    ['<ol start="1&quot; x"><li value="a">b</li></ol>', '<ol><li>b</li></ol>'],
    ['<p lang="en&quot; x">a</p>', '<p>a</p>'],
    ['<img src=x onerror=alert(1)><video src=x></video>', ''],
    ['<script>alert(1)</script><style>*{}</style>a', 'a'],
    ['<svg><style><img src=x onerror=alert(1)></style></svg>a', 'a'],
    ['<iframe src="https://a.org"></iframe><form><input></form>a', 'a'],
    ['<!-- a --><![CDATA[x]]>b', 'b'],
    ['<p>unclosed <em>both', '<p>unclosed <em>both</em></p>'],
    ['<p>a<div><p>b', '<p>a</p><p>b</p>'],
    [
      '<a href="https://a.org">a<div><a href="https://b.org">b',
      `<a href="https://a.org" ${linkEnd}>a</a><a href="https://b.org" ${linkEnd}>b</a>`,
    ],
    ['a\u0000b\u0007c\ud800d', 'abcd'],
  ])('%j becomes %j', (html, expected) => expect(sanitizeHtml(html)).toBe(expected))
})

describe('hostile amounts', () => {
  it('are cut before they are parsed', () => {
    expect(sanitizeHtml('x'.repeat(10_000_000))).toHaveLength(100_000)
  })

  it('of depth end in something shallow', () => {
    const html = sanitizeHtml(`${'<blockquote>'.repeat(5000)}deep`)
    expect(html.match(/<blockquote>/g)?.length).toBeLessThanOrEqual(40)
    expect(html).toContain('deep')
  })

  // As often as a moment allows.
  it.each([
    ['<', 10],
    ['<b>', 10],
    ['<p><a href=x>', 10],
    ['<h1 ', 60],
    ['<a ', 60],
    ['</div ', 60],
    ['<br ', 60],
    [' \n', 60],
    ['&', 20],
    ['<a href="', 60],
  ])('of %j are read in one go', (unit, times) => {
    const html = unit.repeat(100_000)
    mustEnd(() => {
      for (let count = 0; count < times; count += 1) {
        sanitizeHtml(html)
        htmlToPlainText(html)
      }
    })
  })
})

const fragments = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...[
        '<p>',
        '</p>',
        '<a href="https://a.org/?a=1&b=2" class="mention x">',
        '</a>',
        '<b>',
        '</b>',
        '<br>',
        '<li>',
      ],
      ...[
        '<script>',
        '</script>',
        '<style>',
        '<svg>',
        '<math>',
        '<textarea>',
        '<title>',
        '<noscript>',
        '<!--',
        '-->',
      ],
      ...[
        '<h1>',
        '</h1>',
        '<ol start=2>',
        '<img src=x onerror=alert(1)>',
        '<a href="javascript:x">',
        '&lt;',
        '&#60;',
        '"',
      ],
      ...[
        '<p lang="',
        "<a href='",
        '>',
        '<',
        '&',
        '</',
        '\u0000',
        '<blockquote>',
        '</blockquote>',
        '<div>',
        '</div>',
        '<xmp>',
        '</xmp>',
      ],
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  ),
  { maxLength: 30 },
)

describe('any input', () => {
  it('gives HTML without anything that runs', () => {
    fc.assert(
      fc.property(fragments, (parts) => {
        const html = sanitizeHtml(parts.join(''))
        for (const tag of html.match(/<[^>]*>?/g) ?? []) {
          expect(tag).toMatch(
            /^<\/?(?:p|br|span|a|del|s|pre|code|em|strong|b|i|u|ul|ol|li|blockquote|ruby|rt|rp)(?: (?:href|class|rel|target|translate|lang|start|value)="[^"<>]*"| reversed)*(?: \/)?>$/,
          )
          expect(tag).not.toMatch(/ href="(?!https:)/)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('is clean after one pass', () => {
    fc.assert(
      fc.property(fragments, (parts) => {
        const once = sanitizeHtml(parts.join(''))
        expect(sanitizeHtml(once)).toBe(once)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('plain text', () => {
  it.each([
    ['<p>a<br>b</p><p>c &amp; d</p>', 'a\nb\n\nc & d'],
    ['<ul><li>a</li><li>b</li></ul>after', '- a\n- b\n\nafter'],
    ['a\n   b', 'a b'],
    ['&amp;lt;b&amp;gt; &quot;x&quot; &#39;y&#39;', '&lt;b&gt; "x" \'y\''],
    ['<script>alert(1)</script>a', 'a'],
    ['<div>a</div><div>b</div>', 'a b'],
    [
      '<span class="invisible">https://</span><span class="ellipsis">a.org/x</span><span class="invisible">yz</span>',
      'https://a.org/xyz',
    ],
  ])('of %j is %j', (html, text) => expect(htmlToPlainText(html)).toBe(text))

  it('written as HTML and read again is the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        const text = removeUnstorable(typed).replace(/\s+/g, ' ').trim()
        expect(htmlToPlainText(`<p>${escapeHtml(text)}</p>`)).toBe(text)
      }),
    )
  })
})
