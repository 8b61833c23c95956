import { removeUnstorable } from '#src/base/html.ts'
import { webUrlOf } from '#src/base/web-address.ts'

// Incoming documents are read in expanded form, property by full IRI. A context can rename `actor`, and Fedify's
// classes drop what they do not know (`blurhash`, `focalPoint`, `conversation`): neither can deceive here.

/** A node of an expanded JSON-LD document. */
export type Node = { readonly [iri: string]: unknown }

const maxIriLength = 2048

export const as = (term: string) => `https://www.w3.org/ns/activitystreams#${term}`
export const toot = (term: string) => `http://joinmastodon.org/ns#${term}`
export const litepub = (term: string) => `http://litepub.social/ns#${term}`
export const misskey = (term: string) => `https://misskey-hub.net/ns#${term}`
export const ostatus = (term: string) => `http://ostatus.org#${term}`
/** Mastodon writes the base with a hash, everybody else without. */
export const schema = (term: string) => [`http://schema.org#${term}`, `http://schema.org/${term}`]

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The absolute http(s) address a node goes by, as `URL` spells it. */
export function idOf(node: Node): string | undefined {
  return webAddress(node['@id'])
}

export function webAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxIriLength) return undefined
  return webUrlOf(value)?.href
}

export function hasType(node: Node, ...types: string[]): boolean {
  const own = node['@type']
  return Array.isArray(own) && own.some((type) => types.includes(type))
}

/** The ActivityStreams type of a node by its short name, the first of those asked for. */
export function typeOf<T extends string>(node: Node, types: readonly T[]): T | undefined {
  return types.find((type) => hasType(node, as(type)))
}

/** What a property holds: nodes, links and values alike, lists opened, in order. */
export function valuesOf(node: Node, property: string | string[]): Node[] {
  const found: Node[] = []
  for (const iri of [property].flat()) {
    const values = node[iri]
    for (const value of Array.isArray(values) ? values : []) {
      const list = isNode(value) ? value['@list'] : undefined
      if (Array.isArray(list)) found.push(...list.filter(isNode))
      else if (isNode(value)) found.push(value)
    }
  }
  return found
}

/** The nodes of a property that are more than an id. */
export function nodesOf(node: Node, property: string): Node[] {
  return valuesOf(node, property).filter((value) =>
    Object.keys(value).some((key) => key !== '@id' && key !== '@value'),
  )
}

export function idsOf(node: Node, property: string): string[] {
  return valuesOf(node, property)
    .map(idOf)
    .filter((id) => id !== undefined)
}

/** The only id of a property; undefined when there is none, or more than one. */
export function onlyIdOf(node: Node, property: string): string | undefined {
  const [first, ...others] = new Set(idsOf(node, property))
  return others.length === 0 ? first : undefined
}

export type LanguageText = { text: string; language: string | undefined }

/** Texts of a property and their languages, as they stand, without what cannot be stored. */
export function textsOf(node: Node, property: string | string[]): LanguageText[] {
  return valuesOf(node, property).flatMap(({ '@value': value, '@language': language }) =>
    typeof value === 'string'
      ? [{ text: removeUnstorable(value), language: typeof language === 'string' ? language : undefined }]
      : [],
  )
}

export function textOf(node: Node, property: string | string[]): string | undefined {
  const texts = textsOf(node, property)
  return (texts.find(({ language }) => language === undefined) ?? texts[0])?.text
}

export function booleanOf(node: Node, property: string): boolean | undefined {
  const value = valuesOf(node, property)[0]?.['@value']
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : undefined
}

export function numbersOf(node: Node, property: string): number[] {
  return valuesOf(node, property).flatMap(({ '@value': value }) => {
    const number = typeof value === 'string' ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number) ? [number] : []
  })
}

// Nobody wrote here before; what claims to be older has a broken clock, and may be more than Postgres can hold.
const oldest = new Date('1990-01-01T00:00:00Z')

export function dateOf(node: Node, property: string): Date | undefined {
  const value = valuesOf(node, property)[0]?.['@value']
  const date = typeof value === 'string' && value.length < 50 ? new Date(value) : undefined
  return date && date >= oldest ? date : undefined
}

/** Where a property leads, whether it is a plain address or a `Link` with an `href`. */
export function linksOf(
  node: Node,
  property: string,
): { href: string; mediaType: string | undefined; node: Node }[] {
  return valuesOf(node, property).flatMap((value) => {
    const [linked] = idsOf(value, as('href'))
    const href = linked ?? idOf(value) ?? webAddress(value['@value'])
    return href === undefined ? [] : [{ href, mediaType: textOf(value, as('mediaType')), node: value }]
  })
}
