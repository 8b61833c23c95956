import type { DocumentLoader } from '@fedify/vocab-runtime'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { loadPreloadedContexts, type PreloadedContexts } from '../contexts.ts'

/** What a context says of one word. */
export type Term = {
  /** Null for a word that means nothing; `@id` and `@type` for other names of these. */
  iri: string | null
  /** `@id`, `@vocab` or `@none`, or the IRI of a datatype; undefined for plain values. */
  coercion: string | undefined
  /** Null for no language; undefined for the context's own. */
  language: string | null | undefined
  isList: boolean
  isLanguageMap: boolean
  isPrefix: boolean
  /** Needs more than the table can do. */
  isUnusual: boolean
}

/** All that a context says, flat. */
export type TermTable = {
  terms: ReadonlyMap<string, Term>
  vocabulary: string | undefined
  language: string | undefined
}

/** Answers the table of a `@context`; undefined for one that is unknown, unusual or wrong. */
export type TermTables = (context: unknown) => Promise<TermTable | undefined>

// Servers of one kind write the same contexts: some dozens are in use. A table takes some 30 kB.
const keptTables = 150
const maxContextLength = 8 * 1024
const maxPreloadedLength = 16 * 1024
const understoodKeywords = ['@vocab', '@language', '@version']

/** Tables made by jsonld's own reading of a context, each once: the inline ones differ in few words and seldom. */
export function createTermTables(): TermTables {
  const kept = new LRUCache<string, { table: TermTable | undefined }>({ max: keptTables })
  let loading: Promise<PreloadedContexts> | undefined
  return async (context) => {
    loading ??= loadPreloadedContexts()
    const preloaded = await loading
    const parts = [context].flat().map((part) => plainPart(preloaded, part))
    const key = parts.includes(undefined) ? undefined : JSON.stringify(parts)
    if (key === undefined || key.length > maxContextLength) return undefined
    const known = kept.get(key)
    if (known) return known.table
    const table = await readContext(preloaded, parts)
    kept.set(key, { table })
    return table
  }
}

/** The context we hold under one of its names, or words that are defined in place; undefined for anything else. */
function plainPart({ nameOf }: PreloadedContexts, part: unknown): string | object | undefined {
  if (typeof part === 'string') return nameOf(part)
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return undefined
  const isPlain = Object.keys(part).every((key) => !key.startsWith('@') || understoodKeywords.includes(key))
  return isPlain ? part : undefined
}

async function readContext(
  { find }: PreloadedContexts,
  parts: readonly unknown[],
): Promise<TermTable | undefined> {
  const { default: jsonld } = await import('@fedify/vocab-runtime/jsonld')
  const documentLoader: DocumentLoader = async (url) => {
    const document = find(url)
    if (document === undefined || JSON.stringify(document).length > maxPreloadedLength)
      throw new TypeError('Not a context for a table')
    return { contextUrl: null, documentUrl: url, document }
  }
  try {
    const none = await jsonld.processContext(null, null, {})
    return toTable(await jsonld.processContext(none, parts, { documentLoader, base: '' }))
  } catch {
    // Whatever is wrong with it, jsonld is to say it of the document.
    return undefined
  }
}

// As jsonld keeps what it read. Whatever else it may hold makes a term, or all of them, unusual.
const mapping = z.strictObject({
  '@id': z.string().nullable(),
  '@type': z.string().optional(),
  '@language': z.string().nullable().optional(),
  '@container': z.array(z.string()).optional(),
  reverse: z.literal(false),
  protected: z.boolean().optional(),
  _prefix: z.boolean().optional(),
  _termHasColon: z.boolean(),
})
const activeContext = z.object({
  mappings: z.map(z.string(), z.unknown()),
  '@vocab': z
    .string()
    .regex(/^\w+:\S*$/)
    .optional(),
  '@language': z.string().optional(),
  '@base': z.never().optional(),
  '@direction': z.never().optional(),
  previousContext: z.never().optional(),
})

function toTable(active: unknown): TermTable | undefined {
  const read = activeContext.safeParse(active)
  if (!read.success) return undefined
  const terms = new Map([...read.data.mappings].map(([word, value]) => [word, toTerm(value)]))
  return { terms, vocabulary: read.data['@vocab'], language: read.data['@language'] }
}

const unusual: Term = {
  iri: null,
  coercion: undefined,
  language: undefined,
  isList: false,
  isLanguageMap: false,
  isPrefix: false,
  isUnusual: true,
}

function toTerm(value: unknown): Term {
  const read = mapping.safeParse(value)
  if (!read.success) return unusual
  const { '@id': iri, '@type': coercion, '@language': language, '@container': container = [] } = read.data
  const isOtherKeyword = iri?.startsWith('@') && iri !== '@id' && iri !== '@type'
  const isOtherContainer = container.some((kind) => !['@set', '@list', '@language'].includes(kind))
  if (isOtherKeyword || isOtherContainer || coercion === '@json') return unusual
  return {
    iri,
    coercion,
    language,
    isList: container.includes('@list'),
    isLanguageMap: container.includes('@language'),
    isPrefix: iri !== null && read.data._prefix === true,
    isUnusual: false,
  }
}
