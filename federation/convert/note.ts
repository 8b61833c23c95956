import { escapeHtml, sanitizeHtml } from '#src/base/html.ts'
import { normalizeTag } from '#src/base/text.ts'
import { maxAttachments } from '#src/db/media.ts'
import type { Mention } from '#src/db/mentions.ts'
import type { CustomEmoji, ObjectType, RemixPolicy, Visibility } from '#src/db/tables.ts'
import type { RemoteAttachment } from '#src/notes/draft.ts'
import type { NoteView } from '#src/notes/view.ts'
import {
  as,
  booleanOf,
  dateOf,
  hasType,
  idOf,
  idsOf,
  linksOf,
  type Node,
  nodesOf,
  ostatus,
  textOf,
  textsOf,
  typeOf,
} from '../linked-data.ts'
import { isSameOrigin } from '../trust.ts'
import type { Server } from './account.ts'
import { audienceFrom, toAudience, visibilityFrom } from './audience.ts'
import { attachmentsFrom, emojisFrom, toAttachment } from './media.ts'
import { labelOf, noteProvenanceFrom, toNoteProvenance, withoutLabel } from './provenance.ts'
import { type JsonObject, noteContext, publicAudience, timestamp } from './vocabulary.ts'

export type NoteOptions = {
  /** The author's own answers, oldest first: the first page of `replies`. */
  ownReplyUris: string[]
  /** Whether a line under the text says what kind of picture it is. */
  isLabelled: boolean
}

/** The Note document of a local note, without its context when it goes into an activity. */
export function toNote(view: NoteView, options: NoteOptions, server: Server): JsonObject {
  const { note, account } = view
  const label = options.isLabelled ? labelOf(view.media, server.uris.tagPage) : undefined
  const content = contentOf(note.content_html, label?.html)
  const mentioned = view.mentions.map((mention) => mention.uri)
  return {
    id: note.uri,
    type: 'Note',
    summary: note.summary === '' ? null : note.summary,
    inReplyTo: note.in_reply_to_uri,
    published: timestamp(note.published_at),
    ...(note.edited_at !== null && { updated: timestamp(note.edited_at) }),
    url: note.url,
    attributedTo: account.uri,
    ...toAudience(note.visibility, server.uris.followers(account.id), mentioned),
    sensitive: note.is_sensitive,
    atomUri: note.uri,
    conversation: note.conversation_uri,
    context: note.conversation_uri,
    content,
    ...(note.language !== null && { contentMap: { [note.language]: content } }),
    attachment: view.media
      .slice(0, maxAttachments)
      .map((media) => toAttachment(media, note, server.urlOfMedia))
      .filter((attachment) => attachment !== undefined),
    tag: [
      ...view.mentions.map((mention) => toMention(mention, server)),
      ...tagNames(view.tags, label?.tagName).map((name) => toHashtag(name, server)),
      ...toNoteProvenance(note, view.media),
    ],
    interactionPolicy: { canQuote: { automaticApproval: [quotersOf(view)] } },
    ...toCounters(view, options.ownReplyUris, server),
  }
}

/** A Note that stands alone. */
export function toNoteDocument(view: NoteView, options: NoteOptions, server: Server): JsonObject {
  return { '@context': noteContext, ...toNote(view, options, server) }
}

// Mastodon shows bare text as it is, in one line.
function contentOf(html: string, label: string | undefined): string {
  const wrapped = html === '' || html.startsWith('<') ? html : `<p>${html}</p>`
  return label ? `${wrapped}${label}` : wrapped
}

// Anyone may quote what anyone may see; the rest only its author.
function quotersOf({ note, account }: NoteView): string {
  const isOpen = note.visibility === 'public' || note.visibility === 'unlisted'
  return isOpen ? publicAudience : account.uri
}

function toMention(mention: Mention, { handleHost }: Server): JsonObject {
  const name = `@${mention.username}@${mention.domain ?? handleHost}`
  return { type: 'Mention', href: mention.uri, name }
}

function tagNames(own: string[], label: string | undefined): string[] {
  const isThere = label === undefined || own.some((name) => name.toLowerCase() === label.toLowerCase())
  return isThere ? own : [...own, label]
}

function toHashtag(name: string, { uris }: Server): JsonObject {
  return { type: 'Hashtag', href: uris.tagPage(name), name: `#${name}` }
}

// Mastodon fetches `replies` at every Create unless its first page is there already.
function toCounters({ note }: NoteView, ownReplyUris: string[], { uris }: Server): JsonObject {
  const replies = uris.replies(note.id)
  return {
    replies: {
      id: replies,
      type: 'Collection',
      first: toOwnReplies(replies, ownReplyUris),
    },
    likes: { id: uris.likes(note.id), type: 'Collection', totalItems: note.likes_count },
    shares: { id: uris.shares(note.id), type: 'Collection', totalItems: note.boosts_count },
  }
}

/** The first page of the replies: the author's own, which belong to the text. The others follow on the next. */
export function toOwnReplies(repliesUri: string, ownReplyUris: string[]): JsonObject {
  return {
    type: 'CollectionPage',
    id: `${repliesUri}?page=own`,
    partOf: repliesUri,
    next: `${repliesUri}?page=others`,
    items: ownReplyUris,
  }
}

/** What of another server's can be shown as a note. */
export const noteTypes: readonly ObjectType[] = [
  'Note',
  'Question',
  'Article',
  'Page',
  'Video',
  'Image',
  'Audio',
  'Event',
]

