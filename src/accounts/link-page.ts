import { Parser } from 'htmlparser2'
import { webUrlOf } from '#src/base/web-address.ts'

/**
 * Whether a page has a link of the kind `rel="me"` to one of these addresses: `<a>` and `<link>` alike. Only the whole
 * address counts, so that `https://host.example/@al` does not stand for `/@alice`, nor a page on another host for ours.
 * @param address where the page was found, for links that are relative
 */
export function linksBack(html: string, address: string, profileUrls: readonly string[]): boolean {
  const wanted = new Set(profileUrls.map((url) => canonical(url)))
  let isFound = false
  const parser = new Parser({
    onopentag: (name, { rel = '', href }) => {
      if (isFound || (name !== 'a' && name !== 'link') || href === undefined) return
      if (!rel.toLowerCase().split(/\s+/).includes('me')) return
      const target = canonical(href.trim(), address)
      isFound = target !== undefined && wanted.has(target)
    },
  })
  parser.end(html)
  return isFound
}

/** One spelling for one page: without fragment and final slash. Undefined for what is no web address. */
function canonical(href: string, base?: string): string | undefined {
  const url = webUrlOf(href, base)
  if (!url) return undefined
  url.hash = ''
  return url.href.replace(/\/(?=$|\?)/, '')
}

/**
 * The address that a profile field is: a local one's text, or a remote one's HTML when it is a single link that shows
 * the very address it leads to. Undefined for any other.
 */
export function addressOfField(value: string, isHtml: boolean): string | undefined {
  const address = isHtml ? onlyLinkOf(value) : value.trim()
  return address !== undefined && /^https?:\/\/\S+$/i.test(address) ? webUrlOf(address)?.href : undefined
}

function onlyLinkOf(html: string): string | undefined {
  let depth = 0
  let outside = ''
  let text = ''
  const links: string[] = []
  const parser = new Parser({
    onopentag: (name, { href = '' }) => {
      if (name !== 'a') return
      depth += 1
      links.push(href)
    },
    onclosetag: (name) => {
      if (name === 'a') depth -= 1
    },
    ontext: (piece) => {
      if (depth > 0) text += piece
      else outside += piece
    },
  })
  parser.end(html)
  const [link] = links
  return links.length === 1 && link !== undefined && outside.trim() === '' && text.trim() === link
    ? link
    : undefined
}
