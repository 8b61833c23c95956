import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'
import { request } from 'undici'
import type { App } from '#src/app.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import { findActivityBody } from '#src/db/activity-bodies.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure, RetryLater } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { activityJson } from './documents.ts'
import type { Keyring, Signer } from './keys.ts'

/**
 * Posts an activity to a host that has not given trouble lately, and answers whether it was taken with a 2xx.
 * @throws PermanentFailure for an address that is not public; RetryLater for a host that lets us wait in vain
 */
export type DirectPost = (inbox: URL, delivery: JobPayload<'deliver'>, job: RunningJob) => Promise<boolean>

/** How long a host that did not simply take what we sent is left to Fedify. */
const troubledMs = 10 * 60_000
/** How long nothing new is tried at a host that let us wait in vain: each try holds a place until its deadline. */
const silentMs = 5 * 60_000
const keptBodies = { max: 100, maxSize: 16 * 1024 * 1024, sizeCalculation: (body: string) => body.length + 1 }

type Options = { app: App; keyring: Keyring; userAgent: string; deadlineMs: number }

/** The common case of a delivery: draft-cavage over connections that are kept, with a body that is hashed once. */
export function createDirectPost({ app, keyring, userAgent, deadlineMs }: Options): DirectPost {
  const troubled = new LRUCache<string, true>({ max: 10_000, ttl: troubledMs })
  const silent = new LRUCache<string, true>({ max: 10_000, ttl: silentMs })
  const bodies = new LRUCache<string, string>(keptBodies)

  async function loadBody(hash: string): Promise<string | undefined> {
    const body = bodies.get(hash) ?? (await findActivityBody(app.db, hash))
    if (body !== undefined) bodies.set(hash, body)
    return body
  }

  return async (inbox, delivery, job) => {
    const { host } = inbox
    if (job.attempt === 1 && silent.has(host)) throw holdOff(app, host)
    if (job.bodyHash === null || troubled.has(host)) return false
    const [rsaKeyId = ''] = delivery.keyIds
    const [body, signer] = await Promise.all([loadBody(job.bodyHash), keyring.signer(rsaKeyId)])
    if (body === undefined || !signer) return false
    const signed = await signedHeaders({ inbox, bodyHash: job.bodyHash, now: new Date() }, signer)
    const headers = { 'user-agent': userAgent, ...delivery.headers, ...signed }
    const signal = AbortSignal.any([job.signal, AbortSignal.timeout(deadlineMs)])
    try {
      if (await isTaken(app, inbox, { headers, body, signal })) return true
    } catch (error) {
      if (causeOf(error) instanceof FetchRefused)
        throw new PermanentFailure(`${host} is not on the public internet`)
      if (job.signal.aborted) throw error
      if (isTimeout(error)) {
        silent.set(host, true)
        throw new RetryLater(`${host} did not answer in time`, { cause: error })
      }
    }
    troubled.set(host, true)
    return false
  }
}

function holdOff({ clock }: App, host: string): RetryLater {
  const runAt = new Date(clock.now().getTime() + silentMs)
  return new RetryLater(`${host} has not answered lately`, { isAttempt: false, runAt })
}

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError'

const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error

type Post = { headers: Record<string, string>; body: string; signal: AbortSignal }

async function isTaken({ safeFetch }: App, inbox: URL, post: Post): Promise<boolean> {
  const { dispatcher } = safeFetch
  const { statusCode, body } = await request(inbox, { method: 'POST', dispatcher, ...post })
  await body.dump()
  return statusCode >= 200 && statusCode < 300
}

const signAsync = promisify(sign)

type Unsigned = { inbox: URL; bodyHash: string; now: Date }

/** draft-cavage-http-signatures-12 as Mastodon wants it. @param bodyHash SHA-256 of the body, in hexadecimal */
async function signedHeaders(
  { inbox, bodyHash, now }: Unsigned,
  { keyId, privateKey }: Signer,
): Promise<Record<string, string>> {
  const covered = {
    host: inbox.host,
    date: now.toUTCString(),
    digest: `SHA-256=${Buffer.from(bodyHash, 'hex').toString('base64')}`,
    'content-type': activityJson,
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
