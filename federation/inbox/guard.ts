import { createHash, randomUUID } from 'node:crypto'
import type { MessageQueue } from '@fedify/fedify'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import { getValue, setValue } from '#src/db/key-value.ts'
import { withCarriedHashtag } from '../convert/featured.ts'
import { isContextType, isDocumentFault, parseDocument } from '../remote/document.ts'
import { defaultContext, trimDocument } from '../remote/expansion/expansion.ts'
import { noticeDigest, synchronizationHeader } from '../remote/followers-sync.ts'
import { as, idOf, type Node, onlyIdOf, typeOf, valuesOf, webAddress } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { findInboxOwner } from '../serving/actors.ts'
import { authorityOf, isForwardable } from '../signatures/authority.ts'
import { signingKeys } from '../signatures/coverage.ts'
import { carriesProof } from '../signatures/proofs.ts'
import { isBlocked, isSameOrigin } from '../trust.ts'
import type { InboxLimits } from './limits.ts'

export const maxInboxBytes = 1024 * 1024
const rememberedForMs = 13 * 60 * 60_000

type Guarding = {
  remote: Remote
  limits: InboxLimits
  queue: MessageQueue
}

/**
 * Takes what is posted to an inbox, in place of Fedify, which reads bodies of any size, answers 500 to a JSON string,
 * and believes signatures that cover too little, keys that another server wrote, and linked-data signatures. What
 * passes goes into Fedify's queue.
 */
export function createInboxGuard(
  guarding: Guarding,
): (request: Request, address?: string) => Promise<Response> {
  const { remote, limits } = guarding
  return async (request, address) => {
    const refused = refusalOfHead(request)
    if (refused) return refused
    if (!(await isInbox(remote, request))) return refuse(404, 'Nobody’s inbox')
    const waitSeconds = limits.take(request, address)
    if (waitSeconds !== undefined) return comeBackIn(remote, waitSeconds)
    const body = await readBounded(request)
    if (!body) return refuse(413, 'Larger than 1 MiB')
    const document = parse(body)
    if (!document) return refuse(400, 'Not a JSON object of modest size')
    const keyIds = signingKeys(request, body, remote.app.clock.now())
    if (!keyIds) return refuse(401, 'Not signed, or the signature covers too little')
    if (await isAnyBlocked(remote, keyIds)) return refuse(403, 'Blocked')
    const signed = { request: asAddressedToUs(remote, request, body), body, keyIds, document }
    return faultsAside(() => receiveSigned(guarding, signed))
  }
}

async function isInbox({ app }: Remote, request: Request): Promise<boolean> {
  const [, ownerId] = /^\/ap\/users\/(\d+)\/inbox$/.exec(new URL(request.url).pathname) ?? []
  return ownerId === undefined || (await findInboxOwner(app, ownerId)) !== undefined
}

function refusalOfHead({ method, headers }: Request): Response | undefined {
  if (method !== 'POST') return refuse(405, 'An inbox takes POST', { allow: 'POST' })
  // Any JSON: here, unlike where documents are fetched, the signature speaks, and not who could upload a file.
  if (!isContextType(headers.get('content-type'))) return refuse(415, 'Not an activity')
  const isPlain = (headers.get('content-encoding') ?? 'identity').toLowerCase() === 'identity'
  return isPlain ? undefined : refuse(415, 'Compressed bodies are not taken')
}

type Signed = { document: object; request: Request; body: Uint8Array; keyIds: string[] }

async function receiveSigned({ remote, queue }: Guarding, signed: Signed): Promise<Response> {
  const { request, document } = signed
  const node = await remote.expand(document)
  const actor = node && onlyIdOf(node, as('actor'))
  if (!node || !actor || valuesOf(node, as('actor')).length !== 1)
    return refuse(400, 'Not an activity of one actor')
  const isForwarded = !signed.keyIds.every((keyId) => isSameOrigin(keyId, actor))
  const refusal = refusalOf(node, actor) ?? (isForwarded ? refusalOfForwarding(signed, node) : undefined)
  if (refusal) return refusal
  return onceOnly(remote, signed, async () => {
    const authority = await authorityOf(remote, { request, document, node, actor, isForwarded })
    if (authority instanceof Response) return authority
    await enqueueActivity(remote, queue, node)
    const digest = request.headers.get(synchronizationHeader)
    // It stands in no proof.
    if (authority === 'actor') await noticeDigest(remote, digest, actor)
    return new Response(null, { status: 202 })
  })
}

/**
 * As Fedify would queue it, but in expanded form: a server that changed a context of its own after the signature was
 * checked could else make another the actor.
 */
async function enqueueActivity({ app }: Remote, queue: MessageQueue, activity: Node): Promise<void> {
  await queue.enqueue({
    type: 'inbox',
    id: randomUUID(),
    baseUrl: app.publicUrl,
    activity: { '@context': {}, ...activity },
    // What is done does not depend on the inbox it came to.
    identifier: null,
    attempt: 0,
    started: app.clock.now().toISOString(),
    traceContext: {},
  })
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

function parse(body: Uint8Array): object | undefined {
  try {
    const document = parseDocument(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (restructures(document)) return undefined
    const trimmed = trimDocument(document)
    // Fedify understands no document without a context.
    const readable = withCarriedHashtag(trimmed)
    return '@context' in document ? readable : { '@context': defaultContext, ...readable }
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

// Some peers send Undo and Accept without an id. Of these it is what we store.
const answerable = ['Follow', 'Like', 'Announce'] as const

/** An id of the actor's server, if there need be one. */
function refusalOf(node: Node, actor: string): Response | undefined {
  if (node['@id'] !== undefined && !isSameOrigin(idOf(node) ?? '', actor))
    return refuse(400, 'The id is not of the actor’s server')
  if (node['@id'] === undefined && typeOf(node, answerable))
    return refuse(400, 'Nobody could answer it or take it back without an id')
  return undefined
}

/** Another server than the actor's may send what it is no matter to hear again, with a proof of the actor's. */
function refusalOfForwarding({ document }: Signed, node: Node): Response | undefined {
  if (carriesProof(document) && isForwardable(node)) return undefined
  return refuse(401, 'The key is not of the actor’s server')
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
