const opening = /<(p|span) class="quote-inline">/

/**
 * Sanitised HTML without the line that repeats the address of what is quoted ("RE: …"), for where the quoted note
 * itself is shown: Mastodon has it in a paragraph, Misskey in a span. https://w3id.org/fep/044f
 */
export function withoutQuoteLine(html: string): string {
  const match = opening.exec(html)
  if (!match) return html
  const end = endOf(html, match[1] === 'span' ? 'span' : 'p', match.index + match[0].length)
  return end === undefined ? html : (html.slice(0, match.index) + html.slice(end)).replace('<p></p>', '')
}

/** Where an element ends whose content starts there, others of its kind within it passed over. */
function endOf(html: string, tag: 'p' | 'span', start: number): number | undefined {
  const tags = new RegExp(`<(/?)${tag}\\b[^<>]*>`, 'g')
  tags.lastIndex = start
  for (let depth = 1, found = tags.exec(html); found; found = tags.exec(html)) {
    depth += found[1] === '/' ? -1 : 1
    if (depth === 0) return tags.lastIndex
  }
  return undefined
}
