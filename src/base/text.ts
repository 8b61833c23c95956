import { domainToASCII } from 'node:url'
import { LinkifyIt } from 'linkify-it'
import { countGraphemes } from './graphemes.ts'
import { escapeHtml, removeUnstorable } from './html.ts'

type Place = { start: number; end: number }

/** `@bob`, or `@bob@example.com` with the host in ASCII and lower case. */
export type TextMention = Place & { username: string; host?: string }
/** `name` as typed, without the sign. */
export type TextHashtag = Place & { name: string }
export type TextUrl = Place & { url: string }

/** What a person typed, with its parts in order; places are UTF-16 offsets in `text`, the cleaned input. */
export type ParsedText = {
  text: string
  mentions: TextMention[]
  hashtags: TextHashtag[]
  urls: TextUrl[]
}

export type RenderOptions = {
  /** @param handle `bob` or `bob@example.com`. Undefined leaves the mention as text. */
  resolveMention(handle: string): { url: string; handle: string } | undefined
  /** @param name the hashtag as typed, without the sign */
  tagUrl(name: string): string
}

// Mastodon's rules, ports added for servers on a developer's machine:
// https://github.com/mastodon/mastodon/blob/main/app/models/account.rb (MENTION_RE) and tag.rb (HASHTAG_RE)
const mentionPattern =
  /(?<![=/\p{L}\p{M}\p{N}_])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@([\p{L}\p{M}\p{N}_]+(?:[.-]+[\p{L}\p{M}\p{N}_]+)*(?::\d{2,5}(?!\d))?))?/giu
const hashtagPattern = /(?<![=/)\p{L}\p{N}])[#＃]([\p{L}\p{M}\p{N}_·・\u200c]+)/gu
const maxHashtagLength = 100
const maxUsernameLength = 100

const urlLength = 23
const shownUrlLength = 30

/** Finds links, mentions and hashtags once; rendering, counting and addressing all start from the answer. */
export function parseText(typed: string): ParsedText {
  const text = removeUnstorable(typed.replace(/\r\n?/g, '\n'))
  const urls = findUrls(text)
  return {
    text,
    urls,
    mentions: outside(urls, findMentions(text)),
    hashtags: outside(urls, findHashtags(text)),
  }
}

function findUrls(text: string): TextUrl[] {
  // No state at import: a finder is cheap beside the text.
  const finder = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false })
  for (const schema of ['ftp:', 'mailto:', '//']) finder.add(schema, null)
  const found = finder.match(text) ?? []
  return found
    .filter(({ url }) => URL.canParse(url))
    .map(({ url, index, lastIndex }) => ({ url, start: index, end: lastIndex }))
}

function findMentions(text: string): TextMention[] {
  const mentions: TextMention[] = []
  for (const match of text.matchAll(mentionPattern)) {
    const [whole, username = '', typedHost] = match
    const host = typedHost && asciiHost(typedHost)
    if (username.length > maxUsernameLength || host === '') continue
    mentions.push({ username, ...(host && { host }), start: match.index, end: match.index + whole.length })
  }
  return mentions
}

/** Empty when it is no domain. */
function asciiHost(typed: string): string {
  const [name = '', port] = typed.split(':')
  const ascii = domainToASCII(name)
  return ascii && port ? `${ascii}:${port}` : ascii
}

function findHashtags(text: string): TextHashtag[] {
  const hashtags: TextHashtag[] = []
  for (const match of text.matchAll(hashtagPattern)) {
    // Separators join words; at the end they are punctuation.
    const name = (match[1] ?? '').replace(/[·・\u200c]+$/, '')
    if (!/\p{L}/u.test(name) || name.length > maxHashtagLength) continue
    hashtags.push({ name, start: match.index, end: match.index + 1 + name.length })
  }
  return hashtags
}

