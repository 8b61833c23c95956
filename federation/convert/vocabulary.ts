/** The address of "everyone". */
export const publicAudience = 'https://www.w3.org/ns/activitystreams#Public'

/** Our own words, described in docs/fep-provenance.md. */
export const provenanceNamespace = 'https://w3id.org/pinxit/provenance#'

export type JsonObject = { [name: string]: unknown }

const mastodonTerms = {
  toot: 'http://joinmastodon.org/ns#',
  sensitive: 'as:sensitive',
  Hashtag: 'as:Hashtag',
  blurhash: 'toot:blurhash',
  focalPoint: { '@container': '@list', '@id': 'toot:focalPoint' },
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
  },
]

export const plainContext = 'https://www.w3.org/ns/activitystreams'

/** With milliseconds, as Misskey sends them: without, what happens within a second loses its order elsewhere. */
export function timestamp(date: Date): string {
  return date.toISOString()
}
