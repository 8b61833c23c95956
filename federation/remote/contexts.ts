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

/** Stands for every server's copy. */
const litepubName = 'http://litepub.social/schemas/litepub-0.1.jsonld'
const litepubPath = /^\/schemas\/litepub-0\.\d+\.jsonld$/

/** JSON-LD contexts that we hold ourselves. */
export type PreloadedContexts = {
  /** Under one of its names; undefined for one that has to be fetched. */
  find(url: string): unknown
  /** The same for all names of a context; undefined for one that has to be fetched. */
  nameOf(url: string): string | undefined
}

/** Loaded with the first document that names one: Fedify's come with much else, and an idle server needs none. */
export async function loadPreloadedContexts(): Promise<PreloadedContexts> {
  const { preloadedContexts } = await import('@fedify/vocab-runtime')
  const nameOf = (url: string): string | undefined => {
    const key = url.replace(/#$/, '')
    const known = aliases[key] ?? key
    if (Object.hasOwn(preloadedContexts, known)) return known
    const path = URL.parse(key)?.pathname
    return path !== undefined && litepubPath.test(path) ? litepubName : undefined
  }
  const find = (url: string): unknown => {
    const name = nameOf(url)
    if (name === undefined) return undefined
    return name === litepubName ? litepub : preloadedContexts[name]
  }
  return { find, nameOf }
}

export async function findPreloadedContext(url: string): Promise<unknown> {
  return (await loadPreloadedContexts()).find(url)
}
