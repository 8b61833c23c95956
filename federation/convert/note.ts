import { htmlToPlainText, sanitizeHtml, toParagraph } from '#src/base/html.ts'
import { normalizeTag } from '#src/base/text.ts'
import { maxAttachments } from '#src/db/media.ts'
import type { Mention } from '#src/db/mentions.ts'
import type { CustomEmoji, ObjectType, QuotePolicy, RemixPolicy, Visibility } from '#src/db/tables.ts'
import type { PollDraft, RemoteAttachment } from '#src/notes/draft.ts'
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
  schema,
  textOf,
  textsOf,
  valuesOf,
} from '../remote/linked-data.ts'
import { isSameOrigin } from '../trust.ts'
import type { Server } from './account.ts'
import { audienceFrom, toAudience, visibilityFrom } from './audience.ts'
import { emojisFrom, toEmoji } from './emoji.ts'
import { toAttachment } from './media.ts'
import { attachmentsOf, describe, isChatMessage, isWritten, objectTypeOf } from './object-types.ts'
import { pollFrom, toPoll, voteFrom } from './poll.ts'
import { noteProvenanceFrom, toNoteProvenance, toProvenanceLine, withoutLabel } from './provenance.ts'
import {
  type IncomingQuote,
  quoteFrom,
  quotePolicyFrom,
  toInteractionPolicy,
  toQuote,
  toQuoteLine,
  toQuoteLinks,
} from './quote.ts'
import { type JsonObject, noteContext, timestamp } from './vocabulary.ts'

export type NoteOptions = {
  /** The author's own answers, oldest first: the first page of `replies`. */
  ownReplyUris: string[]
  /** Whether a line under the text says what kind of picture it is. */
  isLabelled: boolean
}

