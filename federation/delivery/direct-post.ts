import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'
import { errors } from 'undici'
import type { App } from '#src/app.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import { PermanentFailure, RetryLater } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { synchronizationHeader } from '../remote/followers-sync.ts'
import { activityJson } from '../serving/documents.ts'
import type { Keyring, Signer } from '../signatures/keys.ts'
import type { Letter } from './letters.ts'
import { post } from './post.ts'

/**
 * Posts an activity to a host that has not given trouble lately, and answers whether it was taken with a 2xx.
 * @throws PermanentFailure for an address that is not public; RetryLater for a host that lets us wait in vain
 */
export type DirectPost = (inbox: URL, letter: Letter, job: Pick<RunningJob, 'signal'>) => Promise<boolean>

/** How long a host that did not simply take what we sent is left to Fedify. */
const troubledMs = 10 * 60_000

type Options = { app: App; keyring: Keyring; deadlineMs: number }

/** The common case of a delivery: draft-cavage over connections that are kept. */
export function createDirectPost({ app, keyring, deadlineMs }: Options): DirectPost {
  const troubled = new LRUCache<string, true>({ max: 10_000, ttl: troubledMs })
  const { dispatcher } = app.safeFetch

  return async (inbox, letter, { signal }) => {
    const { host } = inbox
    if (troubled.has(host)) return false
    const [rsaKeyId = ''] = letter.keyIds
    const signer = await keyring.signer(rsaKeyId)
    if (!signer) return false
    const headers = { ...letter.headers, ...(await signedHeaders(inbox, letter, signer)) }
    const { body } = letter
    const answer = await post(dispatcher, { to: inbox, headers, body, signal, deadlineMs }).catch(
      (error: unknown) => orThrow(error, host, signal),
    )
    if (answer && answer.status >= 200 && answer.status < 300) return true
    // Asked to wait: a second knock would be the opposite.
    if (answer && busy.has(answer.status)) {
      const retryAfterMs = parseRetryAfter(answer.retryAfter, app.clock.now())
      throw new RetryLater(`${host} answered ${answer.status}`, { retryAfterMs })
    }
    // That one inbox is gone says nothing about its host.
    if (!answer || !gone.has(answer.status)) troubled.set(host, true)
    return false
  }
}

const busy = new Set([429, 503])
const gone = new Set([404, 410])

/** What kept a host from answering: for Fedify to see for itself, unless it is clear what follows. */
function orThrow(error: unknown, host: string, signal: AbortSignal): undefined {
  if (causeOf(error) instanceof FetchRefused)
    throw new PermanentFailure(`${host} is not on the public internet`)
  if (signal.aborted) throw error
  if (isTimeout(error)) throw new RetryLater(`${host} did not answer in time`, { cause: error })
}

export function isTimeout(error: unknown): boolean {
  return (
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  )
}

const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error

/** Seconds or a date (RFC 9110, 10.2.3). */
function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime()
  return ms > 0 ? ms : undefined
}

const signAsync = promisify(sign)

/** draft-cavage-http-signatures-12 as Mastodon wants it. */
async function signedHeaders(
  inbox: URL,
  letter: Letter,
  { keyId, privateKey }: Signer,
): Promise<Record<string, string>> {
  const synchronization = letter.headers[synchronizationHeader]
  const covered = {
    host: inbox.host,
    date: new Date().toUTCString(),
    digest: letter.digest,
    'content-type': activityJson,
    ...(synchronization && { [synchronizationHeader]: synchronization }),
  }
  const lines = [
    `(request-target): post ${inbox.pathname}${inbox.search}`,
    ...Object.entries(covered).map(([name, value]) => `${name}: ${value}`),
  ]
  // In a thread of its own: it takes longer than all the rest, and pages are served meanwhile.
  const signature = await signAsync('sha256', Buffer.from(lines.join('\n')), privateKey)
  return {
    ...covered,
    signature: [
      `keyId="${keyId}"`,
      'algorithm="rsa-sha256"',
      `headers="(request-target) ${Object.keys(covered).join(' ')}"`,
      `signature="${signature.toString('base64')}"`,
    ].join(','),
  }
}
