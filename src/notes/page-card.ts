import { Parser } from 'htmlparser2'
import { removeUnstorable } from '#src/base/html.ts'
import { longestAddress, webUrlOf } from '#src/base/web-address.ts'

/** What a web page says of itself to those who link to it. */
export type PageCard = {
  title: string
  description: string
  language: string | null
  author_name: string
  author_url: string
  provider_name: string
  image_remote_url: string | null
  image_description: string
  image_width: number | null
  image_height: number | null
  published_at: Date | null
}

// The parser takes longer for each element that is open.
const maxDepth = 50

/**
 * Reads a page's own words (https://ogp.me, Twitter's cards, plain HTML); undefined when it has no title.
 * @param page its beginning as it came, its Content-Type, and where it was found
 */
export function readPageCard(page: {
  bytes: Uint8Array
  contentType: string
  url: string
}): PageCard | undefined {
  const { meta, title, language } = readHead(decodePage(page.bytes, page.contentType))
  const first = (...names: string[]) => names.map((name) => meta.get(name)).find((value) => value)
  const shownTitle = lineOf(first('og:title', 'twitter:title') ?? title, 300)
  if (!shownTitle) return undefined
  const author = first('article:author', 'author') ?? ''
  const authorUrl = webAddress(author)
  const image = first('og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src')
  return {
    title: shownTitle,
    description: lineOf(first('og:description', 'twitter:description', 'description'), 600),
    language: /^[a-z]{2,3}(?=$|[-_])/i.exec(language)?.[0].toLowerCase() ?? null,
    author_name: authorUrl ? lineOf(meta.get('author'), 100, true) : lineOf(author, 100),
    author_url: authorUrl ?? '',
    provider_name: lineOf(first('og:site_name', 'application-name'), 100) || new URL(page.url).hostname,
    image_remote_url: (image && webAddress(image, page.url)) ?? null,
    image_description: lineOf(first('og:image:alt', 'twitter:image:alt'), 500),
    image_width: sideOf(meta.get('og:image:width')),
    image_height: sideOf(meta.get('og:image:height')),
    published_at: momentOf(first('article:published_time', 'og:article:published_time')),
  }
}

type Head = { meta: Map<string, string>; title: string; language: string }

// Some put pictures that count their readers among them, in a `noscript`.
const headTags = new Set([
  'html',
  'head',
  'meta',
  'link',
  'title',
  'base',
  'script',
  'style',
  'noscript',
  'template',
  'img',
  'iframe',
])

/** The first of each; what comes after the head is the page's business. */
function readHead(html: string): Head {
  const head: Head = { meta: new Map(), title: '', language: '' }
  let isTitle = false
  let depth = 0
  let isOver = false
  const parser = new Parser({
    onopentag: (name, attributes) => {
      depth += 1
      isOver ||= !headTags.has(name) || depth > maxDepth
      if (isOver) return
      if (name === 'html') head.language = attributes.lang ?? ''
      isTitle = name === 'title' && head.title === ''
      if (name !== 'meta') return
      const key = (attributes.property ?? attributes.name ?? '').toLowerCase()
      if (key && !head.meta.has(key)) head.meta.set(key, attributes.content ?? '')
    },
    ontext: (text) => {
      if (isTitle && !isOver) head.title += text
    },
    onclosetag: (name) => {
      depth -= 1
      if (name === 'title') isTitle = false
      isOver ||= name === 'head'
    },
  })
  const step = 32 * 1024
  for (let at = 0; at < html.length && !isOver; at += step) parser.write(html.slice(at, at + step))
  return head
}

/** By its byte order mark, the header, its own word near the beginning, or else UTF-8. */
function decodePage(bytes: Uint8Array, contentType: string): string {
  const beginning = Buffer.from(bytes.subarray(0, 2_048)).toString('latin1')
  const declared = charsetIn(contentType) ?? charsetIn(/<meta[^>]+charset[^>]*>/i.exec(beginning)?.[0] ?? '')
  const [first, second] = bytes
  const marked =
    first === 0xfe && second === 0xff
      ? 'utf-16be'
      : first === 0xff && second === 0xfe
        ? 'utf-16le'
        : undefined
  return new TextDecoder(usableCharset(marked ?? declared)).decode(bytes)
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?\s*([\w.:-]{1,40})/i.exec(text)?.[1]
}

function usableCharset(label = 'utf-8'): string {
  try {
    return new TextDecoder(label).encoding
  } catch {
    return 'utf-8'
  }
}

function lineOf(text: string | undefined, mostCharacters: number, isName = false): string {
  const line = removeUnstorable(text ?? '')
    .replace(/\s+/g, ' ')
    .trim()
  if (isName && webAddress(line)) return ''
  return line.length <= mostCharacters
    ? line
    : `${removeUnstorable(line.slice(0, mostCharacters - 1)).trimEnd()}…`
}

function webAddress(text: string, base?: string): string | undefined {
  const address = webUrlOf(text.trim(), base)?.href
  return address !== undefined && address.length <= longestAddress ? address : undefined
}

function sideOf(text: string | undefined): number | null {
  const side = /^\d{1,5}$/.test(text?.trim() ?? '') ? Number(text) : 0
  return side > 0 ? side : null
}

function momentOf(text: string | undefined): Date | null {
  const moment = new Date(text ?? '')
  const year = moment.getUTCFullYear()
  return year >= 1970 && year < 2100 ? moment : null
}
