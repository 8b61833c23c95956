import { normalizeTag } from '#src/base/text.ts'
import type { Account } from '#src/db/accounts.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { as, hasType, idOf, isNode, type Node, nodesOf, textOf } from '../remote/linked-data.ts'
import type { Server } from './account.ts'
import type { Activity } from './activity.ts'
import { type JsonObject, publicAudience, tagContext } from './vocabulary.ts'

/** A hashtag on someone's profile. */
export function toHashtag(account: Account, name: string, { uris }: Server): JsonObject {
  return { type: 'Hashtag', href: uris.taggedPage(account.username, name), name: `#${name}` }
}

const longestTag = 100

/**
 * The document with a hashtag that is its object as the tag of a nameless one: Fedify holds hashtags for links, and
 * refuses links as objects, which Mastodon sends when someone puts one on their profile.
 */
export function withCarriedHashtag<T extends object>(document: T): T {
  const { object }: { object?: unknown } = document
  const isHashtag = isNode(object) && [object.type ?? object['@type']].flat().includes('Hashtag')
  return isHashtag ? { ...document, object: { type: 'Object', tag: [object] } } : document
}

/** The name of the hashtag that an activity is about, normalised; undefined when it is about something else. */
export function carriedHashtagFrom(object: Node | undefined): string | undefined {
  const [tag] = object ? nodesOf(object, as('tag')) : []
  return object && idOf(object) === undefined && tag ? hashtagFrom(tag) : undefined
}

/** The name of a hashtag, normalised; undefined for what is none. */
export function hashtagFrom(node: Node): string | undefined {
  if (!hasType(node, as('Hashtag'))) return undefined
  const name = normalizeTag((textOf(node, as('name')) ?? '').trim().replace(/^#/, ''))
  return name !== '' && name.length <= longestTag && !/[\s#]/.test(name) ? name : undefined
}

/**
 * Something was put on a profile, or taken from it. Hashtags, too, name `featured` as their target: Mastodon sends and
 * understands them so, although they have a collection of their own.
 */
export function toFeaturedChange(
  account: Account,
  { activity, changeId, object }: Omit<JobPayload<'deliverFeatured'>, 'accountId'>,
  server: Server,
): Activity {
  const target = server.uris.featured(account.id)
  return {
    '@context': tagContext,
    id: `${target}#${activity.toLowerCase()}/${changeId}`,
    type: activity,
    actor: account.uri,
    to: [publicAudience],
    cc: [server.uris.followers(account.id)],
    object: object.kind === 'note' ? object.uri : toHashtag(account, object.name, server),
    target,
  }
}
