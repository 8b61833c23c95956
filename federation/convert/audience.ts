import type { Visibility } from '#src/db/tables.ts'
import { as, type Node, valuesOf } from '../remote/linked-data.ts'
import { publicAudience } from './vocabulary.ts'

export type Audience = { to: string[]; cc: string[] }

/**
 * Whom a note is addressed to, as Mastodon reads it: public and quiet public differ only by where the public stands.
 * @param mentioned actors; a boost's author is one of them
 */
export function toAudience(visibility: Visibility, followersUri: string, mentioned: string[]): Audience {
  switch (visibility) {
    case 'public':
      return { to: [publicAudience], cc: [followersUri, ...mentioned] }
    case 'unlisted':
      return { to: [followersUri], cc: [publicAudience, ...mentioned] }
    case 'followers':
      return { to: [followersUri], cc: mentioned }
    case 'direct':
      return { to: mentioned, cc: [] }
  }
}

/** `to` and `cc` of an incoming object, as they stand: the public is spelled in three ways, and is no web address. */
export function audienceFrom(node: Node): Audience {
  const ids = (property: string) =>
    valuesOf(node, property).flatMap(({ '@id': id }) => (typeof id === 'string' ? [id] : []))
  return { to: ids(as('to')), cc: ids(as('cc')) }
}

/** @param followersUri of the author, where we know it; others' followers cannot see an author's notes */
export function visibilityFrom({ to, cc }: Audience, followersUri: string | null): Visibility {
  if (to.some(isPublic)) return 'public'
  if (cc.some(isPublic)) return 'unlisted'
  const isForFollowers = followersUri !== null && [...to, ...cc].includes(followersUri)
  return isForFollowers ? 'followers' : 'direct'
}

export function isPublic(id: string): boolean {
  return id === publicAudience || id === 'as:Public' || id === 'Public'
}
