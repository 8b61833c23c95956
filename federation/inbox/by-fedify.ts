import { keyOfRequest, type RequestMark } from '#src/db/inbox-arrivals.ts'
import { listPresent, setValue } from '#src/db/key-value.ts'
import { noticeDigest, synchronizationHeader } from '../remote/followers-sync.ts'
import type { Remote } from '../remote/remote.ts'
import { authorityOf, isForwardable } from '../signatures/authority.ts'
import { carriesProof } from '../signatures/proofs.ts'
import { isSameOrigin } from '../trust.ts'
import { type Arrivals, rememberedForMs } from './arrivals.ts'
import {
  accepted,
  answer,
  domainsOfPost,
  type InboxPost,
  markOf,
  ownerOfInbox,
  refusalOfFate,
  type Said,
  toPayload,
} from './post.ts'

/** Answers a post whose signer is not known yet, is not its actor, or signs in a way of their own. */
export type ByFedify = (post: InboxPost, said: Said) => Promise<Response>

/** The whole way: Fedify verifies whatever there is, and keys are read from their servers. */
export function createByFedify(remote: Remote, arrivals: Arrivals): ByFedify {
  const { app } = remote
  return async (post, said) => {
    const { node, actor } = said
    const isForwarded = !post.keyIds.every((keyId) => isSameOrigin(keyId, actor))
    // Another server than the actor's may send what it is no matter to hear again, with a proof of the actor's.
    if (isForwarded && !(carriesProof(post.document) && isForwardable(node)))
      return answer(401, 'The key is not of the actor’s server')
    const marks = momentsOf(post).map((moment) => markOf(post, moment))
    const [mark, ...others] = marks
    if (!mark) return answer(401, 'The signature says nothing of when it was made')
    const now = app.clock.now()
    if ((await listPresent(app.db, marks.map(keyOfRequest), now)).size > 0) return accepted()
    const until = new Date(now.getTime() + rememberedForMs)
    const remember = async (some: readonly RequestMark[]) => {
      for (const one of some) await setValue(app.db, keyOfRequest(one), true, until)
    }
    const claim = { request: asRequest(post), document: post.document, node, actor, isForwarded }
    const authority = await authorityOf(remote, claim)
    if (authority instanceof Response) {
      if (authority.ok) await remember(marks)
      return authority
    }
    const fate = await arrivals.keep({
      payload: toPayload(app, node),
      request: mark,
      domains: domainsOfPost(post),
      ownerId: ownerOfInbox(post),
      key: null,
    })
    const refusal = refusalOfFate(fate)
    if (refusal) return refusal
    await remember(others)
    // It stands in no proof.
    if (authority === 'actor' && fate === 'kept')
      await noticeDigest(remote, post.headers.get(synchronizationHeader), actor)
    return accepted()
  }
}

function asRequest({ url, headers: given, body }: InboxPost): Request {
  const headers = new Headers(given)
  headers.set('host', url.host)
  headers.delete('transfer-encoding')
  return new Request(url, { method: 'POST', headers, body })
}

/** When its signatures say that they were made. */
function momentsOf({ headers }: InboxPost): string[] {
  const input = headers.get('signature-input')
  if (input === null) return [headers.get('date') ?? '']
  return [...input.matchAll(/;created=(\d+)/g)].map(([moment]) => moment)
}
