import sanitize from 'sanitize-html'

const maxHtmlLength = 100_000
const maxDepth = 40

// As Mastodon: https://github.com/mastodon/mastodon/blob/main/lib/sanitize_ext/sanitize_config.rb
const linkSchemes = [
  'http',
  'https',
  'dat',
  'dweb',
  'ipfs',
  'ipns',
  'ssb',
  'gopher',
  'xmpp',
  'magnet',
  'gemini',
]
const keptClasses = [
  'h-*',
  'p-*',
  'u-*',
  'dt-*',
  'e-*',
  'mention',
  'hashtag',
  'ellipsis',
  'invisible',
  'quote-inline',
]

const keptTags = [
  ...['p', 'br', 'span', 'a', 'del', 's', 'pre', 'code', 'em', 'strong', 'b', 'i', 'u'],
  ...['ul', 'ol', 'li', 'blockquote', 'ruby', 'rt', 'rp'],
]
const otherTags = new RegExp(`<(?!/?(?:${keptTags.join('|')})[\\s/>])`, 'i')

const options: sanitize.IOptions = {
  allowedTags: keptTags,
  allowedAttributes: {
    '*': ['lang', 'class'],
    a: ['href', 'rel', 'target', { name: 'translate', values: ['no'] }],
    span: [{ name: 'translate', values: ['no'] }],
    ol: ['start', 'reversed'],
    li: ['value'],
  },
  allowedClasses: { '*': keptClasses },
  allowedSchemes: linkSchemes,
  allowProtocolRelative: false,
  nestingLimit: maxDepth,
  transformTags: {
    a: transformLink,
    strike: 'del',
    ol: transformList,
    li: transformList,
    '*': transformLanguage,
  },
}

/**
 * What may be shown of a stranger's HTML: the elements and classes Mastodon keeps, links that cannot reach back.
 * Long input is cut at 100,000 characters before parsing.
 */
export function sanitizeHtml(html: string): string {
  const normal = normalizeBlocks(bounded(html))
  const clean = sanitize(normal, options)
  // What went from between two elements may leave one in another that it ends, a link in a link for one.
  return otherTags.test(normal) ? sanitize(clean, options) : clean
}

/** The words of an HTML text, with line breaks where paragraphs and breaks were. Not itself safe as HTML. */
export function htmlToPlainText(html: string): string {
  const withBreaks = normalizeBlocks(bounded(html))
    .replace(/\s+/g, ' ')
    .replace(/<br[^<>]*>/gi, '\n')
    .replace(/<li\b[^<>]*>/gi, '\n- ')
    .replace(/<\/(?:p|pre|blockquote|ul|ol)\s*>/gi, '\n\n')
  const escaped = sanitize(withBreaks, { allowedTags: [], allowedAttributes: {} })
  return unescapeHtml(escaped)
    .replace(/ *\n */g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/**
 * The words of HTML that was sanitised when it came in, to be searched: much quicker than `htmlToPlainText`, and blind to
 * how they are laid out.
 */
export function wordsOfSanitizedHtml(html: string): string {
  const withBreaks = html.replace(/<(?:br|\/?(?:p|li|pre|blockquote|ul|ol))\b[^<>]*>/gi, '\n')
  return unescapeHtml(withBreaks.replace(/<[^<>]*>/g, ''))
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes a text safe in element content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}

/** A plain text as one paragraph with its line breaks; nothing for none. */
export function toParagraph(text: string): string {
  return text === '' ? '' : `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`
}

/**
 * Changes the words of HTML that was sanitised when it came in, and nothing else: elements and attributes stay.
 * @param replace takes and gives element content, escaped
 */
export function replaceInText(html: string, replace: (escaped: string) => string): string {
  return sanitize(html, {
    allowedTags: keptTags,
    allowedAttributes: false,
    allowedSchemes: linkSchemes,
    nestingLimit: maxDepth,
    textFilter: replace,
  })
}

/** Removes what neither Postgres nor a well-formed document can hold: NUL, other control characters, lone surrogates. */
export function removeUnstorable(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '').replace(/(?![\t\n\r])\p{Cc}/gu, '')
}

function bounded(html: string): string {
  return removeUnstorable(html.slice(0, maxHtmlLength))
}

/** Headings become bold paragraphs, as on Mastodon; blocks that go keep a space so that words do not join. */
function normalizeBlocks(html: string): string {
  return html
    .replace(/<h[1-6](?:\s[^<>]*)?>/gi, '<p><strong>')
    .replace(/<\/h[1-6]\s*>/gi, '</strong></p>')
    .replace(/<\/(?:div|section|article|figcaption|t[rdh]|d[td])\s*>/gi, '$& ')
}

function transformLink(_tagName: string, attributes: sanitize.Attributes): sanitize.Tag {
  const href = (attributes.href ?? '').trim()
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(href)?.[1]?.toLowerCase()
  if (!scheme || !linkSchemes.includes(scheme)) return { tagName: 'span', attribs: {} }
  const isTag = attributes.rel?.split(/\s+/).includes('tag')
  return {
    tagName: 'a',
    attribs: {
      ...attributes,
      href,
      rel: `${isTag ? 'tag ' : ''}nofollow noopener noreferrer`,
      target: '_blank',
    },
  }
}

function transformLanguage(tagName: string, attributes: sanitize.Attributes): sanitize.Tag {
  const { lang, ...attribs } = attributes
  return { tagName, attribs: /^[a-z0-9-]{1,35}$/i.test(lang ?? '') ? attributes : attribs }
}

/** Numbers only: `start` and `value` are the one place where a list could carry text. */
function transformList(tagName: string, attributes: sanitize.Attributes): sanitize.Tag {
  const attribs = { ...attributes }
  for (const name of ['start', 'value']) if (!/^-?\d{1,9}$/.test(attribs[name] ?? '')) delete attribs[name]
  return { tagName, attribs }
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
