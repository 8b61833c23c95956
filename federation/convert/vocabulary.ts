/** The address of "everyone". */
export const publicAudience = 'https://www.w3.org/ns/activitystreams#Public'

/** Our own words, described in docs/fep-provenance.md. */
export const provenanceNamespace = 'https://w3id.org/pinxit/provenance#'

/** Quotes with consent. */
export function fep044f(term: string): string {
  return `https://w3id.org/fep/044f#${term}`
}

export type JsonObject = { [name: string]: unknown }

const mastodonTerms = {
  toot: 'http://joinmastodon.org/ns#',
  sensitive: 'as:sensitive',
  Hashtag: 'as:Hashtag',
  Emoji: 'toot:Emoji',
  blurhash: 'toot:blurhash',
  focalPoint: { '@container': '@list', '@id': 'toot:focalPoint' },
  votersCount: 'toot:votersCount',
}

/**
 * The context of a note, with every term we use that ActivityStreams lacks. The terms stand in it, so that no peer
 * has to fetch anything to understand us.
 */
export const noteContext = [
  'https://www.w3.org/ns/activitystreams',
  {
    ...mastodonTerms,
    ostatus: 'http://ostatus.org#',
    atomUri: 'ostatus:atomUri',
    conversation: 'ostatus:conversation',
    gts: 'https://gotosocial.org/ns#',
    interactionPolicy: { '@id': 'gts:interactionPolicy', '@type': '@id' },
    canQuote: { '@id': 'gts:canQuote', '@type': '@id' },
    automaticApproval: { '@id': 'gts:automaticApproval', '@type': '@id' },
    manualApproval: { '@id': 'gts:manualApproval', '@type': '@id' },
    quote: { '@id': fep044f('quote'), '@type': '@id' },
    quoteAuthorization: { '@id': fep044f('quoteAuthorization'), '@type': '@id' },
    quoteUri: 'http://fedibird.com/ns#quoteUri',
    quoteUrl: 'as:quoteUrl',
    _misskey_quote: 'https://misskey-hub.net/ns#_misskey_quote',
  },
]

/**
 * The context of an actor. `PropertyValue` stands under a base that is not schema.org's, because Mastodon put it
 * there and every peer followed.
 */
export const actorContext = [
  'https://www.w3.org/ns/activitystreams',
  'https://w3id.org/security/v1',
  'https://w3id.org/security/multikey/v1',
  {
    toot: 'http://joinmastodon.org/ns#',
    Emoji: 'toot:Emoji',
    schema: 'http://schema.org#',
    PropertyValue: 'schema:PropertyValue',
    value: 'schema:value',
    manuallyApprovesFollowers: 'as:manuallyApprovesFollowers',
    alsoKnownAs: { '@id': 'as:alsoKnownAs', '@type': '@id' },
    movedTo: { '@id': 'as:movedTo', '@type': '@id' },
    featured: { '@id': 'toot:featured', '@type': '@id' },
    featuredTags: { '@id': 'toot:featuredTags', '@type': '@id' },
    discoverable: 'toot:discoverable',
    indexable: 'toot:indexable',
    assertionMethod: {
      '@id': 'https://w3id.org/security#assertionMethod',
      '@type': '@id',
      '@container': '@set',
    },
    // FEP-2c59; its own context document is often out of reach.
    webfinger: 'https://purl.archive.org/socialweb/webfinger#webfinger',
    implements: { '@id': 'https://w3id.org/fep/844e#implements', '@type': '@id', '@container': '@set' },
  },
]

const activityStreams = 'https://www.w3.org/ns/activitystreams'

export const emojiContext = [activityStreams, { toot: 'http://joinmastodon.org/ns#', Emoji: 'toot:Emoji' }]

/** FEP-c0e0. */
export const reactionContext = [
  activityStreams,
  {
    toot: 'http://joinmastodon.org/ns#',
    Emoji: 'toot:Emoji',
    litepub: 'http://litepub.social/ns#',
    EmojiReact: 'litepub:EmojiReact',
  },
]

/** The context of activities that may hold a hashtag. */
export const tagContext = ['https://www.w3.org/ns/activitystreams', { Hashtag: 'as:Hashtag' }]

export const plainContext = 'https://www.w3.org/ns/activitystreams'

/** With milliseconds, as Misskey sends them: without, what happens within a second loses its order elsewhere. */
export function timestamp(date: Date): string {
  return date.toISOString()
}
