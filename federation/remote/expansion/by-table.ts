import { isNode, type Node } from '../linked-data.ts'
import type { Term, TermTable } from './term-table.ts'

// JSON-LD expansion (https://www.w3.org/TR/json-ld11-api/#expansion) of what servers usually write, by a table of
// words. At anything else it gives up, and jsonld does it: nested and scoped contexts, `@reverse`, `@graph`, `@nest`,
// value and list objects, relative IRIs, arrays in arrays. It never guesses, and never says what is wrong.

/** The table cannot tell what a document says. */
class Unusual extends Error {}

const maxDepth = 32

/** The document as jsonld would expand it; undefined where the table does not go that far. */
export function expandByTable(document: Node, table: TermTable): Node | undefined {
  try {
    const node = expandNode(table, document, 0)
    // What says nothing of a thing is left out.
    const keys = Object.keys(node)
    return keys.length > 1 || (keys.length === 1 && keys[0] !== '@id') ? node : undefined
  } catch (error) {
    if (error instanceof Unusual) return undefined
    throw error
  }
}

function expandNode(table: TermTable, node: Node, depth: number): Node {
  if (depth > maxDepth) throw new Unusual()
  const expanded: Record<string, unknown> = {}
  // Two words may mean the same: their values come in the order of the words.
  for (const word of wordsOf(node)) {
    if (word === '@context' && depth === 0) continue
    const term = table.terms.get(word)
    const property = propertyOf(table, word, term)
    if (property === null) continue
    const value = node[word]
    if (property === '@id') putOnce(expanded, '@id', expandId(table, value))
    else if (property === '@type') putOnce(expanded, '@type', expandTypes(table, value))
    else put(expanded, property, expandMember(table, { term, value, depth }))
  }
  return expanded
}

function wordsOf(node: Node): string[] {
  // jsonld loses it.
  if (Object.hasOwn(node, '__proto__')) throw new Unusual()
  return Object.keys(node).sort()
}

/** What a key stands for; null for a word without meaning. */
function propertyOf(table: TermTable, word: string, term: Term | undefined): string | null {
  if (word === '@id' || word === '@type') return word
  if (word.startsWith('@') || term?.isUnusual) throw new Unusual()
  if (term) return term.iri === '@id' || term.iri === '@type' ? term.iri : absoluteOrNull(term.iri)
  return absoluteOrNull(compactIri(table, word) ?? (table.vocabulary ?? '') + word)
}

const absoluteIri = /^(?:[a-z][a-z0-9+,.-]*|_):\S*$/i
const absoluteOrNull = (iri: string | null) => (iri !== null && absoluteIri.test(iri) ? iri : null)

/** Of something like `as:Note` or `https://…`; undefined for what has no scheme. */
function compactIri(table: TermTable, text: string): string | undefined {
  const colon = text.indexOf(':')
  if (colon <= 0) return undefined
  if (text.startsWith('//', colon + 1) || text.startsWith('_:')) return text
  const prefix = table.terms.get(text.slice(0, colon))
  if (prefix?.isUnusual) throw new Unusual()
  if (prefix?.isPrefix) return `${prefix.iri}${text.slice(colon + 1)}`
  return absoluteIri.test(text) ? text : undefined
}

function expandId(table: TermTable, value: unknown): string {
  if (typeof value !== 'string' || value.startsWith('@')) throw new Unusual()
  const iri = compactIri(table, value)
  if (iri === undefined) throw new Unusual()
  return iri
}

/** A word, or else what may stand in its place as an id. */
function expandWord(table: TermTable, value: unknown): string {
  if (typeof value !== 'string' || value.startsWith('@')) throw new Unusual()
  const term = table.terms.get(value)
  const iri = term ? term.iri : (compactIri(table, value) ?? inVocabulary(table, value))
  if (term?.isUnusual || iri === null || iri.startsWith('@')) throw new Unusual()
  return iri
}

function inVocabulary({ vocabulary }: TermTable, word: string): string {
  if (vocabulary === undefined) throw new Unusual()
  return vocabulary + word
}

/** Undefined where there is none. */
function expandTypes(table: TermTable, value: unknown): string[] | undefined {
  const types = Array.isArray(value)
    ? value.map((type) => expandWord(table, type))
    : [expandWord(table, value)]
  return types.length > 0 ? types : undefined
}

type Member = { term: Term | undefined; value: unknown; depth: number }

/** The values of a property; undefined where it is not said at all. */
function expandMember(table: TermTable, { term, value, depth }: Member): unknown[] | undefined {
  if (value === null) return undefined
  if (term?.isLanguageMap && isNode(value)) return expandLanguageMap(table, value)
  const items: unknown[] = Array.isArray(value) ? value.filter((item) => item !== null) : [value]
  const expanded = items.map((item) => expandItem(table, { term, value: item, depth }))
  return term?.isList ? [{ '@list': expanded }] : expanded
}

function expandItem(table: TermTable, { term, value, depth }: Member): Node {
  if (isNode(value)) return expandNode(table, value, depth + 1)
  if (typeof value === 'string') {
    if (term?.coercion === '@id') return { '@id': expandId(table, value) }
    if (term?.coercion === '@vocab') return { '@id': expandWord(table, value) }
  } else if (typeof value !== 'number' && typeof value !== 'boolean') throw new Unusual()
  return expandLiteral(table, term, value)
}

function expandLiteral({ language }: TermTable, term: Term | undefined, value: unknown): Node {
  const datatype = term?.coercion
  if (datatype !== undefined && !datatype.startsWith('@')) return { '@type': datatype, '@value': value }
  const spoken = term?.language === undefined ? language : term.language
  const isSpoken = typeof value === 'string' && spoken !== undefined && spoken !== null
  return isSpoken ? { '@language': spoken, '@value': value } : { '@value': value }
}

function expandLanguageMap({ terms }: TermTable, map: Node): Node[] {
  return wordsOf(map).flatMap((language) => {
    // `@none`, or another name of it.
    if (language.startsWith('@') || terms.get(language)?.isUnusual) throw new Unusual()
    return [map[language]].flat().flatMap((text) => {
      if (text === null) return []
      if (typeof text !== 'string') throw new Unusual()
      return [{ '@value': text, '@language': language.toLowerCase() }]
    })
  })
}

function put(node: Record<string, unknown>, property: string, values: unknown[] | undefined): void {
  if (values === undefined) return
  const present = node[property]
  node[property] = Array.isArray(present) ? [...present, ...values] : values
}

function putOnce(node: Record<string, unknown>, keyword: string, value: unknown): void {
  if (Object.hasOwn(node, keyword)) throw new Unusual()
  if (value !== undefined) node[keyword] = value
}
