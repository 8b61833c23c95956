import type { Expression, Transaction } from 'kysely'
import type { App } from '#src/app.ts'
import type { DeliveryTarget } from '#src/db/deliveries.ts'
import type { Database, Id } from '#src/db/tables.ts'
import { enqueueDeliveries } from '#src/jobs/deliveries.ts'
import type { RunningJob } from '#src/jobs/run-job.ts'
import type { Serving } from '../actors.ts'
import type { Activity } from '../convert/activity.ts'

export type Outgoing = Pick<Serving, 'app' | 'keyring' | 'server'>

export type Shipment = {
  activity: Activity
  senderId: Id
  targets: Expression<DeliveryTarget>
  /** The object's uri: what concerns it reaches each inbox in order. */
  orderingKey: string
}

/**
 * Turns an activity into one delivery job per inbox, and ends the job that caused it in the same transaction: after
 * a crash either all of it is there or none.
 */
export async function ship({ app }: Outgoing, job: RunningJob, shipment: Shipment): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    await enqueueShipment(app, trx, shipment)
    await job.complete(trx)
  })
}

async function enqueueShipment(app: App, trx: Transaction<Database>, shipment: Shipment): Promise<void> {
  const { activity, senderId, targets, orderingKey } = shipment
  const { uris } = app
  await enqueueDeliveries(trx, {
    baseUrl: app.publicUrl,
    activityId: activity.id,
    activityType: `https://www.w3.org/ns/activitystreams#${activity.type}`,
    activity,
    keyIds: [uris.rsaKey(senderId), uris.ed25519Key(senderId)],
    orderingKey,
    startedAt: app.clock.now(),
    targets,
  })
}
