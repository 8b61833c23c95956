import type { Id } from '#src/db/tables.ts'
import { isBridgeBot } from '#src/relationships/bluesky.ts'
import { objectTypeOf } from '../convert/object-types.ts'
import { voteFrom } from '../convert/poll.ts'
import { as, idOf, idsOf, type Node } from '../remote/linked-data.ts'
import { loadAuthor } from '../remote/notes.ts'
import type { Remote } from '../remote/remote.ts'
import { storeRemoteNote } from '../remote/store-notes.ts'
import { isSameOrigin } from '../trust.ts'
import { onBridgeMessage } from './bridge-message.ts'
import type { Outcome } from './outcome.ts'
import type { Received, ReceivedFrom } from './received.ts'
import { onVote } from './vote.ts'

/** A note was written. What the actor embeds is believed if it is their own; anything else is read at its origin. */
export async function onCreate(remote: Remote, received: ReceivedFrom): Promise<Outcome> {
  const { actor, objectUri } = received
  const object = completeObject(received)
  if (objectUri === undefined) return 'incomplete'
  if (remote.app.uris.isLocal(objectUri)) return 'not theirs'
  if (object && isBy(object, actor.uri)) {
    const vote = voteFrom(object)
    if (vote) return onVote(remote, received, { node: object, vote })
    if (!objectTypeOf(object)) return 'unknown object'
    if (await isBridgeBot(remote.app.db, actor)) return onBridgeMessage(remote.app, object, actor)
    return outcomeOf(await storeRemoteNote(remote.app, object, actor, { isAsked: false }))
  }
  if (object && !objectTypeOf(object)) return 'unknown object'
  const fetched = await remote.fetch(objectUri)
  if (fetched.outcome !== 'found') return 'unconfirmed'
  const author = await loadAuthor(remote, fetched.node)
  if (!author) return 'unconfirmed'
  return outcomeOf(await storeRemoteNote(remote.app, fetched.node, author, { isAsked: false }))
}

const outcomeOf = (noteId: Id | undefined): Outcome => (noteId === undefined ? 'not for us' : 'done')

/** The embedded object, with what it leaves to the activity around it: whose it is, and whom it is for. */
export function completeObject({ node, object }: Received): Node | undefined {
  if (!object) return undefined
  const isAddressed = object[as('to')] !== undefined || object[as('cc')] !== undefined
  return {
    [as('attributedTo')]: node[as('actor')],
    ...(!isAddressed && { [as('to')]: node[as('to')], [as('cc')]: node[as('cc')] }),
    ...object,
  }
}

/** Whether an actor wrote an object, and may say what it says. */
export function isBy(object: Node, actorUri: string): boolean {
  const uri = idOf(object)
  return (
    uri !== undefined && isSameOrigin(uri, actorUri) && idsOf(object, as('attributedTo')).includes(actorUri)
  )
}
