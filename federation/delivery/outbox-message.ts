import { randomUUID } from 'node:crypto'
import type { Message } from '@fedify/fedify'
import type { Transaction } from 'kysely'
import { z } from 'zod'
import { storeActivityBody } from '#src/db/activity-bodies.ts'
import type { Database } from '#src/db/tables.ts'
import type { JobPayload } from '#src/jobs/catalogue.ts'
import type { envelopeSchema } from '#src/jobs/deliveries.ts'
import type { Enqueued } from '#src/jobs/queue.ts'
import type { Letter } from './letters.ts'

export type OutboxMessage = Extract<Message, { type: 'outbox' }>
export type SenderKeys = OutboxMessage['keys']

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
  const parsed = parseOutboxMessage(message)
  const { keys, activity, type, id, inbox, sharedInbox, actorIds, attempt, started, ...shared } = parsed
  const envelope: z.input<typeof envelopeSchema> = { ...shared, keyIds: keys.map(({ keyId }) => keyId) }
  return {
    payload: { inbox, sharedInbox, actorIds, attempt },
    bodyHash: await store(activity, envelope),
    dedupeKey: shared.activityId && `${shared.activityId}\n${inbox}`,
  }
}

/** Fedify's outbox message for a `deliver` job, exactly as `sendActivity` would have queued it. */
export function toOutboxMessage(
  { inbox, sharedInbox, actorIds, attempt }: JobPayload<'deliver'>,
  letter: Letter,
  { keys, failures }: { keys: SenderKeys; failures: number },
): OutboxMessage {
  const { baseUrl, activityId, activityType, headers, traceContext, body } = letter
  return {
    type: 'outbox',
    id: randomUUID(),
    baseUrl,
    ...(activityId === undefined ? {} : { activityId }),
    activityType,
    inbox,
    sharedInbox,
    actorIds,
    headers,
    // For Fedify's reckoning of when to give up, which is ours.
    started: new Date().toISOString(),
    traceContext,
    keys,
    activity: JSON.parse(body.toString()),
    attempt: Math.max(attempt, failures),
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

type StoreBody = (activity: unknown, envelope?: object) => Promise<string>

/** Stores bodies in `trx`; the messages of one fan-out share one activity, which is then stored once. */
export function createBodyStore(trx: Transaction<Database>): StoreBody {
  const texts = new Map<unknown, string>()
  const stored = new Map<string, Promise<string>>()
  return (activity, envelope) => {
    const body = texts.get(activity) ?? JSON.stringify(activity)
    texts.set(activity, body)
    const whole = JSON.stringify([envelope, body])
    const hash = stored.get(whole) ?? storeActivityBody(trx, { body, envelope })
    stored.set(whole, hash)
    return hash
  }
}
