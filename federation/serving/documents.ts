import type { App } from '#src/app.ts'
import { etagOf, isKnown } from '#src/base/etag.ts'
import { createShortMemory, type ShortMemory } from '#src/base/short-memory.ts'
import type { Id } from '#src/db/tables.ts'
import type { JsonObject } from '../convert/vocabulary.ts'

/** A document as it goes over the wire. */
export type Document = { bytes: Uint8Array<ArrayBuffer>; etag: string }

/** What everyone gets who asks for an actor or a note of ours. */
export type Shown =
  | { state: 'open'; document: Document; authorId: Id }
  | { state: 'gone'; document: Document }
  /** There for some, who prove who they are. */
  | { state: 'closed' }
  | { state: 'nowhere' }

const maxBytes = 16 * 1024 * 1024
const bytesAround = 200

/** Ready to be sent; see docs/decisions/cached-documents.md. */
export type ShownDocuments = ShortMemory<Shown>

export function createShownDocuments(app: App): ShownDocuments {
  const sizeOf = (shown: Shown) => bytesAround + ('document' in shown ? shown.document.bytes.byteLength : 0)
  return createShortMemory(app, { most: maxBytes, sizeOf })
}

export function toDocument(json: JsonObject): Document {
  const bytes = new TextEncoder().encode(JSON.stringify(json))
  return { bytes, etag: etagOf(bytes) }
}

export const activityJson = 'application/activity+json'

// Pages and documents share addresses, and a signature may open what is closed to others.
export const commonHeaders = { vary: 'Accept, Signature, Signature-Input' }

/** Answers a public document, or 304 to who has it (RFC 9110, If-None-Match). */
export function documentResponse(request: Request, { bytes, etag }: Document): Response {
  const headers = {
    ...commonHeaders,
    'content-type': activityJson,
    'cache-control': 'public, max-age=180',
    etag,
    'access-control-allow-origin': '*',
  }
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  return new Response(request.method === 'HEAD' ? null : bytes, {
    headers: { ...headers, 'content-length': String(bytes.byteLength) },
  })
}

/** Answers what only this reader may see. */
export function privateResponse(request: Request, json: JsonObject): Response {
  const headers = { ...commonHeaders, 'content-type': activityJson, 'cache-control': 'private, no-store' }
  return new Response(request.method === 'HEAD' ? null : JSON.stringify(json), { headers })
}

/** What everyone gets; what is closed is not there for them. */
export function shownResponse(request: Request, shown: Shown): Response {
  if (shown.state === 'open') return documentResponse(request, shown.document)
  return shown.state === 'gone' ? goneResponse(request, shown.document) : notFoundResponse()
}

function goneResponse(request: Request, { bytes }: Document): Response {
  const headers = { ...commonHeaders, 'content-type': activityJson }
  return new Response(request.method === 'HEAD' ? null : bytes, { status: 410, headers })
}

export function notFoundResponse(): Response {
  return new Response('Not found', { status: 404, headers: commonHeaders })
}

/** To servers that are blocked here. */
export function blockedResponse(): Response {
  return new Response('Blocked', { status: 403, headers: { ...commonHeaders, 'cache-control': 'no-store' } })
}

const documentTypes = /^application\/(?:activity\+json|ld\+json)\s*(?:;|$)/i

/** Whether a client asks for the document rather than the page: its kind of answer stands before HTML. */
export function prefersDocument(request: Request): boolean {
  let best: { isDocument: boolean; quality: number } | undefined
  for (const part of (request.headers.get('accept') ?? '').split(',')) {
    const isDocument = documentTypes.test(part.trim())
    if (!isDocument && !/^\s*text\/html\b/i.test(part)) continue
    const quality = Number(/;\s*q=([\d.]+)/i.exec(part)?.[1] ?? 1)
    if (!best || quality > best.quality) best = { isDocument, quality }
  }
  return best?.isDocument ?? false
}
