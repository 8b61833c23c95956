import type { Transaction } from 'kysely'
import { storeActivityBody } from '#src/db/activity-bodies.ts'
import { type DeliveryTarget, insertDeliveries } from '#src/db/deliveries.ts'
import type { Database } from '#src/db/tables.ts'
import { type JobInput, jobCatalogue } from './catalogue.ts'

export type Deliveries = {
  /** Our origin. */
  baseUrl: string
  activityId: string
  /** The full name, such as `https://www.w3.org/ns/activitystreams#Create`. */
  activityType: string
  /** Sent as it stands. */
  activity: object
  /** Addresses of the sender's public keys; the private ones are looked up when a row is handled. */
  keyIds: readonly string[]
  /** The object's uri: what concerns it reaches each inbox in this order. */
  orderingKey?: string
  headers?: Record<string, string>
  syncsFollowers?: boolean
  startedAt: Date
  targets: readonly DeliveryTarget[]
}

/**
 * Enqueues one `deliver` job per inbox in one statement, with the activity stored once. An inbox that this activity
 * already waits for is left out. Answers how many were new.
 */
export async function enqueueDeliveries(trx: Transaction<Database>, deliveries: Deliveries): Promise<number> {
  const { activityId, activity, targets, orderingKey } = deliveries
  const bodyHash = await storeActivityBody(trx, JSON.stringify(activity))
  const payload: Omit<JobInput<'deliver'>, 'inbox' | 'sharedInbox' | 'actorIds'> = {
    baseUrl: deliveries.baseUrl,
    activityId,
    activityType: deliveries.activityType,
    keyIds: [...deliveries.keyIds],
    headers: deliveries.headers ?? {},
    ...(deliveries.syncsFollowers && { syncsFollowers: true }),
    started: deliveries.startedAt.toISOString(),
  }
  const lane = jobCatalogue.deliver.lane
  return insertDeliveries(trx, { name: 'deliver', lane, bodyHash, activityId, payload, orderingKey }, targets)
}
