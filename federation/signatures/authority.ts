import type { CryptographicKey } from '@fedify/vocab'
import { loadSignatures, loadVocabulary } from '../fedify-packages.ts'
import { onUnverified } from '../inbox/gone.ts'
import { answer } from '../inbox/post.ts'
import { as, idsOf, type Node, onlyIdOf, typeOf } from '../remote/linked-data.ts'
import type { Remote } from '../remote/remote.ts'
import { KeyAskedLately } from './key-cache.ts'
import { isOfDocument } from './key-ownership.ts'
import { isProven } from './proofs.ts'

const publicKey = 'https://w3id.org/security#publicKey'

type Claim = {
  request: Request
  /** The body, as it came but for lists that were cut. */
  document: object
  node: Node
  actor: string
  /** Whether whoever sent it is another server than its actor's. */
  isForwarded: boolean
}

/** Whose word an activity is: its actor's own, passed on by whoever had it, or nobody's, and then what is answered. */
export type Authority = 'actor' | 'proof' | Response

/**
 * Finds out who says what came. An HTTP signature of the actor covers all of it and is enough, whatever signatures it
 * holds inside: of those, some in the wild do not fit for faults of their makers. Without it a proof of the actor
 * speaks (FEP-8b32), but only where hearing it again later does no harm, since others can send it.
 */
export async function authorityOf(remote: Remote, claim: Claim): Promise<Authority> {
  const { request, document, node, actor, isForwarded } = claim
  const { doesActorOwnKey, verifyRequestDetailed } = await loadSignatures()
  const { Activity } = await loadVocabulary()
  const looking = await remote.lookForKeys()
  const verification = isForwarded
    ? undefined
    : await verifyRequestDetailed(request, { ...looking, timeWindow: { hours: 12 } })
  // All that Fedify asks of the activity is whose it is, and that we have read already.
  const activity = new Activity({ actor: new URL(actor) })
  const isOwned = verification?.verified && (await doesActorOwnKey(activity, verification.key, looking))
  if (isOwned && (await isNamedBy(remote, actor, verification.key))) return 'actor'
  const now = remote.app.clock.now()
  if (isForwardable(node) && (await isProven({ document, actor, now }, looking))) return 'proof'
  if (!verification || verification.verified) return answer(401, 'The signer is not the actor')
  const { reason } = verification
  const wasAskedLately =
    reason.type === 'keyFetchError' &&
    'error' in reason.result &&
    reason.result.error instanceof KeyAskedLately
  const excuse = wasAskedLately ? undefined : await onUnverified(remote, { node, actor }, reason)
  return excuse ?? answer(401, 'The signature does not fit')
}

/**
 * Whether an actor says of a key that it is theirs, and not the key alone: a neighbour's could say so too. What stands
 * in the actor's own document does, or below it (GoToSocial), where no neighbour writes.
 * @throws FetchFailed when their server does not answer now
 */
async function isNamedBy(remote: Remote, actor: string, { id }: CryptographicKey): Promise<boolean> {
  if (!id) return false
  if (isOfDocument(id.href, actor)) return true
  const fetched = await remote.fetch(actor)
  return (
    fetched.outcome === 'found' && fetched.uri === actor && idsOf(fetched.node, publicKey).includes(id.href)
  )
}

/**
 * What may come by way of another server: what becomes of a note, which old news cannot turn back. A Follow or a Like
 * that was taken back could be sent again by anyone, and so could an old profile.
 */
export function isForwardable(node: Node): boolean {
  if (!typeOf(node, ['Create', 'Update', 'Delete'])) return false
  return onlyIdOf(node, as('object')) !== onlyIdOf(node, as('actor'))
}
