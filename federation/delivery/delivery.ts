import { AsyncLocalStorage } from 'node:async_hooks'
import type { Message } from '@fedify/fedify'
import type { App } from '#src/app.ts'
import { refusalOfUrl } from '#src/base/addresses.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { createFollowersDigest } from '../remote/followers-sync.ts'
import type { Keyring } from '../signatures/keys.ts'
import { areElsewhereAndBlocked, isBlocked } from '../trust.ts'
import { createDirectPost } from './direct-post.ts'
import { createHostHealth } from './host-health.ts'
import type { FederationQueue } from './queue.ts'
import { retireInbox } from './retired-inboxes.ts'
import { withDispatcher } from './scoped-dispatcher.ts'

type Delivery = JobPayload<'deliver'>

export type DeliveryOptions = {
  app: App
  keyring: Keyring
  queue: FederationQueue
  /** Fedify's `processQueuedTask`. */
  process: (message: Message) => Promise<void>
  /** For a host to take what is posted directly. */
  deadlineMs?: number
}

export type FederationDelivery = {
  deliver(delivery: Delivery, job: RunningJob): Promise<void>
  /** To be told by Fedify that a host refused for good, such as by 404 or 410. */
  onPermanentFailure(refusal: { statusCode: number }): void
}

const defaultDeadlineMs = 20_000

/**
 * Delivers one activity to one inbox. The common case, a host that takes draft-cavage and answers 2xx, is signed and
 * posted by ourselves; any other answer is given to Fedify, which knocks twice and tells what failed for good.
 */
export function createDelivery(options: DeliveryOptions): FederationDelivery {
  const { app, keyring, queue, process, deadlineMs = defaultDeadlineMs } = options
  const userAgent = `Pinxit/${app.version} (+${app.publicUrl}/)`
  const postDirectly = createDirectPost({ app, keyring, userAgent, deadlineMs })
  const followersDigest = createFollowersDigest(app)
  const health = createHostHealth(app.clock)
  const handedOver = new AsyncLocalStorage<{ refusal?: number }>()

  /** The status it was refused with for good; undefined when the host took it. Throws when it is to be tried again. */
  async function handOver(delivery: Delivery, job: RunningJob): Promise<number | undefined> {
    const named = { ...delivery, headers: { 'user-agent': userAgent, ...delivery.headers } }
    const message = await queue.assemble(named, job)
    const handling: { refusal?: number } = {}
    await withDispatcher(app.safeFetch.dispatcher, () =>
      handedOver.run(handling, () => queue.deliver(process, message)),
    )
    return handling.refusal
  }

  async function deliver(queued: Delivery, job: RunningJob): Promise<void> {
    const inbox = checkedInbox(app, queued.inbox)
    // Blocked since it was queued.
    if (await isBlocked(app, inbox.href)) return
    if (await areElsewhereAndBlocked(app, { inbox, actorIds: queued.actorIds })) return
    const delivery = { ...queued, headers: { ...queued.headers, ...(await followersDigest(queued)) } }
    try {
      const refusal = await health.during(inbox.host, queued, async () =>
        (await postDirectly(inbox, delivery, job)) ? undefined : handOver(delivery, job),
      )
      app.metrics.countDelivery(refusal === undefined ? 'delivered' : 'failed')
      if (refusal === 404 || refusal === 410) await retireInbox(app, delivery, refusal)
    } catch (error) {
      app.metrics.countDelivery(error instanceof PermanentFailure ? 'failed' : 'retried')
      throw error
    }
  }

  return {
    deliver,
    onPermanentFailure: ({ statusCode }) => {
      const handling = handedOver.getStore()
      if (handling) handling.refusal = statusCode
    },
  }
}

function checkedInbox({ config }: App, address: string): URL {
  const inbox = URL.parse(address)
  if (!inbox || refusalOfUrl(inbox, config)) throw new PermanentFailure(`Not an inbox to post to: ${address}`)
  return inbox
}
