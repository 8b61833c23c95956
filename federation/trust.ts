import type { DocumentLoader } from '@fedify/vocab-runtime'
import type { App } from '#src/app.ts'
import { isAppError } from '#src/base/errors.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import { createShortMemory, type ShortMemory } from '#src/base/short-memory.ts'
import { type Account, findAccountByUri } from '#src/db/accounts.ts'
import { isBlocking, isBlockingAnyone, isBlockingAnyUri } from '#src/db/blocks.ts'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import type { Id } from '#src/db/tables.ts'
import { isAddressBlocked, isDomainBlocked } from '#src/policies/domain-blocks.ts'
import type { LoadFedify } from './fedify.ts'
import { isDocumentFault } from './remote/document.ts'
import { isFetchError } from './remote/fetch-error.ts'
import { claimedKeys, isBoundToTarget } from './signatures/coverage.ts'
import { ownerOfQuerySignature } from './signatures/query-signature.ts'

/** FEP-fe34: a server speaks for what lies under its own origin, and for nothing else. */
export function isSameOrigin(one: string, other: string): boolean {
  const first = URL.parse(one)
  return first !== null && first.origin !== 'null' && first.origin === URL.parse(other)?.origin
}

/**
 * The same loader, for keys and whose they are: what a server leads to elsewhere, by a redirect or the link of a page,
 * does not speak for it.
 */
export function fromOwnServer(load: DocumentLoader): DocumentLoader {
  return async (url, options) => {
    const found = await load(url, options)
    if (!isSameOrigin(url, found.documentUrl)) throw new FetchRefused('document')
    return found
  }
}

/** Whether we have nothing to do with the server of an address; true too of what is no address. */
export function isBlocked({ db }: Pick<App, 'db'>, url: string): Promise<boolean> {
  return isAddressBlocked(db, url)
}

/**
 * Whether we have nothing to do with an account: by the server it lies on, or the one it is named after, where these
 * are two.
 */
export async function isOfBlocked({ db }: Pick<App, 'db'>, { uri, domain }: Account): Promise<boolean> {
  if (domain === null) return false
  if (await isAddressBlocked(db, uri)) return true
  return URL.parse(uri)?.host !== domain && isDomainBlocked(db, domain)
}

/** Whether all of these actors lie elsewhere than an inbox, and on servers we have nothing to do with. */
export async function areElsewhereAndBlocked(
  app: Pick<App, 'db'>,
  { inbox, actorIds }: { inbox: URL; actorIds: readonly string[] },
): Promise<boolean> {
  if (actorIds.length === 0 || actorIds.some((uri) => URL.parse(uri)?.host === inbox.host)) return false
  for (const uri of actorIds) if (!(await isBlocked(app, uri))) return false
  return true
}

/** The account that signed a GET; null for no signature, a wrong one, and people unknown or blocked here. */
export async function findSignedReader(
  loadFedify: LoadFedify,
  app: App,
  request: Request,
): Promise<Id | null> {
  const signer = await findSigner(loadFedify, app, request)
  const account = signer === null ? undefined : await findAccountByUri(app.db, signer)
  const isActive = account && !account.suspended_at && !account.deleted_at
  return isActive && !(await isOfBlocked(app, account)) ? account.id : null
}

/** Whether a GET says that it is signed by a server we have nothing to do with: it gets nothing, be that true or not. */
export async function isFromBlocked(
  { app, blockedHosts }: Pick<Asking, 'app' | 'blockedHosts'>,
  { headers }: Request,
): Promise<boolean> {
  if (!headers.has('signature')) return false
  for (const keyId of claimedKeys(headers)) {
    const host = URL.parse(keyId)?.host
    if (host !== undefined && (await blockedHosts.get(host, () => isBlocked(app, keyId)))) return true
  }
  return false
}

/** What is asked with every signed GET, remembered for a moment. */
export type Asking = {
  app: App
  /** Whether we have nothing to do with a server, by its host. */
  blockedHosts: ShortMemory<boolean>
  /** Whether an account blocks anyone at all. */
  blockers: ShortMemory<boolean>
}

const mostRemembered = 10_000

export function createAsking(app: App): Asking {
  const bounds = { most: mostRemembered }
  return { app, blockedHosts: createShortMemory(app, bounds), blockers: createShortMemory(app, bounds) }
}

/**
 * Whether someone whom an author blocks signed a GET. Verified, lest anyone find out whom an author blocks; but only
 * where it would matter, since most are not.
 */
export async function isFromShutOut(
  loadFedify: LoadFedify,
  { app, blockers }: Pick<Asking, 'app' | 'blockers'>,
  { request, authorId }: { request: Request; authorId: Id },
): Promise<boolean> {
  if (!request.headers.has('signature')) return false
  if (!(await blockers.get(authorId, () => isBlockingAnyone(app.db, authorId)))) return false
  const claimed = claimedKeys(request.headers).flatMap(ownersOf)
  if (!(await isBlockingAnyUri(app.db, authorId, claimed))) return false
  const readerId = await findSignedReader(loadFedify, app, request)
  return readerId !== null && isBlocking(app.db, authorId, readerId)
}

/** Keys are a fragment of their actor, or lie below (GoToSocial). */
function ownersOf(keyId: string): string[] {
  const [document = ''] = keyId.split('#', 1)
  return [document, document.replace(/\/[^/]*$/, '')]
}

/** The actor that signed a GET, known here or not; null for no signature, a wrong one, and blocked servers. */
export async function findSigner(loadFedify: LoadFedify, app: App, request: Request): Promise<string | null> {
  if (!isBoundToTarget(request.headers)) return null
  const addressed = asAddressedToUs(app, request)
  const ctx = (await loadFedify()).createContext(addressed, app)
  const actor = await findInstanceActor(app.db)
  // Servers that show their keys to signed requests alone want to know who asks.
  const documentLoader = fromOwnServer(
    actor ? await ctx.getDocumentLoader({ identifier: actor.id }) : ctx.documentLoader,
  )
  const owner =
    (await ctx.getSignedKeyOwner({ documentLoader }).catch(orNobody)) ??
    (addressed.url.includes('?')
      ? await ownerOfQuerySignature(ctx, addressed, documentLoader).catch(orNobody)
      : null)
  return !owner?.id || (await isBlocked(app, owner.id.href)) ? null : owner.id.href
}

/** Fedify throws at dates and signatures that it cannot decode; and whose key cannot be had is nobody, for now. */
function orNobody(error: unknown): null {
  if (isDocumentFault(error) || isAppError(error) || isFetchError(error)) return null
  throw error
}

/** The request as it was meant for this server, whatever a proxy made of it. */
function asAddressedToUs({ publicUrl }: App, request: Request): Request {
  const { pathname, search } = new URL(request.url)
  const headers = new Headers(request.headers)
  headers.set('host', new URL(publicUrl).host)
  return new Request(`${publicUrl}${pathname}${search}`, { method: request.method, headers })
}
