import { escapeHtml, htmlToPlainText, toParagraph } from '#src/base/html.ts'
import { maxAttachments } from '#src/db/media.ts'
import type { ObjectType } from '#src/db/tables.ts'
import type { RemoteAttachment } from '#src/notes/draft.ts'
import {
  as,
  hasType,
  idOf,
  idsOf,
  linksOf,
  litepub,
  type Node,
  textOf,
  typeOf,
} from '../remote/linked-data.ts'
import { isSameOrigin } from '../trust.ts'
import { eventFrom } from './event.ts'
import { attachmentsFrom, coverFrom, playableFrom } from './media.ts'

const noteTypes: readonly ObjectType[] = [
  'Note',
  'Question',
  'Article',
  'Page',
  'Video',
  'Image',
  'Audio',
  'Event',
]

// What has an address and a name too, and is nothing to read.
const otherTypes = [
  ...[
    'Accept',
    'Add',
    'Announce',
    'Arrive',
    'Block',
    'Create',
    'Delete',
    'Dislike',
    'Flag',
    'Follow',
    'Ignore',
  ],
  ...[
    'Invite',
    'Join',
    'Leave',
    'Like',
    'Listen',
    'Move',
    'Offer',
    'Read',
    'Reject',
    'Remove',
    'Travel',
    'Undo',
  ],
  ...['TentativeAccept', 'TentativeReject', 'Update', 'View', 'Activity', 'IntransitiveActivity'],
  ...['Person', 'Service', 'Group', 'Organization', 'Application', 'Profile', 'Relationship', 'Tombstone'],
  ...[
    'Collection',
    'OrderedCollection',
    'CollectionPage',
    'OrderedCollectionPage',
    'Link',
    'Mention',
    'Place',
  ],
] as const

/**
 * As what an object of another server is shown; undefined for what cannot be. A kind we do not know becomes a link
 * with its name.
 */
export function objectTypeOf(node: Node): ObjectType | undefined {
  const type = typeOf(node, noteTypes)
  if (type) return type
  if (isChatMessage(node)) return 'Note'
  if (!Array.isArray(node['@type']) || typeOf(node, otherTypes)) return undefined
  const isNamed = Boolean(textOf(node, as('name'))?.trim()) && linksOf(node, as('url')).length > 0
  return isNamed ? 'Page' : undefined
}

/** What a chat of Pleroma's is made of: for the one it is sent to, whoever else its server adds. */
export function isChatMessage(node: Node): boolean {
  return hasType(node, litepub('ChatMessage'))
}

/** Whether its words are the whole of it, rather than what stands behind a link. */
export function isWritten(type: ObjectType): boolean {
  return type === 'Note' || type === 'Question'
}

const longest = { title: 500, excerpt: 500 }

/** An article, film or event as a note says it: its title, a short text, when and where it is, and a link. */
export function describe(
  node: Node,
  { url, html, language }: { url: string; html: string; language: string | null },
): string {
  const title = (textOf(node, as('name')) ?? '').trim().slice(0, longest.title)
  const links = [...new Set([...outwardLinks(node), url])]
  return [
    title === '' ? '' : `<p><strong>${escapeHtml(title)}</strong></p>`,
    ...eventFrom(node, language).map((line) => `<p>${escapeHtml(line)}</p>`),
    excerptOf(node, html),
    ...links.map((link) => `<p>${toLink(link)}</p>`),
  ].join('')
}

const blockStart = /^\s*<(?:p|pre|ul|ol|blockquote)[\s>]/

/** The summary its author wrote; else the text itself, or how it begins where it is long. */
function excerptOf(node: Node, html: string): string {
  const summary = htmlToPlainText(textOf(node, as('summary')) ?? '')
  if (summary !== '') return toParagraph(cut(summary))
  const text = htmlToPlainText(html)
  if (text.length > longest.excerpt) return toParagraph(cut(text))
  return html === '' || blockStart.test(html) ? html : `<p>${html}</p>`
}

/** With an ellipsis, after the last whole word; characters are not torn. */
function cut(text: string): string {
  if (text.length <= longest.excerpt) return text
  const begun = text.slice(0, longest.excerpt - 1).replace(/[\ud800-\udbff]$/, '')
  const whole = /^[\s\S]*\S(?=\s)/.exec(begun)?.[0]
  return `${whole && whole.length > longest.excerpt / 2 ? whole : begun}…`
}

const mostLinks = 3

/** What a page is about elsewhere: Lemmy attaches it as a `Link`, Friendica says its address instead of the page's. */
function outwardLinks(node: Node): string[] {
  const cover = coverFrom(node)?.remote_url
  const attached = linksOf(node, as('attachment')).filter(
    (link) => hasType(link.node, as('Link')) && !isPictureLink(link, cover),
  )
  const own = hasType(node, as('Page')) ? idsOf(node, as('url')) : []
  const uri = idOf(node) ?? ''
  const elsewhere = own.filter((url) => !isSameOrigin(url, uri))
  return [...attached.map(({ href }) => href), ...elsewhere].slice(0, mostLinks)
}

function isPictureLink({ href, mediaType }: { href: string; mediaType: string | undefined }, cover?: string) {
  return href === cover || Boolean(mediaType?.startsWith('image/'))
}

function toLink(url: string): string {
  const text = escapeHtml(url)
  return `<a href="${text}" rel="nofollow noopener noreferrer" target="_blank">${text}</a>`
}

/** What is attached to such a thing, what it is itself (a film, a sound, a picture), and the picture it goes by. */
export function attachmentsOf(node: Node, type: ObjectType): RemoteAttachment[] {
  const attached = attachmentsFrom(node)
  if (isWritten(type)) return attached
  const played =
    type === 'Video' || type === 'Audio' || type === 'Image' ? playableFrom(node, type) : undefined
  // What plays shows its picture until it does.
  const cover = played ? undefined : coverFrom(node)
  const byUrl = new Map<string, RemoteAttachment>()
  for (const one of [played, ...attached, cover]) {
    if (one && !byUrl.has(one.remote_url)) byUrl.set(one.remote_url, one)
  }
  return [...byUrl.values()].slice(0, maxAttachments)
}
