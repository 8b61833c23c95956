import type {
  AuthenticatedDocumentLoaderFactory,
  DocumentLoader,
  DocumentLoaderFactory,
  RemoteDocument,
} from '@fedify/vocab-runtime'
import { LRUCache } from 'lru-cache'
import type { SafeFetch, SafeFetchResponse } from '#src/base/fetch.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import { loadSignatures } from '../fedify-packages.ts'
import { withReadableKeys } from '../signatures/key-documents.ts'
import { findPreloadedContext } from './contexts.ts'
import { findAlternate, isContextType, isDocumentType, parseDocument } from './document.ts'
import { fetchErrorOf } from './fetch-error.ts'

const accept =
  'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
const deadlineMs = 15_000
const maxRedirects = 5

const contextDeadlineMs = 8_000
const maxContextBytes = 128 * 1024
const contextLifeMs = 24 * 60 * 60 * 1000
const failedContextLifeMs = 60_000

// Long enough for the several looks at one actor that a single activity causes, too short to miss an edit.
const documentLifeMs = 10_000
const maxCachedCharacters = 4 * 1024 * 1024

type Spec = 'draft-cavage-http-signatures-12' | 'rfc9421'
type Identity = Parameters<AuthenticatedDocumentLoaderFactory>[0]

/** The loaders Fedify asks for, and a way to see a document afresh. */
export type DocumentLoaders = {
  documentLoaderFactory: DocumentLoaderFactory
  contextLoaderFactory: DocumentLoaderFactory
  authenticatedDocumentLoaderFactory: AuthenticatedDocumentLoaderFactory
  /** Drops a remembered document: after a signature did not fit its key, or when an Update says it changed. */
  forget(url: string): void
}

/**
 * Document loaders over SafeFetch with short memories, shared by all contexts of one server.
 * Answers with a status of 400 or more become Fedify's FetchError; what is not an ActivityStreams document is
 * FetchRefused. Whether a document's id belongs to where it was found is the caller's question.
 */
export function createDocumentLoaders(safeFetch: SafeFetch): DocumentLoaders {
  const remember = createMemory()
  const load = documentLoader(safeFetch)
  const signedLoad = signedDocumentLoader(safeFetch)
  const context = contextLoader(safeFetch)
  const documents: DocumentLoader = (url) => remember.load('', url, () => load(url))
  return {
    documentLoaderFactory: () => documents,
    contextLoaderFactory: () => context,
    authenticatedDocumentLoaderFactory: (identity) => (url) =>
      remember.load(identity.keyId.href, url, () => signedLoad(identity, url)),
    forget: remember.forget,
  }
}

type TextDocument = { documentUrl: string; text: string }

/**
 * Keeps texts, not objects: JSON-LD processing may write into what it is given. Callers who want the same document
 * share one fetch, so no single caller's signal can end it; the deadline does.
 */
function createMemory() {
  const kept = new LRUCache<string, TextDocument>({
    max: 1000,
    maxSize: maxCachedCharacters,
    sizeCalculation: ({ text }) => text.length + 1,
    ttl: documentLifeMs,
  })
  const underWay = new Map<string, Promise<TextDocument>>()

  async function load(
    reader: string,
    url: string,
    fetchText: () => Promise<TextDocument>,
  ): Promise<RemoteDocument> {
    const preloaded = await preloadedDocument(url)
    if (preloaded) return preloaded
    // What a server shows may depend on who asks.
    const key = `${withoutFragment(url)} ${reader}`
    const found = kept.get(key) ?? (await joinOrStart(key, fetchText))
    return {
      contextUrl: null,
      documentUrl: found.documentUrl,
      document: withReadableKeys(parseDocument(found.text)),
    }
  }

  function joinOrStart(key: string, fetchText: () => Promise<TextDocument>): Promise<TextDocument> {
    const running = underWay.get(key)
    if (running) return running
    const started = fetchText()
      .then((found) => {
        if (underWay.get(key) === started) kept.set(key, found)
        return found
      })
      .finally(() => {
        if (underWay.get(key) === started) underWay.delete(key)
      })
    underWay.set(key, started)
    return started
  }

  function forget(url: string): void {
    const prefix = `${withoutFragment(url)} `
    for (const store of [kept, underWay]) {
      for (const key of [...store.keys()]) if (key.startsWith(prefix)) store.delete(key)
    }
  }

  return { load, forget }
}

function withoutFragment(url: string): string {
  return url.split('#', 1)[0] ?? url
}

async function preloadedDocument(url: string): Promise<RemoteDocument | undefined> {
  const document = await findPreloadedContext(url)
  return document === undefined ? undefined : { contextUrl: null, document, documentUrl: url }
}

