import { randomUUID } from 'node:crypto'
import type { Message } from '@fedify/fedify'
import type { Transaction } from 'kysely'
import { z } from 'zod'
import { storeActivityBody } from '#src/db/activity-bodies.ts'
import type { Database } from '#src/db/tables.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { Enqueued } from '#src/jobs/queue.ts'

export type OutboxMessage = Extract<Message, { type: 'outbox' }>
export type SenderKeys = OutboxMessage['keys']

/** What a row leaves out of a message: the sender's keys, and the activity. */
export type HeavyParts = { keys: SenderKeys; activity: unknown }

const heavyParts = { keys: z.array(z.object({ keyId: z.string() })), activity: z.unknown() }

const queuedOutboxMessage = z.object({
  ...heavyParts,
  type: z.literal('outbox'),
  id: z.string(),
  baseUrl: z.string(),
  activityId: z.string().optional(),
  activityType: z.string(),
  inbox: z.string(),
  sharedInbox: z.boolean(),
  actorIds: z.array(z.string()).default([]),
  headers: z.record(z.string(), z.string()),
  started: z.string(),
  attempt: z.number(),
  traceContext: z.record(z.string(), z.string()),
})
export type QueuedOutboxMessage = z.output<typeof queuedOutboxMessage>

const queuedFanoutMessage = z.looseObject({ ...heavyParts, type: z.literal('fanout'), id: z.string() })

export function parseOutboxMessage(message: unknown): QueuedOutboxMessage {
  return queuedOutboxMessage.parse(message)
}

/** Stores the activity, and answers the `deliver` job that stands for the message. */
export async function toDelivery(message: unknown, store: StoreBody): Promise<Enqueued<'deliver'>> {
  const { keys, activity, type, id, ...rest } = parseOutboxMessage(message)
  return {
    payload: { ...rest, keyIds: keys.map(({ keyId }) => keyId) },
    bodyHash: await store(activity),
    dedupeKey: rest.activityId && `${rest.activityId}\n${rest.inbox}`,
  }
}

/** Fedify's outbox message for a `deliver` job, exactly as `sendActivity` would have queued it. */
export function toOutboxMessage(
  delivery: JobPayload<'deliver'>,
  { keys, activity }: HeavyParts,
  failures: number,
): OutboxMessage {
  const { keyIds, heldSince: _heldSince, activityId, ...rest } = delivery
  return {
    type: 'outbox',
    id: randomUUID(),
    ...rest,
    ...(activityId === undefined ? {} : { activityId }),
    keys,
    activity,
    attempt: Math.max(delivery.attempt, failures),
  }
}

/** As `toDelivery`, for a message that Fedify will yet divide among its inboxes. */
export async function toFanoutJob(message: unknown, store: StoreBody): Promise<Enqueued<'fedifyFanout'>> {
  const { keys, activity, ...rest } = queuedFanoutMessage.parse(message)
  return {
    payload: { message: rest, keyIds: keys.map(({ keyId }) => keyId) },
    bodyHash: await store(activity),
  }
}

const anyMessage = z.looseObject({ type: z.enum(['inbox', 'outbox', 'fanout']), id: z.string() })

/** Fedify's messages are opaque: what has a known type is taken for whole. */
export function isMessage(message: unknown): message is Message {
  return anyMessage.safeParse(message).success
}

type StoreBody = (activity: unknown) => Promise<string>

/** Stores bodies in `trx`; the messages of one fan-out share one activity, which is then written as text once. */
export function createBodyStore(trx: Transaction<Database>): StoreBody {
  const stored = new Map<unknown, Promise<string>>()
  return (activity) => {
    const hash = stored.get(activity) ?? storeActivityBody(trx, JSON.stringify(activity))
    stored.set(activity, hash)
    return hash
  }
}
