import { escapeHtml } from '#src/base/html.ts'
import type { QuoteAuthorization } from '#src/db/quotes.ts'
import type { QuotePolicy } from '#src/db/tables.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import type { NoteView } from '#src/notes/view.ts'
import {
  as,
  hasType,
  idOf,
  idsOf,
  linksOf,
  type Node,
  nodesOf,
  onlyIdOf,
  textsOf,
  valuesOf,
} from '../remote/linked-data.ts'
import type { Server } from './account.ts'
import type { Activity } from './activity.ts'
import { onlyAddressOf, undefinedTerm } from './addresses.ts'
import { isPublic } from './audience.ts'
import { fep044f, type JsonObject, noteContext, publicAudience } from './vocabulary.ts'

// Quotes with consent, as https://w3id.org/fep/044f says and Mastodon does, and the properties there were before it.

const gts = (term: string) => `https://gotosocial.org/ns#${term}`
const misskeyQuote = 'https://misskey-hub.net/ns#_misskey_quote'

const requestContext = [...noteContext, { QuoteRequest: fep044f('QuoteRequest') }]
const authorizationContext = [
  'https://www.w3.org/ns/activitystreams',
  {
    QuoteAuthorization: fep044f('QuoteAuthorization'),
    gts: 'https://gotosocial.org/ns#',
    interactingObject: { '@id': 'gts:interactingObject', '@type': '@id' },
    interactionTarget: { '@id': 'gts:interactionTarget', '@type': '@id' },
  },
]

const activityStreamsType = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

/**
 * What a note says of its quote. Servers that know of no consent get the old properties too, until its author refused
 * or took it back: then they show nothing.
 */
export function toQuote({ note }: Pick<NoteView, 'note'>): JsonObject {
  const { quote_of_uri: uri, quote_state: state, quote_authorization_uri: proof } = note
  if (uri === null) return {}
  return {
    quote: uri,
    ...(isShown({ note }) && { quoteUri: uri, quoteUrl: uri, _misskey_quote: uri }),
    ...(state === 'accepted' && proof !== null && { quoteAuthorization: proof }),
  }
}

function isShown({ note }: Pick<NoteView, 'note'>): boolean {
  return note.quote_of_uri !== null && note.quote_state !== 'rejected' && note.quote_state !== 'revoked'
}

/** The FEP-e232 link among a note's tags, which the bridge to Bluesky reads. */
export function toQuoteLinks(view: Pick<NoteView, 'note'>): JsonObject[] {
  const { quote_of_uri: uri } = view.note
  if (uri === null || !isShown(view)) return []
  return [{ type: 'Link', href: uri, mediaType: activityStreamsType, rel: misskeyQuote, name: `RE: ${uri}` }]
}

/** The first line for servers that show no quotes; those that do know it by its class and leave it out. */
export function toQuoteLine(view: Pick<NoteView, 'note' | 'quote'>): string {
  const { quote_of_uri: uri } = view.note
  if (uri === null || !isShown(view)) return ''
  const page = escapeHtml(view.quote?.state === 'available' ? view.quote.view.note.url : uri)
  return `<p class="quote-inline">RE: <a href="${page}">${page}</a></p>`
}

/** Who may quote a note, told by its author's server. Others' servers ask in any case. */
export function toInteractionPolicy({ note, account }: NoteView, { uris }: Server): JsonObject {
  const policy = isForEveryone(note) ? note.quote_policy : 'nobody'
  const quoters = {
    public: publicAudience,
    followers: uris.followers(account.id),
    nobody: account.uri,
  }
  return { interactionPolicy: { canQuote: { automaticApproval: [quoters[policy]], manualApproval: [] } } }
}

/** @param followersUri of the author */
export function quotePolicyFrom(node: Node, followersUri: string | null): QuotePolicy {
  const [canQuote] = nodesOf(node, gts('interactionPolicy')).flatMap((policy) =>
    nodesOf(policy, gts('canQuote')),
  )
  // Older software says nothing; it can still be asked.
  if (!canQuote) return 'public'
  const approved = [gts('automaticApproval'), gts('manualApproval')].flatMap((kind) =>
    valuesOf(canQuote, kind).flatMap(({ '@id': id }) => (typeof id === 'string' ? [id] : [])),
  )
  if (approved.some(isPublic)) return 'public'
  return followersUri !== null && approved.includes(followersUri) ? 'followers' : 'nobody'
}

