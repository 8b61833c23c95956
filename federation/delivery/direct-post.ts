import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'
import { errors, request } from 'undici'
import type { App } from '#src/app.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import { findActivityBody } from '#src/db/activity-bodies.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure, RetryLater } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { synchronizationHeader } from '../remote/followers-sync.ts'
import { activityJson } from '../serving/documents.ts'
import type { Keyring, Signer } from '../signatures/keys.ts'

/**
 * Posts an activity to a host that has not given trouble lately, and answers whether it was taken with a 2xx.
 * @throws PermanentFailure for an address that is not public; RetryLater for a host that lets us wait in vain
 */
export type DirectPost = (inbox: URL, delivery: JobPayload<'deliver'>, job: RunningJob) => Promise<boolean>

/** How long a host that did not simply take what we sent is left to Fedify. */
const troubledMs = 10 * 60_000
const keptBodies = { max: 100, maxSize: 16 * 1024 * 1024, sizeCalculation: (body: string) => body.length + 1 }

type Options = { app: App; keyring: Keyring; userAgent: string; deadlineMs: number }

/** The common case of a delivery: draft-cavage over connections that are kept, with a body that is hashed once. */
export function createDirectPost({ app, keyring, userAgent, deadlineMs }: Options): DirectPost {
  const troubled = new LRUCache<string, true>({ max: 10_000, ttl: troubledMs })
  const bodies = new LRUCache<string, string>(keptBodies)

  async function loadBody(hash: string): Promise<string | undefined> {
    const body = bodies.get(hash) ?? (await findActivityBody(app.db, hash))
    if (body !== undefined) bodies.set(hash, body)
    return body
  }

  return async (inbox, delivery, job) => {
    const { host } = inbox
    if (job.bodyHash === null || troubled.has(host)) return false
    const [rsaKeyId = ''] = delivery.keyIds
    const [body, signer] = await Promise.all([loadBody(job.bodyHash), keyring.signer(rsaKeyId)])
    if (body === undefined || !signer) return false
    const signed = await signedHeaders(
      {
        inbox,
        bodyHash: job.bodyHash,
        now: new Date(),
        synchronization: delivery.headers[synchronizationHeader],
      },
      signer,
    )
    const headers = { 'user-agent': userAgent, ...delivery.headers, ...signed }
    const signal = AbortSignal.any([job.signal, AbortSignal.timeout(deadlineMs)])
    const answer = await post(app, inbox, { headers, body, signal }).catch((error: unknown) =>
      orThrow(error, host, job),
    )
    if (answer && answer.status >= 200 && answer.status < 300) return true
    // Asked to wait: a second knock would be the opposite.
    if (answer && busy.has(answer.status)) throw new RetryLater(`${host} answered ${answer.status}`, answer)
    // That one inbox is gone says nothing about its host.
    if (!answer || !gone.has(answer.status)) troubled.set(host, true)
    return false
  }
}

const busy = new Set([429, 503])
const gone = new Set([404, 410])

/** What kept a host from answering: for Fedify to see for itself, unless it is clear what follows. */
function orThrow(error: unknown, host: string, { signal }: RunningJob): undefined {
  if (causeOf(error) instanceof FetchRefused)
    throw new PermanentFailure(`${host} is not on the public internet`)
  if (signal.aborted) throw error
  if (isTimeout(error)) throw new RetryLater(`${host} did not answer in time`, { cause: error })
}

export function isTimeout(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === 'TimeoutError'
  return (
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  )
}

const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error

type Post = { headers: Record<string, string>; body: string; signal: AbortSignal }

async function post({ safeFetch, clock }: App, inbox: URL, content: Post) {
  const { dispatcher } = safeFetch
  const { statusCode, headers, body } = await request(inbox, { method: 'POST', dispatcher, ...content })
  await body.dump()
  return { status: statusCode, retryAfterMs: parseRetryAfter(headers['retry-after'], clock.now()) }
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function parseRetryAfter(header: string | string[] | undefined, now: Date): number | undefined {
  if (typeof header !== 'string') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime()
  return ms > 0 ? ms : undefined
}

const signAsync = promisify(sign)

type Unsigned = { inbox: URL; bodyHash: string; now: Date; synchronization: string | undefined }

/** draft-cavage-http-signatures-12 as Mastodon wants it. @param bodyHash SHA-256 of the body, in hexadecimal */
async function signedHeaders(
  { inbox, bodyHash, now, synchronization }: Unsigned,
  { keyId, privateKey }: Signer,
): Promise<Record<string, string>> {
  const covered = {
    host: inbox.host,
    date: now.toUTCString(),
    digest: `SHA-256=${Buffer.from(bodyHash, 'hex').toString('base64')}`,
    'content-type': activityJson,
    ...(synchronization && { [synchronizationHeader]: synchronization }),
  }
  const lines = [
    `(request-target): post ${inbox.pathname}${inbox.search}`,
    ...Object.entries(covered).map(([name, value]) => `${name}: ${value}`),
  ]
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