/** The Note document of a local note, without its context when it goes into an activity. */
export function toNote(view: NoteView, options: NoteOptions, server: Server): JsonObject {
  const { note, account } = view
  const label = toProvenanceLine(view, { isLabelled: options.isLabelled, server })
  const content = `${toQuoteLine(view)}${contentOf(note.content_html, label?.html)}`
  const mentioned = view.mentions.map((mention) => mention.uri)
  return {
    id: note.uri,
    type: view.poll ? 'Question' : 'Note',
    ...(view.poll && toPoll(view.poll)),
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
    // Mastodon names a conversation twice: by a tag, and by where it is listed.
    context: note.context_uri ?? note.conversation_uri,
    content,
    ...(note.language !== null && { contentMap: { [note.language]: content } }),
    attachment: view.media
      .slice(0, maxAttachments)
      .map((media) => toAttachment(media, note, server.urlOfMedia))
      .filter((attachment) => attachment !== undefined),
    tag: [
      ...view.mentions.map((mention) => toMention(mention, server)),
      ...tagNames(view.tags, label?.tagName).map((name) => toHashtag(name, server)),
      ...note.emojis.map((emoji) => toEmoji(emoji, server.uris)),
      ...toNoteProvenance(note, view.media),
      ...toQuoteLinks(view),
    ],
    ...toQuote(view),
    ...toInteractionPolicy(view, server),
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
  /** Where its conversation may be listed (FEP-7888). */
  contextUri: string | undefined
  repliesUri: string | undefined
  mentionUris: string[]
  /** Normalised. */
  tagNames: string[]
  attachments: RemoteAttachment[]
  poll: PollDraft | null
  remixPolicy: RemixPolicy
  remixOfUri: string | null
  quote: IncomingQuote | null
  quotePolicy: QuotePolicy
  /** Never later than now. */
  publishedAt: Date
  updatedAt: Date | null
}

const most = { summary: 500, mentions: 50, tags: 30, tagLength: 100, addressed: 200 }

/** @param author whom it is attributed to; that it is, and may be, is the caller's to check */
export function noteFrom(
  node: Node,
  author: { followers_uri: string | null },
  now: Date,
): IncomingNote | undefined {
  const uri = idOf(node)
  const type = objectTypeOf(node)
  if (!uri || !type || voteFrom(node)) return undefined
  const url = pageOf(node, uri)
  const audience = audienceFrom(node)
  const attachments = attachmentsOf(node, type)
  const summary = isWritten(type) ? warningFrom(node) : ''
  const published = dateOf(node, as('published')) ?? now
  return {
    uri,
    url,
    objectType: type,
    visibility: isChatMessage(node) ? 'direct' : visibilityFrom(audience, author.followers_uri),
    addressedUris: [...audience.to, ...audience.cc].slice(0, most.addressed),
    ...wordsFrom(node, { type, url, attachments }),
    summary,
    isSensitive: (booleanOf(node, as('sensitive')) ?? false) || summary !== '',
    emojis: emojisFrom(node),
    inReplyToUri: idsOf(node, as('inReplyTo'))[0],
    conversationUri: textOf(node, ostatus('conversation')) ?? idsOf(node, as('context'))[0],
    contextUri: idsOf(node, as('context'))[0],
    repliesUri: idsOf(node, as('replies'))[0],
    mentionUris: mentionsFrom(node),
    tagNames: tagNamesFrom(node),
    attachments,
    poll: pollFrom(node, now),
    quote: quoteFrom(node),
    quotePolicy: quotePolicyFrom(node, author.followers_uri),
    ...noteProvenanceFrom(node),
    publishedAt: published > now ? now : published,
    updatedAt: dateOf(node, as('updated')) ?? null,
  }
}

/** A warning is shown as bare text; some servers write HTML in it. */
function warningFrom(node: Node): string {
  const text = textOf(node, as('summary')) ?? ''
  return (/<[a-z/][^<>]*>|&#?\w+;/i.test(text) ? htmlToPlainText(text) : text).slice(0, most.summary)
}

/** A page elsewhere would let a note pass for another server's; a film itself is no page. */
function pageOf(node: Node, uri: string): string {
  const pages = linksOf(node, as('url')).filter(
    ({ href, mediaType }) => isSameOrigin(href, uri) && /^$|^text\/html/i.test(mediaType ?? ''),
  )
  return (pages.find(({ mediaType }) => mediaType) ?? pages[0])?.href ?? uri
}

type Surroundings = { type: ObjectType; url: string; attachments: RemoteAttachment[] }

function wordsFrom(
  node: Node,
  { type, url, attachments }: Surroundings,
): Pick<IncomingNote, 'contentHtml' | 'language'> {
  const { text, language } = contentFrom(node)
  const isHtml = /^text\/html|^$/i.test(textOf(node, as('mediaType')) ?? '')
  const isLabelled = attachments.some((attachment) => attachment.digital_source_type)
  const html = sanitizeHtml(isHtml ? (isLabelled ? withoutLabel(text) : text) : toParagraph(text))
  return { contentHtml: isWritten(type) ? html : describe(node, { url, html, language }), language }
}

/**
 * The words and their language. `contentMap` says in which language `content` is, and may hold others: those are
 * left aside.
 */
function contentFrom(node: Node): { text: string; language: string | null } {
  const texts = textsOf(node, as('content')).map(({ text, language }) => ({
    text,
    // Pleroma's context gives every text a language, that of nobody.
    language: language === 'und' ? undefined : language,
  }))
  const plain = texts.find(({ language }) => language === undefined) ?? texts[0]
  const named = texts.filter(({ language }) => language !== undefined)
  const same = named.find(({ text }) => text === plain?.text)
  const only = named.length === 1 ? named[0] : undefined
  const said = (same ?? only)?.language ?? plain?.language ?? languageFrom(node)
  return { text: plain?.text ?? '', language: said && isLanguageTag(said) ? said : null }
}

/** Lemmy and PeerTube name the language of a thing beside it, by its code. */
function languageFrom(node: Node): string | undefined {
  const [language] = valuesOf(node, schema('inLanguage'))
  return textOf(node, schema('inLanguage')) ?? (language && textOf(language, schema('identifier')))
}

function isLanguageTag(tag: string): boolean {
  return /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i.test(tag) && tag !== 'und'
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
