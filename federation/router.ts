import type { IncomingMessage } from 'node:http'
import type { LoadFedify } from './fedify.ts'
import type { Origin } from './inbox/guard.ts'
import { followersSynchronizationResponse } from './remote/followers-sync.ts'
import { actorByNameResponse, actorResponse, type Serving } from './serving/actors.ts'
import {
  accountCollectionResponse,
  conversationResponse,
  isAccountCollection,
  isNoteCollection,
  noteCollectionResponse,
} from './serving/collections.ts'
import { blockedResponse, notFoundResponse, prefersDocument } from './serving/documents.ts'
import { emojiResponse } from './serving/emojis.ts'
import type { NodeInfo } from './serving/nodeinfo.ts'
import { activityResponse, noteResponse } from './serving/objects.ts'
import { quoteAuthorizationResponse } from './serving/quote-authorizations.ts'
import type { Readers } from './serving/readers.ts'
import { webFingerResponse } from './serving/webfinger.ts'
import { isFromBlocked } from './trust.ts'

export type Routing = Serving & {
  loadFedify: LoadFedify
  nodeInfo: NodeInfo
  readers: Readers
  /** Takes what is posted to an inbox. */
  receive(request: Request, origin: Origin): Promise<Response>
}

/**
 * Undefined for what is not federation's: known from the path alone, or the path and what a client accepts.
 */
export type Route = (request: Request, connection?: Connection) => Promise<Response | undefined>

export type Connection = {
  /** The address of who asks, as `clientAddress` has it; asked for by what needs it alone. */
  readAddress(): string
  /** Node's own request, where there is one. */
  incoming: IncomingMessage | undefined
}

// 64-bit numbers: anything longer would make Postgres complain.
const usersPath = /^\/ap\/users\/(\d{1,18})(?:\/([a-z_-]+))?$/
const notesPath = /^\/ap\/notes\/(\d{1,18})(?:\/([a-z-]+))?$/
const emojiPath = /^\/ap\/emojis\/([A-Za-z0-9_]{2,64})$/
const conversationPath = /^\/ap\/conversations\/(\d{1,18})$/
const quoteAuthorizationPath = /^\/ap\/quote-authorizations\/(\d{1,18})$/
const pagePath = /^\/@([^/@]{1,100})(?:\/(\d{1,18}))?$/
const nodeInfoPath = /^\/nodeinfo\/([\d.]+)$/
const inboxPath = /^\/ap\/(?:inbox|users\/\d{1,18}\/inbox)$/

export function createRouter(routing: Routing): Route {
  return async (request, connection) => {
    const { pathname } = new URL(request.url)
    if (inboxPath.test(pathname) && request.method === 'POST')
      return routing.receive(request, { address: connection?.readAddress(), incoming: connection?.incoming })
    if (await isFromBlocked(routing, request)) return blockedResponse()
    if (pathname.startsWith('/ap/')) return underAp(routing, request, pathname)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead) return undefined
    if (pathname.startsWith('/@')) return page(routing, request, pathname)
    if (pathname === '/.well-known/webfinger') return webFingerResponse(routing.app, request)
    if (pathname === '/.well-known/nodeinfo') return routing.nodeInfo.discovery()
    const [, version] = nodeInfoPath.exec(pathname) ?? []
    return version === undefined ? undefined : (routing.nodeInfo.document(version) ?? notFoundResponse())
  }
}

async function underAp(routing: Routing, request: Request, pathname: string): Promise<Response> {
  if (inboxPath.test(pathname)) return methodNotAllowed('POST')
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed('GET, HEAD')
  return routing.readers.admit(request, () => documentUnderAp(routing, request, pathname))
}

async function documentUnderAp(routing: Routing, request: Request, pathname: string): Promise<Response> {
  const [, userId, ofUser] = usersPath.exec(pathname) ?? []
  if (userId !== undefined) return ofActor(routing, request, userId, ofUser)
  const [, noteId, ofNote] = notesPath.exec(pathname) ?? []
  if (noteId !== undefined) return ofANote(routing, request, noteId, ofNote)
  const [, shortcode] = emojiPath.exec(pathname) ?? []
  if (shortcode !== undefined) return emojiResponse(routing, request, shortcode)
  const [, authorizationId] = quoteAuthorizationPath.exec(pathname) ?? []
  if (authorizationId !== undefined) return quoteAuthorizationResponse(routing, request, authorizationId)
  const [, rootId] = conversationPath.exec(pathname) ?? []
  return rootId === undefined ? notFoundResponse() : conversationResponse(routing, request, rootId)
}

async function ofActor(routing: Routing, request: Request, id: string, name?: string): Promise<Response> {
  if (name === undefined) return actorResponse(routing, request, id)
  if (name === 'followers_synchronization') return followersSynchronizationResponse(routing, request, id)
  return isAccountCollection(name)
    ? accountCollectionResponse(routing, request, { id, name })
    : notFoundResponse()
}

async function ofANote(routing: Routing, request: Request, id: string, name?: string): Promise<Response> {
  if (name === undefined) return noteResponse(routing, request, id)
  if (name === 'activity') return activityResponse(routing, request, id)
  return isNoteCollection(name) ? noteCollectionResponse(routing, request, { id, name }) : notFoundResponse()
}

/** A page has the same address as its document, and shows it to who asks for that. */
async function page(routing: Routing, request: Request, pathname: string): Promise<Response | undefined> {
  const [, name, noteId] = pagePath.exec(pathname) ?? []
  if (name === undefined || !prefersDocument(request)) return undefined
  return routing.readers.admit(request, () =>
    noteId === undefined
      ? actorByNameResponse(routing, request, name)
      : noteResponse(routing, request, noteId),
  )
}

function methodNotAllowed(allow: string): Response {
  return new Response('Method not allowed', { status: 405, headers: { allow } })
}
