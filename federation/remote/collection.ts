import type { JsonObject } from '../convert/vocabulary.ts'
import { isSameOrigin } from '../trust.ts'
import { isDocumentFault } from './document.ts'
import { isNode, type Node, webAddress } from './linked-data.ts'
import type { Remote } from './remote.ts'

/** The beginning of a collection of another server. */
export type ReadCollection = {
  /** What its server says it holds. */
  totalItems: number | undefined
  /** Expanded; what the server only names is a node of nothing but an `@id`. */
  items: Node[]
}

/** `fresh`: as it is now, where a moment ago is not good enough. */
type Budget = { maxItems: number; maxRequests: number; fresh?: boolean }

/**
 * Reads a collection from its beginning, page by page, as far as the budget goes. Undefined when there is none.
 * @throws FetchFailed when its server does not answer now
 */
export async function readCollection(
  remote: Remote,
  uri: string,
  { maxItems, maxRequests, fresh = false }: Budget,
): Promise<ReadCollection | undefined> {
  const collection = await remote.fetchRaw(uri, { fresh })
  if (!collection) return undefined
  const items = [...(await itemsOf(remote, collection, maxItems))]
  const seen = new Set([uri])
  let next = collection.first
  while (items.length < maxItems) {
    const page = pageIn(next, collection) ?? (await fetchPage(next))
    if (!page) break
    items.push(...(await itemsOf(remote, page, maxItems - items.length)))
    next = page.next
  }
  return { totalItems: countOf(collection.totalItems), items }

  async function fetchPage(link: unknown): Promise<JsonObject | undefined> {
    const address = webAddress(isNode(link) ? link.id : link)
    if (!address || seen.has(address) || seen.size >= maxRequests || !isSameOrigin(address, uri))
      return undefined
    seen.add(address)
    return remote.fetchRaw(address, { fresh })
  }
}

/** Mastodon embeds a first page of few items: then there is nothing to fetch for it. */
function pageIn(link: unknown, collection: JsonObject): JsonObject | undefined {
  if (!isNode(link) || !(Array.isArray(link.orderedItems) || Array.isArray(link.items))) return undefined
  return { '@context': collection['@context'], ...link }
}

/** How many things its server says a collection holds; undefined when it does not say. */
export async function readTotal(remote: Remote, uri: string): Promise<number | undefined> {
  return countOf((await remote.fetchRaw(uri))?.totalItems)
}

const mostCounted = 1_000_000_000

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostCounted
    ? value
    : undefined
}

/** Each is expanded by itself, in the context of the page: one that cannot be is left out. */
async function itemsOf(remote: Remote, page: JsonObject, most: number): Promise<Node[]> {
  const listed = [page.orderedItems ?? page.items ?? []].flat().slice(0, most)
  const items = await Promise.all(listed.map((item) => toNode(remote, page['@context'], item)))
  return items.filter((item) => item !== undefined)
}

async function toNode(remote: Remote, context: unknown, item: unknown): Promise<Node | undefined> {
  const address = webAddress(item)
  if (address !== undefined) return { '@id': address }
  if (!isNode(item)) return undefined
  try {
    return await remote.expand({ '@context': context ?? [], ...item })
  } catch (error) {
    if (isDocumentFault(error)) return undefined
    throw error
  }
}
