import type { App } from '#src/app.ts'
import { type Account, findAccountByUri } from '#src/db/accounts.ts'
import { areHostsBlocked } from '#src/policies/domain-blocks.ts'
import { loadAccount } from '../remote/accounts.ts'
import { as, hasType, idOf, isNode, type Node, nodesOf, onlyIdOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { isOfBlocked, isSameOrigin } from '../trust.ts'

/** A verified activity, in expanded form. Nothing in it is believed but what its actor may say. */
export type Received = {
  node: Node
  /** Of the actor's own server; some peers send Undo and Accept without one. */
  uri: string | undefined
  actorUri: string
  /** The only object's; undefined for a Flag of several. */
  objectUri: string | undefined
  /** The object, where more of it is here than its id. */
  object: Node | undefined
}

/** As `Received`, with the account of the actor. */
export type ReceivedFrom = Received & { actor: Account }

/** Reads what was verified, and queued in expanded form; undefined for what no server may say. */
export function read({ uris }: Pick<App, 'uris'>, queued: unknown): Received | undefined {
  if (!isNode(queued)) return undefined
  const { '@context': _none, ...node } = queued
  const actorUri = onlyIdOf(node, as('actor'))
  if (!actorUri || uris.isLocal(actorUri)) return undefined
  const uri = idOf(node)
  if (uri !== undefined && !isSameOrigin(uri, actorUri)) return undefined
  const [object, ...others] = nodesOf(node, as('object'))
  // A report names several things, and what it embeds of them says nothing.
  const isReport = hasType(node, as('Flag'))
  if (others.length > 0 && !isReport) return undefined
  return {
    node,
    uri,
    actorUri,
    objectUri: onlyIdOf(node, as('object')),
    object: isReport ? undefined : object,
  }
}

/** Those whose actors lie on no blocked server, each in its place; in one query. */
export async function withoutBlocked(
  { db }: Pick<App, 'db'>,
  received: readonly (Received | undefined)[],
): Promise<(Received | undefined)[]> {
  const hostOf = ({ actorUri }: Received) => new URL(actorUri).host
  const hosts = new Set(received.flatMap((one) => (one ? hostOf(one) : [])))
  const blocked = await areHostsBlocked(db, [...hosts])
  return received.map((one) => (one && !blocked.get(hostOf(one)) ? one : undefined))
}

/** Adds the actor's account, read from its server when it is new here. */
export async function withActor(remote: Remote, received: Received): Promise<ReceivedFrom | undefined> {
  const actor = await loadAccount(remote, received.actorUri)
  return actor && { ...received, actor }
}

/** As `withActor`, for what means nothing from someone who is not known here. */
export async function withKnownActor({ app }: Remote, received: Received): Promise<ReceivedFrom | undefined> {
  const actor = await findAccountByUri(app.db, received.actorUri)
  if (!actor || actor.deleted_at || actor.suspended_at || (await isOfBlocked(app, actor))) return undefined
  return { ...received, actor }
}
