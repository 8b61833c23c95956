import type { IncomingMessage } from 'node:http'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import { withCarriedHashtag } from '../convert/featured.ts'
import { isContextType, isDocumentFault, parseDocument } from '../remote/document.ts'
import { defaultContext, trimDocument } from '../remote/expansion/expansion.ts'
import { noticeDigest, synchronizationHeader } from '../remote/followers-sync.ts'
import { as, idOf, isNode, type Node, onlyIdOf, typeOf, valuesOf, webAddress } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { findInboxOwner } from '../serving/actors.ts'
import { digesting, signingKeys } from '../signatures/coverage.ts'
import { isBlocked, isSameOrigin } from '../trust.ts'
import { createArrivals } from './arrivals.ts'
import { readBody } from './body.ts'
import { type ByFedify, createByFedify } from './by-fedify.ts'
import { createDoor, type Door, type Signer } from './door.ts'
import type { InboxLimits } from './limits.ts'
import { accepted, answer, type InboxPost, ownerOfInbox, refusalOfFate, type Said } from './post.ts'

const maxInboxBytes = 1024 * 1024

/** Where a request came from, beside itself. */
export type Origin = { address?: string | undefined; incoming?: IncomingMessage | undefined }

type Guarding = {
  remote: Remote
  limits: InboxLimits
  /** Undefined where it is switched off: then everything goes by Fedify. */
  door: Door | undefined
  byFedify: ByFedify
}

/**
 * Takes what is posted to an inbox, in place of Fedify, which reads bodies of any size, answers 500 to a JSON string,
 * and believes signatures that cover too little, keys that another server wrote, and linked-data signatures. What
 * passes is kept as a job before it is answered.
 */
export function createInboxGuard({ remote, limits }: Pick<Guarding, 'remote' | 'limits'>) {
  const { app } = remote
  const arrivals = createArrivals(app)
  const door = app.config.fastPath.inbox ? createDoor(remote, arrivals) : undefined
  const guarding = { remote, limits, door, byFedify: createByFedify(remote, arrivals) }
  return async (request: Request, origin: Origin = {}): Promise<Response> => {
    const post = await readPost(guarding, request, origin)
    if (!(post instanceof Response)) return faultsAside(() => receive(guarding, post))
    app.metrics.countInboxPost('guard')
    return post
  }
}

/** All that can be said of a request without asking anybody. */
async function readPost(
  { remote: { app }, limits }: Guarding,
  request: Request,
  { address, incoming }: Origin,
): Promise<InboxPost | Response> {
  const { headers } = request
  const refused = refusalOfHead(request)
  if (refused) return refused
  const waitSeconds = limits.take(request, address)
  if (waitSeconds !== undefined) {
    app.metrics.countInboxActivity('other', 'too many')
    return answer(429, 'Too many activities at once', { 'retry-after': String(waitSeconds) })
  }
  const body = await readBody(request, { incoming, maxBytes: maxInboxBytes })
  if (!body) return answer(413, 'Larger than 1 MiB')
  const document = parse(body)
  if (!document) return answer(400, 'Not a JSON object of modest size')
  const digestOf = digesting(body)
  const keyIds = signingKeys({ headers, digestOf, now: app.clock.now() })
  if (!keyIds) return answer(401, 'Not signed, or the signature covers too little')
  const { pathname, search } = new URL(request.url)
  return { headers, url: new URL(pathname + search, app.publicUrl), body, digestOf, document, keyIds }
}

function refusalOfHead({ method, headers }: Request): Response | undefined {
  if (method !== 'POST') return answer(405, 'An inbox takes POST', { allow: 'POST' })
  // Any JSON: here, unlike where documents are fetched, the signature speaks, and not who could upload a file.
  if (!isContextType(headers.get('content-type'))) return answer(415, 'Not an activity')
  const isPlain = (headers.get('content-encoding') ?? 'identity').toLowerCase() === 'identity'
  return isPlain ? undefined : answer(415, 'Compressed bodies are not taken')
}

async function receive(guarding: Guarding, post: InboxPost): Promise<Response> {
  const { remote, door, byFedify } = guarding
  const { metrics } = remote.app
  const signer = await door?.recognise(post)
  // Of a known signer, the statement that keeps the activity looks whether it may.
  const said = (signer ? undefined : await refusalOfPlace(remote, post)) ?? (await read(remote, post))
  if (said instanceof Response) {
    metrics.countInboxPost('guard')
    return said
  }
  const taken = signer?.known.owner === said.actor ? await take(guarding, signer, { post, said }) : undefined
  metrics.countInboxPost(taken ? 'door' : 'fedify')
  if (taken) return taken
  const refusal = signer && (await refusalOfPlace(remote, post))
  return refusal ?? byFedify(post, said)
}

/** Whether there is such an inbox, and we have to do with where the post comes from. */
async function refusalOfPlace(remote: Remote, post: InboxPost): Promise<Response | undefined> {
  if (!(await isInbox(remote, post))) return answer(404, 'Nobody’s inbox')
  for (const url of post.keyIds)
    if (webAddress(url) && (await isBlocked(remote.app, url))) return answer(403, 'Blocked')
  return undefined
}

async function isInbox({ app }: Remote, post: InboxPost): Promise<boolean> {
  const ownerId = ownerOfInbox(post)
  return ownerId === null || (await findInboxOwner(app, ownerId)) !== undefined
}

/** What it says, in expanded form: a context can rename `actor`. */
async function read(remote: Remote, { document }: InboxPost): Promise<Said | Response> {
  const node = await remote.expand(document)
  const actor = node && onlyIdOf(node, as('actor'))
  if (!node || !actor || valuesOf(node, as('actor')).length !== 1)
    return answer(400, 'Not an activity of one actor')
  return refusalOf(node, actor) ?? { node, actor }
}

/** Undefined for what is not taken here, and may be there. */
async function take(
  { remote, door }: Guarding,
  signer: Signer,
  { post, said }: { post: InboxPost; said: Said },
): Promise<Response | undefined> {
  const fate = await door?.take(post, said, signer)
  if (fate === undefined) return undefined
  const refusal = refusalOfFate(fate)
  if (refusal) return refusal
  if (fate === 'kept') await noticeDigest(remote, post.headers.get(synchronizationHeader), said.actor)
  return accepted()
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function parse(body: Uint8Array): object | undefined {
  try {
    const document = parseDocument(decoder.decode(body))
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
  if (Array.isArray(value)) return value.some((item) => restructures(item, isContext))
  if (!isNode(value)) return false
  return Object.keys(value).some(
    (key) => restructuring.has(key) || restructures(value[key], isContext || key === '@context'),
  )
}

/** What a stranger's document does to those who read it is not our fault; what cannot be read now may be later. */
async function faultsAside(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FetchFailed)
      return answer(503, 'A context cannot be fetched', { 'retry-after': '300' })
    if (isDocumentFault(error)) return answer(400, 'Not an activity')
    throw error
  }
}

// Some peers send Undo and Accept without an id. Of these it is what we store.
const answerable = ['Follow', 'Like', 'Announce'] as const

/** An id of the actor's server, if there need be one. */
function refusalOf(node: Node, actor: string): Response | undefined {
  if (node['@id'] !== undefined && !isSameOrigin(idOf(node) ?? '', actor))
    return answer(400, 'The id is not of the actor’s server')
  if (node['@id'] === undefined && typeOf(node, answerable))
    return answer(400, 'Nobody could answer it or take it back without an id')
  return undefined
}
