import { createHash, randomUUID } from 'node:crypto'
import type { MessageQueue } from '@fedify/fedify'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import { getValue, setValue } from '#src/db/key-value.ts'
import { noticeDigest, synchronizationHeader } from './followers-sync.ts'
import type { InboxLimits } from './inbox-limits.ts'
import {
  as,
  defaultContext,
  idOf,
  isNode,
  type Node,
  onlyIdOf,
  trimDocument,
  typeOf,
  valuesOf,
  webAddress,
} from './linked-data.ts'
import type { Remote } from './remote.ts'
import { isContextType, isDocumentFault, parseDocument } from './remote-document.ts'
import { signingKeys } from './signature-coverage.ts'
import { isBlocked, isSameOrigin } from './trust.ts'

export const maxInboxBytes = 1024 * 1024
const rememberedForMs = 13 * 60 * 60_000

type Receive = (request: Request) => Promise<Response>

type Guarding = {
  remote: Remote
  limits: InboxLimits
  /** Fedify's own way: verify, then queue. */
  receive: Receive
  queue: MessageQueue
}

/**
 * Stands in front of Fedify's inboxes: Fedify reads bodies of any size, answers 500 to a JSON string, and believes
 * signatures that cover too little and keys that another server wrote. What passes is Fedify's to verify and queue.
 */
export function createInboxGuard(
  guarding: Guarding,
): (request: Request, address?: string) => Promise<Response> {
  const { remote, limits } = guarding
  return async (request, address) => {
    const refused = refusalOfHead(request)
    if (refused) return refused
    const waitSeconds = limits.take(request, address)
    if (waitSeconds !== undefined) return comeBackIn(remote, waitSeconds)
    const body = await readBounded(request)
    if (!body) return refuse(413, 'Larger than 1 MiB')
    const parsed = parse(body)
    if (!parsed) return refuse(400, 'Not a JSON object of modest size')
    const keyIds = signingKeys(request, body, remote.app.clock.now())
    if (!keyIds) return refuse(401, 'Not signed, or the signature covers too little')
    if (await isAnyBlocked(remote, keyIds)) return refuse(403, 'Blocked')
    const signed = { request: asAddressedToUs(remote, request, body), body, keyIds, ...parsed }
    return faultsAside(() => receiveSigned(guarding, signed))
  }
}

function refusalOfHead({ method, headers }: Request): Response | undefined {
  if (method !== 'POST') return refuse(405, 'An inbox takes POST', { allow: 'POST' })
  // Any JSON: here, unlike where documents are fetched, the signature speaks, and not who could upload a file.
  if (!isContextType(headers.get('content-type'))) return refuse(415, 'Not an activity')
  const isPlain = (headers.get('content-encoding') ?? 'identity').toLowerCase() === 'identity'
  return isPlain ? undefined : refuse(415, 'Compressed bodies are not taken')
}

type Parsed = { document: object; isChanged: boolean }
type Signed = Parsed & { request: Request; body: Uint8Array; keyIds: string[] }

async function receiveSigned(guarding: Guarding, signed: Signed): Promise<Response> {
  const { remote, receive } = guarding
  const { request, document, keyIds } = signed
  const node = await remote.expand(document)
  const refusal = refusalOf(node, [...keyIds, ...embeddedKeys(document)])
  if (refusal) return refusal
  return onceOnly(remote, signed, async () => {
    const digest = request.headers.get(synchronizationHeader)
    const answer = await (signed.isChanged ? receiveChanged(guarding, signed, node) : receive(request))
    const actor = node && onlyIdOf(node, as('actor'))
    if (answer.ok && actor) await noticeDigest(remote, digest, actor)
    return answer
  })
}

/**
 * Fedify would read the body as it came, and expand all of it several times: verified here, and queued as Fedify
 * does, but as we understand it and without the excess.
 */
async function receiveChanged(
  { remote, queue }: Guarding,
  { request, document }: Signed,
  node: Node | undefined,
): Promise<Response> {
  const actor = node && onlyIdOf(node, as('actor'))
  if (!actor || (await remote.signerOf(request)) !== actor) return refuse(401, 'The signature does not fit')
  const { app } = remote
  const { signature: _signature, proof: _proof, ...activity }: Record<string, unknown> = { ...document }
  await queue.enqueue({
    type: 'inbox',
    id: randomUUID(),
    baseUrl: app.publicUrl,
    activity,
    // What is done does not depend on the inbox it came to.
    identifier: null,
    attempt: 0,
    started: app.clock.now().toISOString(),
    traceContext: {},
  })
  return new Response(null, { status: 202 })
}

