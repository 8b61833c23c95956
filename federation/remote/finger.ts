import { z } from 'zod'
import type { App } from '#src/app.ts'
import { isAppError } from '#src/base/errors.ts'
import { isDomainBlocked } from '#src/policies/domain-blocks.ts'
import { isDocumentType } from './document.ts'
import { webAddress } from './linked-data.ts'

const maxBytes = 64 * 1024
const deadlineMs = 8_000

const jrd = z.looseObject({
  subject: z.string().max(2_000).optional(),
  links: z
    .array(
      z.looseObject({ rel: z.string().optional(), type: z.string().optional(), href: z.string().optional() }),
    )
    .catch([])
    .default([]),
})

export type Handle = { username: string; domain: string }

/** What a domain says of one of its handles: the actor behind it, and the handle it goes by there. */
export type Fingered = { actorUri: string; subject: Handle }

/** `alice@example.com`, with or without a leading `@` or `acct:`; the domain in lower case, with its port. */
export function parseHandle(text: string): Handle | undefined {
  const [, username, domain] =
    /^(?:acct:|@)?([^@\s/\p{Cc}]{1,200})@([^@\s/\p{Cc}]{1,253})$/iu.exec(text.trim()) ?? []
  const url = domain === undefined ? null : URL.parse(`https://${domain}`)
  if (username === undefined || !url || url.pathname !== '/' || url.username) return undefined
  return { username, domain: url.host }
}

/** Asks a domain by WebFinger (RFC 7033) who a handle is. Undefined for any answer but a usable one. */
export async function finger(app: App, handle: Handle): Promise<Fingered | undefined> {
  if (await isDomainBlocked(app.db, handle.domain)) return undefined
  const url = new URL(`${schemeFor(app, handle.domain)}://${handle.domain}/.well-known/webfinger`)
  url.searchParams.set('resource', `acct:${handle.username}@${handle.domain}`)
  try {
    const answer = await app.safeFetch(url, { accept: 'application/jrd+json', maxBytes, deadlineMs })
    if (answer.status !== 200) return undefined
    return read(JSON.parse(new TextDecoder().decode(answer.body)), handle)
  } catch (error) {
    if (isAppError(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}

// Handles are looked up over https (ActivityPub and WebFinger §2); only servers on one's own machine have none.
function schemeFor({ config }: App, domain: string): 'http' | 'https' {
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(domain)
  return config.allowPrivateAddresses && isLoopback ? 'http' : 'https'
}

function read(document: unknown, handle: Handle): Fingered | undefined {
  const parsed = jrd.safeParse(document)
  if (!parsed.success) return undefined
  const self = parsed.data.links.find(({ rel, type }) => rel === 'self' && isDocumentType(type ?? null))
  const actorUri = webAddress(self?.href)
  return actorUri ? { actorUri, subject: parseHandle(parsed.data.subject ?? '') ?? handle } : undefined
}

export function isSameHandle(one: Handle, other: Handle): boolean {
  return one.username.toLowerCase() === other.username.toLowerCase() && one.domain === other.domain
}
