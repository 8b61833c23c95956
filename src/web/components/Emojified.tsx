import { raw } from 'hono/html'
import { escapeHtml, replaceInText } from '#src/base/html.ts'
import type { CustomEmoji } from '#src/db/tables.ts'
import type { Visit } from '../session.ts'

const shortcodes = /:([a-z0-9_+-]{1,100}):/gi

type UrlOf = (url: string) => string

/** A name or a warning, its shortcodes as pictures. */
export const EmojifiedText = ({
  text,
  emojis,
  visit,
}: {
  text: string
  emojis: CustomEmoji[]
  visit: Visit
}) => {
  const escaped = escapeHtml(text)
  return raw(mayHold(text, emojis) ? emojify(escaped, emojis, urlOfEmoji(visit)) : escaped)
}

/** HTML that was sanitised when it came in, its shortcodes as pictures. */
export const EmojifiedHtml = ({
  html,
  emojis,
  visit,
}: {
  html: string
  emojis: CustomEmoji[]
  visit: Visit
}) => raw(emojifyHtml(html, emojis, urlOfEmoji(visit)))

/** Only words change: elements and attributes stay as they are. */
export function emojifyHtml(html: string, emojis: CustomEmoji[], urlOf: UrlOf): string {
  return mayHold(html, emojis) ? replaceInText(html, (text) => emojify(text, emojis, urlOf)) : html
}

// Parsing costs, and most texts hold none.
function mayHold(text: string, emojis: CustomEmoji[]): boolean {
  return emojis.some((emoji) => text.includes(`:${emoji.shortcode}:`))
}

/** Only what came along with the text: a shortcode without a picture stays as it was written. */
function emojify(escaped: string, emojis: CustomEmoji[], urlOf: UrlOf): string {
  return escaped.replace(shortcodes, (written, name: string) => {
    const emoji = emojis.find((one) => one.shortcode === name)
    return emoji ? imageOf(written, urlOf(emoji.url)) : written
  })
}

function imageOf(name: string, url: string): string {
  return `<img class="emoji" src="${escapeHtml(url)}" alt="${name}" title="${name}" loading="lazy">`
}

/** The address of an emoji's picture: other servers' come through our cache. */
export function urlOfEmoji({ app }: Visit): UrlOf {
  return (url) => app.remoteFiles.urlOf(url, 'emoji')
}