/** What an incoming note quotes; legacy where only properties without consent name it. */
export type IncomingQuote = { uri: string; authorizationUri: string | null; isLegacy: boolean }

const legacyProperties = [misskeyQuote, 'http://fedibird.com/ns#quoteUri', as('quoteUrl')]

export function quoteFrom(node: Node): IncomingQuote | null {
  const ownUri = idOf(node)
  const consenting = onlyAddressOf(node, fep044f('quote'))
  if (consenting !== undefined && consenting !== ownUri) {
    const authorizationUri = onlyAddressOf(node, fep044f('quoteAuthorization')) ?? null
    return { uri: consenting, authorizationUri, isLegacy: false }
  }
  const legacy =
    legacyProperties.flatMap((property) => linksOf(node, property))[0]?.href ?? quoteLinkFrom(node)
  return legacy === undefined || legacy === ownUri
    ? null
    : { uri: legacy, authorizationUri: null, isLegacy: true }
}

/** FEP-e232: a Link to an ActivityStreams object whose `rel` says that it is quoted. */
function quoteLinkFrom(node: Node): string | undefined {
  return linksOf(node, as('tag')).find(
    (link) =>
      hasType(link.node, as('Link')) &&
      textsOf(link.node, as('rel')).some(({ text }) => text === misskeyQuote || text === fep044f('quote')),
  )?.href
}

export type QuoteAsked = { uri: string; quotingUri: string; quotedUri: string; actor: string }

/** The question whether a note may quote another. The quoting note goes along, for who cannot fetch it yet. */
export function toQuoteRequest(
  asked: QuoteAsked,
  { instrument, to }: { instrument: JsonObject; to: string },
): Activity {
  return {
    '@context': requestContext,
    id: asked.uri,
    type: 'QuoteRequest',
    actor: asked.actor,
    to: [to],
    object: asked.quotedUri,
    instrument,
  }
}

/** The answer, with the whole question in it. @param result address of the proof, when it is yes */
export function toQuoteAnswer(
  { id, actor, result }: { id: string; actor: string; result: string | undefined },
  asked: QuoteAsked,
): Activity {
  return {
    '@context': requestContext,
    id,
    type: result === undefined ? 'Reject' : 'Accept',
    actor,
    to: [asked.actor],
    object: {
      id: asked.uri,
      type: 'QuoteRequest',
      actor: asked.actor,
      object: asked.quotedUri,
      instrument: asked.quotingUri,
    },
    ...(result !== undefined && { result }),
  }
}

type Authorized = { uri: string; authorUri: string; quotedUri: string }

/** The proof that a note may be quoted by another. */
export function toQuoteAuthorization(
  { quoting_uri: quotingUri }: QuoteAuthorization,
  { uri, authorUri, quotedUri }: Authorized,
): JsonObject {
  return {
    '@context': authorizationContext,
    id: uri,
    type: 'QuoteAuthorization',
    attributedTo: authorUri,
    interactingObject: quotingUri,
    interactionTarget: quotedUri,
  }
}

/** Whether a document proves that this note may quote that one, which its author alone may say. */
export function isQuoteAuthorization(
  node: Node,
  expected: { quotingUri: string; quotedUri: string; authorUri: string },
): boolean {
  return (
    // Mastodon's context forgot the type.
    hasType(node, fep044f('QuoteAuthorization'), undefinedTerm('QuoteAuthorization')) &&
    onlyIdOf(node, as('attributedTo')) === expected.authorUri &&
    onlyAddressOf(node, gts('interactingObject')) === expected.quotingUri &&
    onlyAddressOf(node, gts('interactionTarget')) === expected.quotedUri
  )
}

/** Taking a proof back, as Mastodon says it. */
export function toQuoteRevocation(uri: string, { actor, to }: { actor: string; to: string[] }): Activity {
  return {
    '@context': authorizationContext,
    id: `${uri}#delete`,
    type: 'Delete',
    actor,
    to,
    object: { id: uri, type: 'QuoteAuthorization' },
  }
}

/** What a QuoteRequest, or an answer to one, is about. */
export function quoteRequestFrom(node: Node): { quotedUri: string; quotingUri: string } | undefined {
  const quotedUri = idsOf(node, as('object'))[0]
  const quotingUri = idsOf(node, as('instrument'))[0]
  return quotedUri === undefined || quotingUri === undefined ? undefined : { quotedUri, quotingUri }
}
