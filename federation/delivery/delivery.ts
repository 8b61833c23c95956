import type { App } from '#src/app.ts'
import { refusalOfUrl } from '#src/base/addresses.ts'
import { gather } from '#src/base/gather.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import { PermanentFailure } from '#src/jobs/failures.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import { areHostsBlocked } from '#src/policies/domain-blocks.ts'
import { createFollowersDigest } from '../remote/followers-sync.ts'
import type { Keyring } from '../signatures/keys.ts'
import { areElsewhereAndBlocked } from '../trust.ts'
import { createDirectPost, type DirectPost } from './direct-post.ts'
import type { Handover } from './handover.ts'
import { createHostHealth } from './host-health.ts'
import type { Letter } from './letters.ts'
import type { FederationQueue } from './queue.ts'
import { retireInbox } from './retired-inboxes.ts'

type Delivery = JobPayload<'deliver'>

export type DeliveryOptions = {
  app: App
  keyring: Keyring
  letterOf: FederationQueue['letterOf']
  handOver: Handover['handOver']
  /** For a host to take what is posted directly. */
  deadlineMs?: number
}

const defaultDeadlineMs = 20_000

/**
 * Delivers one activity to one inbox. The common case, a host that takes draft-cavage and answers 2xx, is signed and
 * posted by ourselves, unless that is switched off; any other answer is given to Fedify.
 */
export function createDelivery(
  options: DeliveryOptions,
): (delivery: Delivery, job: RunningJob) => Promise<void> {
  const { app, keyring, letterOf, handOver, deadlineMs = defaultDeadlineMs } = options
  const userAgent = `Pinxit/${app.version} (+${app.publicUrl}/)`
  const postDirectly: DirectPost = app.config.fastPath.delivery
    ? createDirectPost({ app, keyring, deadlineMs })
    : async () => false
  const followersDigest = createFollowersDigest(app)
  const health = createHostHealth(app.clock)
  // All that were claimed together ask at once.
  const isBlocked = gather((hosts: readonly string[]) => areHostsBlocked(app.db, hosts))

  async function addressed(delivery: Delivery, letter: Letter): Promise<Letter> {
    const headers = { 'user-agent': userAgent, ...letter.headers }
    if (letter.syncsFollowers) Object.assign(headers, await followersDigest(delivery, letter))
    return { ...letter, headers }
  }

  return async (delivery, job) => {
    const inbox = checkedInbox(app, delivery.inbox)
    // Blocked since it was queued.
    if (await isBlocked(inbox.host)) return
    if (await areElsewhereAndBlocked(app, { inbox, actorIds: delivery.actorIds })) return
    const letter = await addressed(delivery, await letterOf(job))
    try {
      const refusal = await health.during(inbox.host, delivery, async () =>
        (await postDirectly(inbox, letter, job)) ? undefined : handOver(delivery, letter, job),
      )
      app.metrics.countDelivery(refusal === undefined ? 'delivered' : 'failed')
      if (refusal === 404 || refusal === 410) await retireInbox(app, delivery, refusal)
    } catch (error) {
      app.metrics.countDelivery(error instanceof PermanentFailure ? 'failed' : 'retried')
      throw error
    }
  }
}

function checkedInbox({ config }: App, address: string): URL {
  const inbox = URL.parse(address)
  if (!inbox || refusalOfUrl(inbox, config)) throw new PermanentFailure(`Not an inbox to post to: ${address}`)
  return inbox
}
