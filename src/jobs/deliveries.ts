import type { Transaction } from 'kysely'
import { z } from 'zod'
import { storeActivityBody } from '#src/db/activity-bodies.ts'
import { type DeliveryTarget, insertDeliveries } from '#src/db/deliveries.ts'
import type { Database } from '#src/db/tables.ts'
import { jobCatalogue } from './catalogue.ts'

/** What all deliveries of an activity have in common; it lies beside its body. */
export const envelopeSchema = z.object({
  /** Our origin. */
  baseUrl: z.string(),
  activityId: z.string().optional(),
  /** The full name, such as `https://www.w3.org/ns/activitystreams#Create`. */
  activityType: z.string(),
  /** Addresses of the sender's public keys; the private ones are looked up when a row is handled. */
  keyIds: z.array(z.string()),
  headers: z.record(z.string(), z.string()).default({}),
  /** Whether each says whom of its inbox's server its sender takes for followers. */
  syncsFollowers: z.boolean().optional(),
  traceContext: z.record(z.string(), z.string()).default({}),
})

export type Envelope = z.output<typeof envelopeSchema>

export type Deliveries = {
  envelope: z.input<typeof envelopeSchema> & { activityId: string }
  /** Sent as it stands. */
  activity: object
  /** The object's uri: what concerns it reaches each inbox in this order. */
  orderingKey?: string
  targets: readonly DeliveryTarget[]
}

/**
 * Enqueues one `deliver` job per inbox in one statement, with the activity stored once. An inbox that this activity
 * already waits for is left out. Answers how many were new.
 */
export async function enqueueDeliveries(
  trx: Transaction<Database>,
  { envelope, activity, orderingKey, targets }: Deliveries,
): Promise<number> {
  const bodyHash = await storeActivityBody(trx, { body: JSON.stringify(activity), envelope })
  const { activityId } = envelope
  const { lane } = jobCatalogue.deliver
  return insertDeliveries(trx, { name: 'deliver', lane, bodyHash, activityId, orderingKey }, targets)
}
