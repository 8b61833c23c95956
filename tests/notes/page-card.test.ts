import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linksIn } from '#src/notes/links.ts'
import { readPageCard } from '#src/notes/page-card.ts'

const url = 'https://news.example/2026/story'
const read = (html: string | Uint8Array, contentType = 'text/html') =>
  readPageCard({ bytes: typeof html === 'string' ? Buffer.from(html) : html, contentType, url })

const meta = (properties: Record<string, string>) =>
  Object.entries(properties)
    .map(([name, content]) => `<meta property="${name}" content="${content}">`)
    .join('')

describe('a page', () => {
  it('says in OpenGraph what it is', () => {
    const head = meta({
      'og:title': 'A lighthouse &amp; its keeper',
      'og:description': 'Forty years\nby the sea',
      'og:site_name': 'The News',
      'og:image': '/light.jpg',
      'og:image:width': '1200',
      'og:image:height': '630',
      'og:image:alt': 'A lighthouse',
      'article:author': 'Ada',
      'article:published_time': '2026-11-20T10:00:00Z',
    })
    expect(read(`<!doctype html><html lang="en-GB"><head><title>Other</title>${head}</head>`)).toEqual({
      title: 'A lighthouse & its keeper',
      description: 'Forty years by the sea',
      language: 'en',
      author_name: 'Ada',
      author_url: '',
      provider_name: 'The News',
      image_remote_url: 'https://news.example/light.jpg',
      image_description: 'A lighthouse',
      image_width: 1200,
      image_height: 630,
      published_at: new Date('2026-11-20T10:00:00Z'),
    })
  })

  it('may speak Twitter, or plain HTML', () => {
    expect(
      read(
        '<title>x</title><meta name="twitter:title" content="T"><meta name="twitter:image" content="https://i.example/1">',
      ),
    ).toMatchObject({ title: 'T', image_remote_url: 'https://i.example/1', provider_name: 'news.example' })
    expect(
      read(
        '<html><title> A  page\n</title><meta name="Description" content="Words"><meta name=author content=Bo>',
      ),
    ).toMatchObject({ title: 'A page', description: 'Words', author_name: 'Bo', image_remote_url: null })
  })

  it('is its head: what its body says is not its own word', () => {
    expect(
      read('<head><title>Ours</title></head><body><meta property="og:title" content="Theirs">'),
    ).toMatchObject({
      title: 'Ours',
    })
    expect(read('<body><svg><title>Logo</title></svg>')).toBeUndefined()
  })

  it.each([
    ['nothing', ''],
    ['no title', '<head><meta property="og:description" content="x"></head>'],
    ['an empty title', '<title> \u0000 </title>'],
    ['JSON', '{"title":"x"}'],
  ])('with %s has no card', (_name, html) => {
    expect(read(html)).toBeUndefined()
  })

  it.each([
    [
      'the header',
      Buffer.from('<title>\xcf\xf0\xe8\xe2\xe5\xf2</title>', 'latin1'),
      'text/html; charset=windows-1251',
    ],
    [
      'the page',
      Buffer.from('<meta charset="windows-1251"><title>\xcf\xf0\xe8\xe2\xe5\xf2</title>', 'latin1'),
      'text/html',
    ],
    ['its byte order mark', Buffer.from('\ufeff<title>Привет</title>', 'utf16le'), 'text/html'],
    ['nobody', Buffer.from('<title>Привет</title>'), 'text/html; charset=no-such-thing'],
  ])('is read in the encoding that %s names', (_name, bytes, contentType) => {
    expect(read(bytes, contentType)).toMatchObject({ title: 'Привет' })
  })

  it('cannot make a card of any length, nor lead to anything but the web', () => {
    const card = read(
      `<head>${meta({
        'og:title': 'x'.repeat(100_000),
        'og:description': '\ud83d\ude00'.repeat(10_000),
        'og:image': 'javascript:alert(1)',
        'article:author': 'https://user:pass@evil.example/',
        'article:published_time': '+275760-09-13',
        'og:image:width': '99999999999999999999',
      })}`,
    )
    expect(card?.title).toHaveLength(300)
    expect(card?.description.length).toBeLessThanOrEqual(600)
    expect(card?.description.isWellFormed()).toBe(true)
    expect(card).toMatchObject({
      image_remote_url: null,
      author_url: '',
      published_at: null,
      image_width: null,
    })
  })

  it('cannot break the reader, whatever it is', () => {
    const token = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '<meta ',
      'property=og:title',
      '<title>',
      '</',
      '\0',
      'a',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(token, fc.string())), (parts) => {
        read(parts.join(''))
      }),
    )
    for (const tag of ['div', 'template', 'meta', 'title', 'a b']) read(`<${tag}>`.repeat(100_000))
    read(`<meta ${'a="b" '.repeat(100_000)}>`)
  })
})

describe('the links of a note', () => {
  it.each([
    ['<p>See <a href="https://a.example/x#part">a.example/x</a></p>', ['https://a.example/x']],
    ['<a href="https://a.example/@bo" class="u-url mention">@<span>bo</span></a>', []],
    [
      '<a href="https://a.example/users/bo">@bo</a> <a href="https://b.example/">b</a>',
      ['https://b.example/'],
    ],
    ['<a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#x</a>', []],
    ['<a href="https://a.example/t/x" rel="tag nofollow">x</a><a href="https://a.example/t/y">#y</a>', []],
    ['<p class="quote-inline">RE: <a href="https://a.example/1">a.example/1</a></p><p>me</p>', []],
    ['<span class="quote-inline"><br>RE: <a href="https://a.example/1">x</a></span>', []],
    ['<a href="gemini://a.example/">a</a><a href="https://u:p@a.example/">b</a><a>c</a>', []],
    [`<a href="https://a.example/${'x'.repeat(3_000)}">a</a>`, []],
    ['no link', []],
  ])('%s', (html, links) => {
    expect(linksIn(html)).toEqual(links)
  })

  it('are five at most', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `<a href="https://a.example/${index}">x</a>`)
    expect(linksIn(many.join(''))).toHaveLength(5)
  })
})
