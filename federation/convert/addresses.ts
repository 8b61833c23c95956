import { linksOf, type Node } from '../remote/linked-data.ts'

/**
 * The addresses that a property of others' vocabularies holds. Contexts in the wild leave out that it holds ids, so that
 * they read as plain text: Misskey's of `featured`, Mastodon's until the spring of 2026 of all that quotes are made of
 * (https://github.com/mastodon/mastodon/issues/38680 and 38938).
 */
export function addressesOf(node: Node, ...properties: string[]): string[] {
  return [...new Set(properties.flatMap((property) => linksOf(node, property).map(({ href }) => href)))]
}

/** The only address; undefined when there is none, or more than one. */
export function onlyAddressOf(node: Node, ...properties: string[]): string | undefined {
  const [first, ...others] = addressesOf(node, ...properties)
  return others.length === 0 ? first : undefined
}

/** What ActivityStreams' own context makes of a term that no other defines. */
export const undefinedTerm = (term: string) => `_:${term}`
