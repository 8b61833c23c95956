import type { InboxContext } from '@fedify/fedify'
import type { Activity } from '@fedify/vocab'
import type { App } from '#src/app.ts'
import { type Account, findAccountByUri } from '#src/db/accounts.ts'
import { as, hasType, idOf, isNode, type Node, nodesOf, onlyIdOf } from '../linked-data.ts'
import type { Remote } from '../remote.ts'
import { loadAccount } from '../remote-accounts.ts'
import { isDocumentFault } from '../remote-document.ts'
import { isBlocked, isOfBlocked, isSameOrigin } from '../trust.ts'

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
export async function read(
  { app, expand }: Remote,
  ctx: InboxContext<App>,
  activity: Activity,
): Promise<Received | undefined> {
  const node = await expanded(expand, await activity.toJsonLd(ctx))
  const actorUri = node && onlyIdOf(node, as('actor'))
  // The signature was checked against what Fedify takes for the actor.
  if (!node || !actorUri || actorUri !== activity.actorId?.href) return undefined
  const uri = idOf(node)
  if (uri !== undefined && !isSameOrigin(uri, actorUri)) return undefined
  if (app.uris.isLocal(actorUri) || (await isBlocked(app, actorUri))) return undefined
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

/** What Fedify gives back as it was queued; where it found something odd it writes all of it anew, in its own words. */
async function expanded(expand: Remote['expand'], document: unknown): Promise<Node | undefined> {
  if (!isNode(document)) return undefined
  const { '@context': context, ...rest } = document
  if (isNode(context) && Object.keys(context).length === 0) return rest
  try {
    return await expand(document)
  } catch (error) {
    if (isDocumentFault(error)) return undefined
    throw error
  }
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
