import { AsyncLocalStorage } from 'node:async_hooks'
import { sign } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { promisify } from 'node:util'
import type { Message } from '@fedify/fedify'
import { LRUCache } from 'lru-cache'
import { request } from 'undici'
import type { App } from '#src/app.ts'
import { isPublicAddress, refusalOfUrl } from '#src/base/addresses.ts'
import { FetchRefused } from '#src/base/fetch-errors.ts'
import { findActivityBody } from '#src/db/activity-bodies.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { activityJson } from './documents.ts'
import type { Keyring, Signer } from './keys.ts'
import type { FederationQueue } from './queue.ts'
import { isBlocked } from './trust.ts'

type Delivery = JobPayload<'deliver'>
type Process = (message: Message) => Promise<void>

export type DeliveryOptions = { app: App; keyring: Keyring; queue: FederationQueue; process: Process }

export type FederationDelivery = {
  deliver(delivery: Delivery, job: RunningJob): Promise<void>
  /** To be told by Fedify that a host refused for good, such as by 404 or 410. */
  onPermanentFailure(): void
}

const deadlineMs = 20_000
/** How long a host that did not simply take what we sent is left to Fedify. */
const troubledMs = 10 * 60_000

/**
 * Delivers one activity to one inbox. The common case, a host that takes draft-cavage and answers 2xx, is signed and
 * posted here over kept connections; any other answer is given to Fedify, which knocks twice, opens and closes the
 * host's circuit, and tells what failed for good.
 */
export function createDelivery({ app, keyring, queue, process }: DeliveryOptions): FederationDelivery {
  const handedOver = new AsyncLocalStorage<{ isRefused: boolean }>()
  const userAgent = `Pinxit/${app.version} (+${app.publicUrl}/)`
  const troubled = new LRUCache<string, true>({ max: 10_000, ttl: troubledMs })
  const bodies = new LRUCache<string, string>({
    max: 100,
    maxSize: 16 * 1024 * 1024,
    sizeCalculation: sizeOf,
  })

  async function loadBody(hash: string): Promise<string | undefined> {
    const body = bodies.get(hash) ?? (await findActivityBody(app.db, hash))
    if (body !== undefined) bodies.set(hash, body)
    return body
  }

  /** Whether the host took it. */
  async function postDirectly(inbox: URL, delivery: Delivery, job: RunningJob): Promise<boolean> {
    if (job.bodyHash === null || troubled.has(inbox.host)) return false
    const [rsaKeyId = ''] = delivery.keyIds
    const [body, signer] = await Promise.all([loadBody(job.bodyHash), keyring.signer(rsaKeyId)])
    if (body === undefined || !signer) return false
    const headers = await signedHeaders({ inbox, bodyHash: job.bodyHash, now: new Date() }, signer)
    try {
      const status = await post(
        app,
        inbox,
        { 'user-agent': userAgent, ...delivery.headers, ...headers },
        { body, signal: job.signal },
      )
      if (status >= 200 && status < 300) return true
    } catch (error) {
      if (causeOf(error) instanceof FetchRefused) throw refused(inbox)
      if (job.signal.aborted) throw error
    }
    troubled.set(inbox.host, true)
    return false
  }

  /** Whether the host took it; throws when it is to be tried again. */
  async function handOver(inbox: URL, delivery: Delivery, job: RunningJob): Promise<boolean> {
    await checkResolved(app, inbox)
    const named = { ...delivery, headers: { 'user-agent': userAgent, ...delivery.headers } }
    const message = await queue.assemble(named, job)
    const handling = { isRefused: false }
    await handedOver.run(handling, () => queue.deliver(process, message, delivery))
    return !handling.isRefused
  }

  async function deliver(delivery: Delivery, job: RunningJob): Promise<void> {
    const inbox = checkedInbox(app, delivery.inbox)
    // Blocked since it was queued.
    if (await isBlocked(app, inbox.href)) return
    try {
      const isTaken = (await postDirectly(inbox, delivery, job)) || (await handOver(inbox, delivery, job))
      app.metrics.countDelivery(isTaken ? 'delivered' : 'failed')
    } catch (error) {
      app.metrics.countDelivery(error instanceof PermanentFailure ? 'failed' : 'retried')
      throw error
    }
  }

  return {
    deliver,
    onPermanentFailure: () => {
      const handling = handedOver.getStore()
      if (handling) handling.isRefused = true
    },
  }
}

const sizeOf = (body: string): number => body.length + 1

function checkedInbox({ config }: App, address: string): URL {
  const inbox = URL.parse(address)
  if (!inbox || refusalOfUrl(inbox, config)) throw new PermanentFailure(`Not an inbox to post to: ${address}`)
  return inbox
}

const refused = (inbox: URL) => new PermanentFailure(`${inbox.host} is not on the public internet`)

/**
 * Fedify connects by itself and asks no one, so the name is looked up before. Between this and its own look-up the
 * answer may change; what could then be reached is a blind POST of a signed activity.
 */
async function checkResolved({ config }: App, inbox: URL): Promise<void> {
  if (config.allowPrivateAddresses) return
  const addresses = await lookup(inbox.hostname, { all: true })
  if (!addresses.every(({ address }) => isPublicAddress(address))) throw refused(inbox)
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error
}

type Posted = { body: string; signal: AbortSignal }

/** @throws FetchRefused, or whatever kept the host from answering */
async function post(
  { safeFetch }: App,
  inbox: URL,
  headers: Record<string, string>,
  { body, signal }: Posted,
): Promise<number> {
  const answer = await request(inbox, {
    method: 'POST',
    dispatcher: safeFetch.dispatcher,
    headers,
    body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
  })
  await answer.body.dump()
  return answer.statusCode
}

const signAsync = promisify(sign)

type Unsigned = { inbox: URL; bodyHash: string; now: Date }

/** draft-cavage-http-signatures-12 as Mastodon wants it. @param bodyHash SHA-256 of the body, in hexadecimal */
async function signedHeaders(
  { inbox, bodyHash, now }: Unsigned,
  { keyId, privateKey }: Signer,
): Promise<Record<string, string>> {
  const digest = `SHA-256=${Buffer.from(bodyHash, 'hex').toString('base64')}`
  const date = now.toUTCString()
  const text = [
    `(request-target): post ${inbox.pathname}${inbox.search}`,
    `host: ${inbox.host}`,
    `date: ${date}`,
    `digest: ${digest}`,
    `content-type: ${activityJson}`,
  ].join('\n')
  const signature = await signAsync('sha256', Buffer.from(text), privateKey)
  return {
    host: inbox.host,
    date,
    digest,
    'content-type': activityJson,
    signature: [
      `keyId="${keyId}"`,
      'algorithm="rsa-sha256"',
      'headers="(request-target) host date digest content-type"',
      `signature="${signature.toString('base64')}"`,
    ].join(','),
  }
}