/** Turns an answer into a document's text; a web page leads on to the document it names, once. */
async function textFrom(
  answer: SafeFetchResponse,
  fetchAgain?: (url: string) => Promise<SafeFetchResponse>,
): Promise<TextDocument> {
  if (answer.status >= 300) throw await httpError(answer)
  if (isDocumentType(answer.headers.get('content-type'))) {
    const text = new TextDecoder().decode(answer.body)
    parseDocument(text)
    return { documentUrl: answer.url, text }
  }
  const alternate = fetchAgain && findAlternate(answer)
  if (!alternate) throw new FetchRefused('document')
  return textFrom(await fetchAgain(alternate))
}

function httpError({ url, status, headers }: SafeFetchResponse): Promise<Error> {
  const retryAfter = headers.get('retry-after')
  const response = new Response(null, { status, headers: retryAfter ? { 'retry-after': retryAfter } : {} })
  return fetchErrorOf(url, response)
}

function documentLoader(safeFetch: SafeFetch) {
  return (url: string): Promise<TextDocument> => {
    // One deadline for the page and the document it leads to.
    const options = { accept, signal: AbortSignal.timeout(deadlineMs), deadlineMs }
    const get = (address: string) => safeFetch(withoutFragment(address), options)
    return get(url).then((answer) => textFrom(answer, get))
  }
}

/**
 * Signs each GET, redirects included, by draft-cavage first because some peers know nothing else, then by
 * RFC 9421; what an origin took last is tried first.
 */
function signedDocumentLoader(safeFetch: SafeFetch) {
  const knownSpecs = new LRUCache<string, Spec>({ max: 2000 })

  async function knock(identity: Identity, url: string, spec: Spec, signal: AbortSignal) {
    const request = new Request(url, { headers: { accept } })
    const { signRequest } = await loadSignatures()
    const signed = await signRequest(request, identity.privateKey, identity.keyId, { spec })
    return safeFetch(url, {
      headers: Object.fromEntries(signed.headers),
      redirects: 'manual',
      signal,
      deadlineMs,
    })
  }

  async function knockTwice(identity: Identity, url: string, signal: AbortSignal) {
    const origin = new URL(url).origin
    const first = knownSpecs.get(origin) ?? 'draft-cavage-http-signatures-12'
    const answer = await knock(identity, url, first, signal)
    if (![400, 401, 403].includes(answer.status)) return answer
    const second = first === 'rfc9421' ? 'draft-cavage-http-signatures-12' : 'rfc9421'
    const other = await knock(identity, url, second, signal)
    if (other.status < 400) knownSpecs.set(origin, second)
    return other
  }

  async function follow(identity: Identity, url: string, signal: AbortSignal): Promise<SafeFetchResponse> {
    let current = withoutFragment(url)
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const answer = await knockTwice(identity, current, signal)
      const location = answer.status >= 300 && answer.status < 400 && answer.headers.get('location')
      if (!location) return answer
      const next = URL.parse(location, current)
      if (!next) throw new FetchRefused('url')
      current = withoutFragment(next.href)
    }
    throw new FetchRefused('redirects')
  }

  return async (identity: Identity, url: string): Promise<TextDocument> => {
    if (!URL.canParse(url)) throw new FetchRefused('url')
    const whole = AbortSignal.timeout(deadlineMs)
    const get = (address: string) => follow(identity, address, whole)
    return textFrom(await get(url), get)
  }
}

/** Contexts change rarely and are needed for every activity: held for a day, failures for a minute. */
function contextLoader(safeFetch: SafeFetch): DocumentLoader {
  const kept = new LRUCache<string, Promise<unknown>>({ max: 200, ttl: contextLifeMs })

  async function fetchContext(url: string): Promise<unknown> {
    const answer = await safeFetch(url, {
      accept: 'application/ld+json, application/json;q=0.9, application/activity+json;q=0.8',
      maxBytes: maxContextBytes,
      deadlineMs: contextDeadlineMs,
    })
    if (answer.status >= 300) throw await httpError(answer)
    if (!isContextType(answer.headers.get('content-type'))) throw new FetchRefused('document')
    return parseDocument(new TextDecoder().decode(answer.body))
  }

  return async (url) => {
    const preloaded = await preloadedDocument(url)
    if (preloaded) return preloaded
    const key = withoutFragment(url)
    let context = kept.get(key)
    if (!context) {
      context = fetchContext(key)
      kept.set(key, context)
      context.catch(() => kept.set(key, context, { ttl: failedContextLifeMs }))
    }
    return { contextUrl: null, documentUrl: url, document: structuredClone(await context) }
  }
}
