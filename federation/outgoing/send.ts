import type { Expression, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import { type DeliveryTarget, listTargets } from '#src/db/deliveries.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueueDeliveries } from '#src/jobs/deliveries.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import type { Activity } from '../convert/activity.ts'
import { fep044f } from '../convert/vocabulary.ts'
import { litepub } from '../remote/linked-data.ts'
import type { Serving } from '../serving/actors.ts'
import type { Keyring } from '../signatures/keys.ts'
import { prove } from '../signatures/proofs.ts'

export type Outgoing = Pick<Serving, 'app' | 'keyring' | 'server'>

export type Shipment = {
  /** One that costs something is made when there is somebody to send it to; undefined: nobody may see it any more. */
  activity: Activity | (() => Promise<Activity | undefined>)
  senderId: Id
  targets: Expression<DeliveryTarget>
  /** The object's uri: what concerns it reaches each inbox in order. */
  orderingKey: string
  /** For followers alone: each server is told whom of its people we take for them. */
  syncsFollowers?: boolean
}

/** So many inboxes at a time: what is enqueued leaves while the rest is, and no transaction is long. */
const pageSize = 5_000

/**
 * Turns an activity into one delivery job per inbox, page by page, and ends the job that caused it with the last: after
 * a crash it goes on where the last whole page ended.
 */
export async function ship({ app, keyring }: Outgoing, job: RunningJob, shipment: Shipment): Promise<void> {
  let activity: Activity | undefined
  for (let after = job.progress; ; ) {
    const page = await listTargets(app.db, shipment.targets, { after, limit: pageSize })
    if (page.length === 0) return
    activity ??= await proven(app, keyring, shipment)
    if (!activity) return
    const ready = { ...shipment, activity }
    const last = page.length === pageSize ? page.at(-1)?.inbox : undefined
    await app.db.transaction().execute(async (trx) => {
      await enqueuePage(app, trx, ready, page)
      await (last === undefined ? job.complete(trx) : job.advance(trx, last))
    })
    if (last === undefined) return
    after = last
  }
}

/** Once, before it is stored: all inboxes get the same. */
async function proven(app: App, keyring: Keyring, shipment: Shipment): Promise<Activity | undefined> {
  const { activity: given, senderId } = shipment
  const activity = typeof given === 'function' ? await given() : given
  const key = (await keyring.pairs(senderId)).find(({ kind }) => kind === 'ed25519')
  if (!key || !activity) return activity
  const { published } = activity
  return prove(activity, key, typeof published === 'string' ? new Date(published) : app.clock.now())
}

async function enqueuePage(
  app: App,
  trx: Transaction<Database>,
  shipment: Shipment & { activity: Activity },
  targets: DeliveryTarget[],
): Promise<void> {
  const { activity, senderId, orderingKey, syncsFollowers = false } = shipment
  const { uris } = app
  await enqueueDeliveries(trx, {
    envelope: {
      baseUrl: app.publicUrl,
      activityId: activity.id,
      activityType: typeIri(activity.type),
      keyIds: [uris.rsaKey(senderId), uris.ed25519Key(senderId)],
      ...(syncsFollowers && { syncsFollowers }),
    },
    activity,
    orderingKey,
    targets,
  })
}

function typeIri(type: string): string {
  if (type === 'EmojiReact') return litepub(type)
  return type === 'QuoteRequest' ? fep044f(type) : `https://www.w3.org/ns/activitystreams#${type}`
}
