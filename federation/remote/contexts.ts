import { preloadedContexts } from '@fedify/vocab-runtime'

/**
 * LitePub's terms. Every Pleroma and Akkoma server names its own copy, so that without this one each of them
 * would have to be up for its members' activities to be understood.
 */
const litepub = {
  '@context': [
    'https://www.w3.org/ns/activitystreams',
    'https://w3id.org/security/v1',
    {
      fedibird: 'http://fedibird.com/ns#',
      litepub: 'http://litepub.social/ns#',
      misskey: 'https://misskey-hub.net/ns#',
      ostatus: 'http://ostatus.org#',
      schema: 'http://schema.org#',
      toot: 'http://joinmastodon.org/ns#',
      vcard: 'http://www.w3.org/2006/vcard/ns#',
      ChatMessage: 'litepub:ChatMessage',
      Emoji: 'toot:Emoji',
      EmojiReact: 'litepub:EmojiReact',
      Hashtag: 'as:Hashtag',
      PropertyValue: 'schema:PropertyValue',
      alsoKnownAs: { '@id': 'as:alsoKnownAs', '@type': '@id' },
      atomUri: 'ostatus:atomUri',
      capabilities: 'litepub:capabilities',
      conversation: { '@id': 'ostatus:conversation', '@type': '@id' },
      directMessage: 'litepub:directMessage',
      discoverable: 'toot:discoverable',
      formerRepresentations: 'litepub:formerRepresentations',
      invisible: 'litepub:invisible',
      listMessage: { '@id': 'litepub:listMessage', '@type': '@id' },
      manuallyApprovesFollowers: 'as:manuallyApprovesFollowers',
      oauthRegistrationEndpoint: { '@id': 'litepub:oauthRegistrationEndpoint', '@type': '@id' },
      quoteUri: 'fedibird:quoteUri',
      quoteUrl: 'as:quoteUrl',
      sensitive: 'as:sensitive',
      value: 'schema:value',
    },
  ],
}

// Several spellings of what is already here.
const aliases: Record<string, string> = {
  'http://www.w3.org/ns/activitystreams': 'https://www.w3.org/ns/activitystreams',
  'https://www.w3.org/ns/activitystreams.jsonld': 'https://www.w3.org/ns/activitystreams',
  'http://w3id.org/security/v1': 'https://w3id.org/security/v1',
  'http://schema.org': 'http://schema.org/',
  'https://schema.org': 'http://schema.org/',
  'https://schema.org/': 'http://schema.org/',
  'https://joinmastodon.org/ns': 'http://joinmastodon.org/ns',
}

const litepubPath = /^\/schemas\/litepub-0\.\d+\.jsonld$/

/** A JSON-LD context we hold ourselves, or undefined if it has to be fetched. */
export function findPreloadedContext(url: string): unknown {
  const key = url.replace(/#$/, '')
  const known = aliases[key] ?? key
  if (Object.hasOwn(preloadedContexts, known)) return preloadedContexts[known]
  const path = URL.parse(key)?.pathname
  return path !== undefined && litepubPath.test(path) ? litepub : undefined
}