/** The parts that touch none of the links; both come in order, so one walk along them will do. */
function outside<T extends Place>(urls: TextUrl[], parts: T[]): T[] {
  let next = 0
  return parts.filter(({ start, end }) => {
    while ((urls[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1
    return (urls[next]?.start ?? Number.POSITIVE_INFINITY) >= end
  })
}

/**
 * HTML for a typed text, in the shapes Mastodon knows: paragraphs by blank lines, `h-card` mentions, `rel="tag"`
 * hashtags, links whose scheme and tail are hidden. Everything typed is escaped.
 */
export function renderText(typed: string | ParsedText, options: RenderOptions): { html: string } {
  const parsed = typeof typed === 'string' ? parseText(typed) : typed
  let html = ''
  let position = 0
  for (const { start, end, render } of renderedParts(parsed, options)) {
    html += escapeHtml(parsed.text.slice(position, start)) + render
    position = end
  }
  html += escapeHtml(parsed.text.slice(position))
  return { html: paragraphs(html) }
}

function renderedParts(parsed: ParsedText, options: RenderOptions): (Place & { render: string })[] {
  const raw = ({ start, end }: Place) => escapeHtml(parsed.text.slice(start, end))
  return [
    ...parsed.urls.map((url) => ({ ...url, render: renderUrl(url.url) })),
    ...parsed.hashtags.map((tag) => ({ ...tag, render: renderHashtag(tag.name, options.tagUrl(tag.name)) })),
    ...parsed.mentions.map((mention) => {
      const target = options.resolveMention(handleOf(mention))
      return { ...mention, render: target ? renderMention(target) : raw(mention) }
    }),
  ].sort((one, other) => one.start - other.start)
}

/** `bob` or `bob@example.com`. */
export function handleOf({ username, host }: Pick<TextMention, 'username' | 'host'>): string {
  return host ? `${username}@${host}` : username
}

function renderMention({ url, handle }: { url: string; handle: string }): string {
  const [username = ''] = handle.replace(/^@/, '').split('@')
  return `<span class="h-card"><a href="${escapeHtml(url)}" class="u-url mention">@<span>${escapeHtml(username)}</span></a></span>`
}

function renderHashtag(name: string, url: string): string {
  return `<a href="${escapeHtml(url)}" class="mention hashtag" rel="tag">#<span>${escapeHtml(name)}</span></a>`
}

function renderUrl(url: string): string {
  const [prefix = ''] = /^https?:\/\/(?:www\.)?/i.exec(url) ?? []
  // By characters, lest a surrogate pair be cut in two.
  const characters = Array.from(url.slice(prefix.length))
  const shown = characters.slice(0, shownUrlLength).join('')
  const rest = characters.slice(shownUrlLength).join('')
  const hidden = (part: string) => (part ? `<span class="invisible">${escapeHtml(part)}</span>` : '')
  const visible = `<span${rest ? ' class="ellipsis"' : ''}>${escapeHtml(shown)}</span>`
  return `<a href="${escapeHtml(url)}" target="_blank" rel="nofollow noopener noreferrer" translate="no">${hidden(prefix)}${visible}${hidden(rest)}</a>`
}

function paragraphs(html: string): string {
  return html
    .split(/\n(?:[^\S\n]*\n)+/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br />')}</p>`)
    .join('')
}

/** Length as Mastodon counts it: graphemes, each link 23, a remote mention only by its local part. */
export function countCharacters(typed: string | ParsedText): number {
  const { text, urls, mentions } = typeof typed === 'string' ? parseText(typed) : typed
  const shortened = [
    ...urls.map((url) => ({ ...url, as: 'x'.repeat(urlLength) })),
    ...mentions.map((mention) => ({ ...mention, as: `@${mention.username}` })),
  ].sort((one, other) => one.start - other.start)
  let counted = ''
  let position = 0
  for (const { start, end, as } of shortened) {
    counted += text.slice(position, start) + as
    position = end
  }
  counted += text.slice(position)
  return countGraphemes(counted)
}

/** One spelling per hashtag, however it was typed: what is stored, looked up and linked. */
export function normalizeTag(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

/** The hashtag of this name, normalised; undefined for what cannot be one. @param name without the sign */
export function hashtagFrom(name: string): string | undefined {
  const [tag, ...others] = findHashtags(`#${name}`)
  return tag?.name === name && others.length === 0 ? normalizeTag(name) : undefined
}
