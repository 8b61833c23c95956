import type { Federation } from '@fedify/fedify'
import type { App } from '#src/app.ts'
import { findAccountByUri } from '#src/db/accounts.ts'
import { isBlocking, isBlockingAnyUri } from '#src/db/blocks.ts'
import { findInstanceActor } from '#src/db/instance-actor.ts'
import type { Id } from '#src/db/tables.ts'
import { isAddressBlocked } from '#src/policies/domain-blocks.ts'
import { isDocumentFault } from './remote-document.ts'
import { claimedKeys, isBoundToTarget } from './signature-coverage.ts'

/** FEP-fe34: a server speaks for what lies under its own origin, and for nothing else. */
export function isSameOrigin(one: string, other: string): boolean {
  const first = URL.parse(one)
  return first !== null && first.origin !== 'null' && first.origin === URL.parse(other)?.origin
}

/** Whether we have nothing to do with the server of an address; true too of what is no address. */
export function isBlocked({ db }: Pick<App, 'db'>, url: string): Promise<boolean> {
  return isAddressBlocked(db, url)
}

/** The account that signed a GET; null for no signature, a wrong one, and people unknown or blocked here. */
export async function findSignedReader(
  federation: Federation<App>,
  app: App,
  request: Request,
): Promise<Id | null> {
  if (!isBoundToTarget(request.headers)) return null
  const ctx = federation.createContext(asAddressedToUs(app, request), app)
  const actor = await findInstanceActor(app.db)
  // Servers that show their keys to signed requests alone want to know who asks.
  const documentLoader = actor ? await ctx.getDocumentLoader({ identifier: actor.id }) : ctx.documentLoader
  const owner = await ctx.getSignedKeyOwner({ documentLoader }).catch(orNobody)
  if (!owner?.id || (await isBlocked(app, owner.id.href))) return null
  const account = await findAccountByUri(app.db, owner.id.href)
  const isActive = account && !account.suspended_at && !account.deleted_at
  return isActive ? account.id : null
}

/** Whether a GET says that it is signed by a server we have nothing to do with: it gets nothing, be that true or not. */
export async function isFromBlocked(app: Pick<App, 'db'>, { headers }: Request): Promise<boolean> {
  if (!headers.has('signature')) return false
  for (const keyId of claimedKeys(headers)) if (await isBlocked(app, keyId)) return true
  return false
}

/**
 * Whether someone whom an author blocks signed a GET. Verified, lest anyone find out whom an author blocks; but only
 * where it would matter, since most are not.
 */
export async function isFromShutOut(
  federation: Federation<App>,
  app: App,
  { request, authorId }: { request: Request; authorId: Id },
): Promise<boolean> {
  if (!request.headers.has('signature')) return false
  const claimed = claimedKeys(request.headers).flatMap(ownersOf)
  if (!(await isBlockingAnyUri(app.db, authorId, claimed))) return false
  const readerId = await findSignedReader(federation, app, request)
  return readerId !== null && isBlocking(app.db, authorId, readerId)
}

/** Keys are a fragment of their actor, or lie below (GoToSocial). */
function ownersOf(keyId: string): string[] {
  const [document = ''] = keyId.split('#', 1)
  return [document, document.replace(/\/[^/]*$/, '')]
}

/** Fedify throws at dates and signatures that it cannot decode. */
function orNobody(error: unknown): null {
  if (isDocumentFault(error)) return null
  throw error
}

/** The request as it was meant for this server, whatever a proxy made of it. */
function asAddressedToUs({ publicUrl }: App, request: Request): Request {
  const { pathname, search } = new URL(request.url)
  const headers = new Headers(request.headers)
  headers.set('host', new URL(publicUrl).host)
  return new Request(`${publicUrl}${pathname}${search}`, { method: request.method, headers })
}