/** A note as its document has it, nobody in it looked up yet. */
export type IncomingNote = {
  uri: string
  url: string
  objectType: ObjectType
  visibility: Visibility
  /** Everyone it is addressed to, collections included. */
  addressedUris: string[]
  /** Sanitised. */
  contentHtml: string
  summary: string
  isSensitive: boolean
  language: string | null
  emojis: CustomEmoji[]
  inReplyToUri: string | undefined
  conversationUri: string | undefined
  repliesUri: string | undefined
  mentionUris: string[]
  /** Normalised. */
  tagNames: string[]
  attachments: RemoteAttachment[]
  remixPolicy: RemixPolicy
  remixOfUri: string | null
  /** Never later than now. */
  publishedAt: Date
  updatedAt: Date | null
}

const most = { summary: 500, title: 500, mentions: 50, tags: 30, tagLength: 100, addressed: 200 }
const longestExcerpt = 2_000

/** @param author whom it is attributed to; that it is, and may be, is the caller's to check */
export function noteFrom(
  node: Node,
  author: { followers_uri: string | null },
  now: Date,
): IncomingNote | undefined {
  const uri = idOf(node)
  const type = typeOf(node, noteTypes)
  if (!uri || !type || isVote(node)) return undefined
  const url = pageOf(node, uri)
  const audience = audienceFrom(node)
  const attachments = attachmentsFrom(node)
  const summary = type === 'Note' || type === 'Question' ? (textOf(node, as('summary')) ?? '') : ''
  const published = dateOf(node, as('published')) ?? now
  return {
    uri,
    url,
    objectType: type,
    visibility: visibilityFrom(audience, author.followers_uri),
    addressedUris: [...audience.to, ...audience.cc].slice(0, most.addressed),
    ...wordsFrom(node, url, attachments),
    summary: summary.slice(0, most.summary),
    isSensitive: (booleanOf(node, as('sensitive')) ?? false) || summary !== '',
    emojis: emojisFrom(node),
    inReplyToUri: idsOf(node, as('inReplyTo'))[0],
    conversationUri: textOf(node, ostatus('conversation')) ?? idsOf(node, as('context'))[0],
    repliesUri: idsOf(node, as('replies'))[0],
    mentionUris: mentionsFrom(node),
    tagNames: tagNamesFrom(node),
    attachments,
    ...noteProvenanceFrom(node),
    publishedAt: published > now ? now : published,
    updatedAt: dateOf(node, as('updated')) ?? null,
  }
}

/** A vote in a poll comes as a Note with a name and nothing to read. */
function isVote(node: Node): boolean {
  return (
    hasType(node, as('Note')) &&
    textOf(node, as('name')) !== undefined &&
    textOf(node, as('content')) === undefined &&
    idsOf(node, as('inReplyTo')).length > 0
  )
}

/** A page elsewhere would let a note pass for another server's. */
function pageOf(node: Node, uri: string): string {
  const pages = linksOf(node, as('url')).filter(({ href }) => isSameOrigin(href, uri))
  return (pages.find(({ mediaType }) => mediaType === 'text/html') ?? pages[0])?.href ?? uri
}

function wordsFrom(
  node: Node,
  url: string,
  attachments: RemoteAttachment[],
): Pick<IncomingNote, 'contentHtml' | 'language'> {
  const texts = textsOf(node, as('content'))
  const plain = texts.find(({ language }) => language === undefined) ?? texts[0]
  const named = texts.filter(({ language }) => language !== undefined)
  const language = (named.find(({ text }) => text === plain?.text) ?? named[0])?.language
  const isHtml = /^text\/html|^$/i.test(textOf(node, as('mediaType')) ?? '')
  const isLabelled = attachments.some((attachment) => attachment.digital_source_type)
  const text = plain?.text ?? ''
  const html = sanitizeHtml(isHtml ? (isLabelled ? withoutLabel(text) : text) : paragraph(text))
  const isWritten = hasType(node, as('Note'), as('Question'))
  return {
    contentHtml: isWritten ? html : titled(node, url, html),
    language:
      language && /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i.test(language) && language !== 'und'
        ? language
        : null,
  }
}

/** Articles, films and events show their title, a short text and where they are. */
function titled(node: Node, url: string, html: string): string {
  const title = (textOf(node, as('name')) ?? '').slice(0, most.title)
  const link = `<a href="${escapeHtml(url)}" rel="nofollow noopener noreferrer" target="_blank">${escapeHtml(url)}</a>`
  const heading = title === '' ? '' : `<p><strong>${escapeHtml(title)}</strong></p>`
  return `${heading}${html.length > longestExcerpt ? '' : html}<p>${link}</p>`
}

function paragraph(text: string): string {
  return text === '' ? '' : `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`
}

function mentionsFrom(node: Node): string[] {
  const mentioned = nodesOf(node, as('tag'))
    .filter((tag) => hasType(tag, as('Mention')))
    .flatMap((tag) => idsOf(tag, as('href')))
  return [...new Set(mentioned)].slice(0, most.mentions)
}

function tagNamesFrom(node: Node): string[] {
  const names = nodesOf(node, as('tag'))
    .filter((tag) => hasType(tag, as('Hashtag')))
    .map((tag) => normalizeTag((textOf(tag, as('name')) ?? '').trim().replace(/^#/, '')))
  return [...new Set(names)].filter(isTagName).slice(0, most.tags)
}

function isTagName(name: string): boolean {
  return name.length <= most.tagLength && /^[\p{L}\p{M}\p{N}_·・\u200c-]+$/u.test(name) && /\p{L}/u.test(name)
}
