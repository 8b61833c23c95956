import { Parser } from 'htmlparser2'
import { longestAddress, webUrlOf } from '#src/base/web-address.ts'

const maxLinks = 5
const namelessClasses = new Set(['mention', 'hashtag', 'quote-inline'])

/**
 * The web addresses that a note's HTML leads to, without fragments, in their order and at most five: neither people nor
 * hashtags, nor what a fallback for quotes names.
 */
export function linksIn(html: string): string[] {
  // Most notes have none, and need no parser.
  if (!/<a\s/i.test(html)) return []
  const links = new Set<string>()
  let isOutside = false
  let link: { href: string; text: string } | undefined
  const parser = new Parser({
    onopentag: (name, { class: classes = '', rel = '', href = '' }) => {
      const isNameless = classes.split(/\s+/).some((one) => namelessClasses.has(one))
      if (name !== 'a') isOutside ||= classes.split(/\s+/).includes('quote-inline')
      else link = isNameless || isOutside || rel.split(/\s+/).includes('tag') ? undefined : { href, text: '' }
    },
    ontext: (text) => {
      if (link) link.text += text
    },
    onclosetag: (name) => {
      if (name === 'p' || name === 'span') isOutside = false
      const address = name === 'a' && link && !/^[@#]/.test(link.text.trim()) ? pageOf(link.href) : undefined
      if (name === 'a') link = undefined
      if (address && links.size < maxLinks) links.add(address)
    },
  })
  parser.end(html)
  return [...links]
}

function pageOf(href: string): string | undefined {
  const url = webUrlOf(href)
  if (!url) return undefined
  url.hash = ''
  return url.href.length <= longestAddress ? url.href : undefined
}