function comeBackIn({ app }: Remote, seconds: number): Response {
  app.metrics.countInboxActivity('other', 'too many')
  return refuse(429, 'Too many activities at once', { 'retry-after': String(seconds) })
}

function refuse(status: number, message: string, headers: Record<string, string> = {}): Response {
  return new Response(message, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  })
}

/** The body, counted while it is read: Content-Length may lie. Undefined when it is too large. */
async function readBounded(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(request.headers.get('content-length')) > maxInboxBytes) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > maxInboxBytes) return undefined
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function parse(body: Uint8Array): Parsed | undefined {
  try {
    const document = parseDocument(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (restructures(document)) return undefined
    const trimmed = trimDocument(document)
    if ('@context' in document) return trimmed
    // Fedify understands no document without a context.
    return { document: { '@context': defaultContext, ...trimmed.document }, isChanged: true }
  } catch {
    return undefined
  }
}

const restructuring = new Set(['@graph', '@included', '@reverse', '@nest'])

/** Keywords that turn a document inside out, by themselves or under a name a context gives them. No peer needs them. */
function restructures(value: unknown, isContext = false): boolean {
  if (typeof value === 'string') return isContext && restructuring.has(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([key, inner]) => restructuring.has(key) || restructures(inner, isContext || key === '@context'),
  )
}

async function isAnyBlocked({ app }: Remote, urls: string[]): Promise<boolean> {
  for (const url of urls) if (webAddress(url) && (await isBlocked(app, url))) return true
  return false
}

/** What a stranger's document does to those who read it is not our fault; what cannot be read now may be later. */
async function faultsAside(answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof FetchFailed)
      return refuse(503, 'A context cannot be fetched', { 'retry-after': '300' })
    if (isDocumentFault(error)) return refuse(400, 'Not an activity')
    throw error
  }
}

/** Keys of signatures inside a document, which Fedify takes in place of the request's. */
function embeddedKeys(document: object): string[] {
  const { signature, proof }: Record<string, unknown> = { ...document }
  return [signature, proof]
    .flat()
    .filter(isNode)
    .map(({ creator, verificationMethod }) => String(creator ?? verificationMethod ?? ''))
}

// Some peers send Undo and Accept without an id. Of these it is what we store.
const answerable = ['Follow', 'Like', 'Announce'] as const

/** One actor, an id of the actor's server if there need be one, and keys that no other server can have written. */
function refusalOf(node: Node | undefined, keyIds: string[]): Response | undefined {
  const actor = node && onlyIdOf(node, as('actor'))
  if (!node || !actor || valuesOf(node, as('actor')).length !== 1)
    return refuse(400, 'Not an activity of one actor')
  if (node['@id'] !== undefined && !isSameOrigin(idOf(node) ?? '', actor))
    return refuse(400, 'The id is not of the actor’s server')
  if (node['@id'] === undefined && typeOf(node, answerable))
    return refuse(400, 'Nobody could answer it or take it back without an id')
  const isOwn = keyIds.every((keyId) => isSameOrigin(keyId, actor))
  return isOwn ? undefined : refuse(401, 'The key is not of the actor’s server')
}

/**
 * The request as it was meant for this server, whatever a proxy made of it. A signature made for another host does not
 * fit it.
 */
function asAddressedToUs({ app }: Remote, request: Request, body: Uint8Array<ArrayBuffer>): Request {
  const { pathname, search } = new URL(request.url)
  const headers = new Headers(request.headers)
  headers.set('host', new URL(app.publicUrl).host)
  headers.delete('transfer-encoding')
  return new Request(`${app.publicUrl}${pathname}${search}`, { method: 'POST', headers, body })
}

/**
 * A request that was accepted once, captured and sent again, does nothing more. It is known by what its signature
 * covers: the header that carries the signature can be written in many ways, and others put beside it.
 */
async function onceOnly(
  { app }: Remote,
  { request, body }: Signed,
  receive: () => Promise<Response>,
): Promise<Response> {
  const { pathname } = new URL(request.url)
  const bodyHash = createHash('sha256').update(body).digest('base64url')
  const keys = momentsOf(request).map((moment) => ['accepted', pathname, bodyHash, moment])
  const now = app.clock.now()
  for (const key of keys) if (await getValue(app.db, key, now)) return new Response(null, { status: 202 })
  const response = await receive()
  const until = new Date(now.getTime() + rememberedForMs)
  if (response.ok) for (const key of keys) await setValue(app.db, key, true, until)
  return response
}

/** When its signatures say that they were made. */
function momentsOf({ headers }: Request): string[] {
  const input = headers.get('signature-input')
  if (input === null) return [headers.get('date') ?? '']
  return [...input.matchAll(/;created=(\d+)/g)].map(([moment]) => moment)
}
