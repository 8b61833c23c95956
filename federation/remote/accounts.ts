import type { Insertable } from 'kysely'
import type { App } from '#src/app.ts'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import {
  type Account,
  findAccountByHandle,
  findAccountByUri,
  updateAccount,
  upsertRemoteAccount,
} from '#src/db/accounts.ts'
import { noteInstance } from '#src/db/instances.ts'
import type { AccountsTable, Id } from '#src/db/tables.ts'
import { accountFrom, type IncomingAccount } from '../convert/account.ts'
import { forgetPublicKey } from '../delivery/kv.ts'
import { isBlocked, isOfBlocked } from '../trust.ts'
import { finger, isSameHandle, parseHandle } from './finger.ts'
import { idOf, idsOf, type Node } from './linked-data.ts'
import type { Remote } from './remote.ts'

const freshForMs = 24 * 60 * 60_000
const publicKey = 'https://w3id.org/security#publicKey'
const maxKeys = 10

/**
 * The account with this actor id. One of another server is read there when it is new, or not seen for a day; if that
 * fails, a known one is as it was. Undefined for accounts that are gone, suspended, blocked, or none.
 * @param options.fresh reads it anew in any case
 * @throws FetchFailed when a new one's server does not answer now
 */
export async function loadAccount(
  remote: Remote,
  uri: string,
  options: { fresh?: boolean } = {},
): Promise<Account | undefined> {
  const { app } = remote
  const known = await findAccountByUri(app.db, uri)
  if (known && (known.deleted_at || known.suspended_at)) return undefined
  if (known?.domain === null) return known
  if (app.uris.isLocal(uri)) return undefined
  if (known ? await isOfBlocked(app, known) : await isBlocked(app, uri)) return undefined
  if (known && !options.fresh && isFresh(known, app)) return known
  try {
    const fetched = await remote.fetch(uri, options)
    if (fetched.outcome !== 'found' || fetched.uri !== uri) return known
    return (await storeAccount(app, { node: fetched.node, known, fetchedAt: app.clock.now() })) ?? known
  } catch (error) {
    if (known && error instanceof FetchFailed) return known
    throw error
  }
}

/** The document may name others now, or others by the same addresses. */
async function forgetKeys({ db }: App, actor: Node): Promise<void> {
  for (const keyUri of idsOf(actor, publicKey).slice(0, maxKeys)) await forgetPublicKey(db, keyUri)
}

/** Whether what is known of an account was read at its server lately. */
export function isFresh({ fetched_at }: Account, { clock }: App): boolean {
  return fetched_at !== null && clock.now().getTime() - fetched_at.getTime() < freshForMs
}

/**
 * Stores what an actor says of themselves in an Update; false when that is not the whole document. It is read at its
 * server when it would have been anyway, since of two Updates the older may come last.
 */
export async function reviseAccount({ app }: Remote, node: Node, known: Account): Promise<boolean> {
  if (idOf(node) !== known.uri) return false
  return (await storeAccount(app, { node, known, fetchedAt: known.fetched_at })) !== undefined
}

type ActorDocument = { node: Node; known: Account | undefined; fetchedAt: Date | null }

/** Undefined when it is no actor we can show. */
async function storeAccount(
  app: App,
  { node, known, fetchedAt }: ActorDocument,
): Promise<Account | undefined> {
  const incoming = accountFrom(node, app.clock.now(), known?.fields)
  const domain = incoming && (await domainOf(app, incoming, known))
  if (!incoming || !domain) return undefined
  const { claimedHandle: _, ...values } = incoming
  if (!(await freeHandle(app, { ...values, domain }))) return undefined
  if (known) await forgetKeys(app, node)
  await noteInstance(app.db, domain)
  const movedToId = await successorOf(app, incoming)
  return upsertRemoteAccount(app.db, { ...values, domain, fetched_at: fetchedAt, moved_to_id: movedToId })
}

/** Where they moved, if it is known here and says the same: nobody is led to who never agreed. */
async function successorOf({ db }: App, { uri, moved_to_uri }: IncomingAccount): Promise<Id | null> {
  const target = moved_to_uri ? await findAccountByUri(db, moved_to_uri) : undefined
  return target?.also_known_as.includes(uri) && target.uri !== uri ? target.id : null
}

/**
 * The domain of an actor's handle: that of its id, unless WebFinger says otherwise both ways. A known account keeps
 * its own, since a handle is what people remember.
 */
async function domainOf(
  app: App,
  { uri, username, claimedHandle }: IncomingAccount,
  known: Account | undefined,
): Promise<string | undefined> {
  const host = new URL(uri).host
  if (isOurs(app, host)) return undefined
  if (known?.domain && known.username === username) return known.domain
  const own = { username, domain: host }
  const claimed = (claimedHandle && parseHandle(claimedHandle)) || (await finger(app, own))?.subject
  if (!claimed || claimed.domain === host || isOurs(app, claimed.domain)) return host
  if (claimed.username.toLowerCase() !== username.toLowerCase()) return host
  const confirmed = await finger(app, claimed)
  const isConfirmed = confirmed?.actorUri === uri && isSameHandle(confirmed.subject, claimed)
  return isConfirmed ? claimed.domain : host
}

function isOurs(app: App, host: string): boolean {
  return host === app.handleHost || host === new URL(app.publicUrl).host
}

/**
 * Two actors cannot have one handle. Where another has it here, the handle's own domain decides: the older one, made
 * anew elsewhere or deleted, gives it up. False when the newcomer does not get it.
 */
async function freeHandle(
  app: App,
  { uri, username, domain }: Insertable<AccountsTable> & { domain: string },
): Promise<boolean> {
  const holder = await findAccountByHandle(app.db, username, domain)
  if (!holder || holder.uri === uri) return true
  if (!holder.deleted_at && (await finger(app, { username, domain }))?.actorUri !== uri) return false
  await app.db
    .transaction()
    .execute((trx) => updateAccount(trx, holder.id, { username: `${holder.username}~${holder.id}` }))
  return true
}
