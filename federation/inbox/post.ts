import type { App } from '#src/app.ts'
import type { Fate, RequestMark } from '#src/db/inbox-arrivals.ts'
import type { Id } from '#src/db/tables.ts'
import { domainsOfAddress } from '#src/policies/domain-blocks.ts'
import type { Node } from '../remote/linked-data.ts'
import type { DigestOf } from '../signatures/coverage.ts'

/** What was posted to an inbox, and is signed well enough to be verified. */
export type InboxPost = {
  headers: Headers
  /** Where it was meant to go, whatever a proxy made of it: a signature made for another host does not fit. */
  url: URL
  body: Uint8Array<ArrayBuffer>
  digestOf: DigestOf
  /** The body as JSON, with lists that were cut, and a context. */
  document: object
  /** Of its signatures. */
  keyIds: readonly string[]
}

/** What a post says, not verified. */
export type Said = { node: Node; actor: string }

/** The account whose inbox a path names; null for the shared one. */
export function ownerOfInbox({ url }: Pick<InboxPost, 'url'>): Id | null {
  return /^\/ap\/users\/(\d+)\/inbox$/.exec(url.pathname)?.[1] ?? null
}

/** The domains that a post comes from. */
export function domainsOfPost({ keyIds }: Pick<InboxPost, 'keyIds'>): string[] {
  return [...new Set(keyIds.flatMap(domainsOfAddress))]
}

/**
 * What a repetition is known by: what its signature covers. The header that carries the signature can be written in
 * many ways, and others put beside it.
 */
export function markOf({ url, digestOf }: Pick<InboxPost, 'url' | 'digestOf'>, moment: string): RequestMark {
  return { path: url.pathname, bodyHash: digestOf('sha256').toString('base64url'), moment }
}

/**
 * The job's payload: as Fedify would queue it, but in expanded form. A server that changed a context of its own after
 * the signature was checked could else make another the actor.
 */
export function toPayload({ publicUrl, clock }: Pick<App, 'publicUrl' | 'clock'>, activity: Node): object {
  return {
    message: {
      type: 'inbox',
      id: crypto.randomUUID(),
      baseUrl: publicUrl,
      activity: { '@context': {}, ...activity },
      // What is done does not depend on the inbox it came to.
      identifier: null,
      attempt: 0,
      started: clock.now().toISOString(),
      traceContext: {},
    },
  }
}

export function answer(status: number, message: string, headers: Record<string, string> = {}): Response {
  return new Response(message, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  })
}

/** Undefined for what was kept, now or before. */
export function refusalOfFate(fate: Fate): Response | undefined {
  if (fate === 'blocked') return answer(403, 'Blocked')
  return fate === 'nobody' ? answer(404, 'Nobody’s inbox') : undefined
}

export const accepted = () => new Response(null, { status: 202 })
