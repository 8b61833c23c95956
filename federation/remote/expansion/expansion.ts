import type { DocumentLoader } from '@fedify/vocab-runtime'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import { isNode, type Node } from '../linked-data.ts'
import { expandByTable } from './by-table.ts'
import { createTermTables } from './term-table.ts'

const maxContexts = 12
const maxItems = 256
const maxValues = 3_000

/** Of a document that names none: it is taken for ActivityStreams, as the W3C's recommendation says (§2.1). */
export const defaultContext = ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/v1']

/**
 * Expands a document that describes one thing; undefined when it describes none, or several.
 * @throws FetchFailed when a context cannot be had now, and jsonld's errors for what cannot be expanded
 */
export type Expand = (document: object) => Promise<Node | undefined>

type Expanding = {
  contextLoader: DocumentLoader
  /** Whether what is usual is done by a table, and not all by jsonld. */
  isFast: boolean
}

export function createExpansion({ contextLoader, isFast }: Expanding): Expand {
  const tableOf = isFast ? createTermTables() : undefined
  return async (document) => {
    const modest = trimDocument(document)
    const input = '@context' in modest ? modest : { '@context': defaultContext, ...modest }
    const table = await tableOf?.(input['@context'])
    return (table && expandByTable(input, table)) ?? expandByJsonld(input, contextLoader)
  }
}

/**
 * The document with its lists cut to 256 items: expanding ten thousand mentions would stop the process for seconds.
 * @throws TypeError for what is still larger than any honest document
 */
export function trimDocument(document: object): Node {
  if (!isNode(document)) return {}
  const trimmed = hasLongList(document) ? trimNode(document) : document
  if (countValues(trimmed) > maxValues) throw new TypeError('A document holds too much')
  return trimmed
}

function hasLongList(value: object): boolean {
  if (Array.isArray(value) && value.length > maxItems) return true
  return Object.values(value).some((inner) => isContainer(inner) && hasLongList(inner))
}

function countValues(value: object): number {
  let count = 1
  for (const inner of Object.values(value)) count += isContainer(inner) ? countValues(inner) : 1
  return count
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

function trim(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, maxItems).map(trim)
  return isNode(value) ? trimNode(value) : value
}

function trimNode(node: Node): Node {
  return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, trim(inner)]))
}

async function expandByJsonld(input: Node, contextLoader: DocumentLoader): Promise<Node | undefined> {
  const { default: jsonld } = await import('@fedify/vocab-runtime/jsonld')
  let contexts = 0
  let failure: FetchFailed | undefined
  const documentLoader = async (url: string) => {
    contexts += 1
    if (contexts > maxContexts) throw new TypeError('A document names too many contexts')
    try {
      return await contextLoader(url)
    } catch (error) {
      // jsonld would make it the document's fault.
      if (error instanceof FetchFailed) failure = error
      throw error
    }
  }
  try {
    // An empty base leaves relative ids relative, and they are then no ids; `Public` stays what it says.
    const expanded: unknown = await jsonld.expand(input, { documentLoader, base: '' })
    if (!Array.isArray(expanded) || expanded.length !== 1) return undefined
    return isNode(expanded[0]) ? expanded[0] : undefined
  } catch (error) {
    throw failure ?? error
  }
}
