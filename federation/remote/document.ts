import type { SafeFetchResponse } from '#src/base/fetch.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'

const activityStreams = 'https://www.w3.org/ns/activitystreams'
const maxDepth = 64
const maxValues = 50_000
const searchedPageLength = 256 * 1024

/**
 * Whether a media type may carry an ActivityStreams document. Plain JSON and LD-JSON without the profile may not:
 * whoever can upload a file to a host could else speak for it.
 */
export function isDocumentType(contentType: string | null): boolean {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim())
  if (type.toLowerCase() === 'application/activity+json') return true
  if (type.toLowerCase() !== 'application/ld+json') return false
  return parameters.some((parameter) => {
    const [, profiles] = /^profile\s*=\s*"?([^"]*)"?$/i.exec(parameter) ?? []
    return profiles?.split(/\s+/).includes(activityStreams) ?? false
  })
}

/** Contexts define words and speak for no one: any JSON will do. */
export function isContextType(contentType: string | null): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '')
}

/**
 * Reads a JSON object of modest depth and size; JSON-LD processing is recursive and slow on anything else.
 * @throws FetchRefused
 */
export function parseDocument(text: string): Record<string, unknown> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw new FetchRefused('document', error)
  }
  if (!isObject(document) || !isModest(document)) throw new FetchRefused('document')
  return document
}

// The last four are those of keys that are none, or of another kind than what they signed.
const documentFaults = [
  'jsonld.',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'AsnError',
  'DataError',
  'InvalidAccessError',
  'NotSupportedError',
]

/** Faults of what a stranger sent: jsonld's own errors, and what parsing and using it throws. */
export function isDocumentFault(error: unknown): boolean {
  return error instanceof Error && documentFaults.some((name) => error.name.startsWith(name))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isModest(document: object): boolean {
  let values = 0
  // No deeper than the limit, so that depth costs no stack.
  const isFine = (container: object, depth: number): boolean => {
    if (depth > maxDepth || Object.hasOwn(container, '__proto__')) return false
    const inner = Object.values(container)
    values += inner.length
    if (values > maxValues) return false
    return inner.every((value) => typeof value !== 'object' || value === null || isFine(value, depth + 1))
  }
  return isFine(document, 0)
}

/** The ActivityStreams document a web page stands for, by its Link header or its `<link rel="alternate">`. */
export function findAlternate({ url, headers, body }: SafeFetchResponse): string | undefined {
  const page = /^text\/html|^application\/xhtml\+xml/i.test(headers.get('content-type') ?? '')
    ? new TextDecoder().decode(body.subarray(0, searchedPageLength))
    : ''
  for (const link of [...linksOfHeader(headers.get('link')), ...linksOfPage(page)]) {
    const isAlternate = link.rel?.toLowerCase().split(/\s+/).includes('alternate')
    const target = link.href === undefined ? null : URL.parse(link.href, url)
    if (isAlternate && isDocumentType(link.type ?? null) && target && target.href !== url) return target.href
  }
  return undefined
}

type PageLink = { href?: string; rel?: string; type?: string }

/** RFC 8288, as much of it as `<…>; rel=…; type=…` needs. */
function linksOfHeader(header: string | null): PageLink[] {
  return [...(header ?? '').matchAll(/<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;<>]+))*)/g)].map(
    ([, href = '', parameters = '']) => ({ ...attributesOf(parameters), href }),
  )
}

function linksOfPage(page: string): PageLink[] {
  return [...page.matchAll(/<link\s([^<>]*)>/gi)].map(([, attributes = '']) => attributesOf(attributes))
}

function attributesOf(text: string): PageLink {
  const attributes: PageLink = {}
  for (const [, name = '', double, single, bare] of text.matchAll(
    /\b(href|rel|type)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>;]+))/gi,
  )) {
    const value = (double ?? single ?? bare ?? '').replaceAll('&amp;', '&').replaceAll('&quot;', '"')
    if (/^href$/i.test(name)) attributes.href ??= value
    else if (/^rel$/i.test(name)) attributes.rel ??= value
    else attributes.type ??= value
  }
  return attributes
}
