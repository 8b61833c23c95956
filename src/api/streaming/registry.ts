import { AppError } from '#src/base/errors.ts'
import type { Id } from '#src/db/tables.ts'
import type { Message } from './message.ts'
import type { Channel, Listener, Stream } from './streams.ts'

/** More than any app opens; what is beyond is a mistake in a loop. */
const mostEach = 40
/** Each takes some kilobytes, and time with everything public that happens. */
const mostInAll = 10_000
const mostSubscriptions = 100
/** Bytes that wait for a client to read them; one that lets so much pile up is cut off. */
export const mostUnsent = 1_000_000

/** One WebSocket, or one EventSource. */
export type Connection = {
  listener: Listener
  /** @param stream its name as JSON */
  send(message: Message, stream: string): void
  end(why: EndReason): void
}

/** Why the server ends a connection. */
export type EndReason = 'stopping' | 'unauthorized'

type Subscription = { connection: Connection; stream: string }

/** Which connections are open in this process, and what is told in them. */
export type Registry = ReturnType<typeof createRegistry>

/** @param onFirst called when a connection opens where there was none, and answers what to do when the last one ends */
export function createRegistry(onFirst: () => () => void) {
  const channels = new Map<Channel, Set<Subscription>>()
  const connections = new Map<
    Connection,
    Map<string, { channels: readonly Channel[]; subscription: Subscription }>
  >()
  const places = new Map<Id, number>()
  let placesTaken = 0
  let onLast: (() => void) | undefined

  const leave = (channel: Channel, subscription: Subscription): void => {
    const subscriptions = channels.get(channel)
    subscriptions?.delete(subscription)
    if (subscriptions?.size === 0) channels.delete(channel)
  }

  return {
    connections: () => connections.keys(),
    /** Those with whom something is shared in these channels. */
    subscriptionsOf: (channel: Channel): Iterable<Subscription> => channels.get(channel) ?? [],
    /** The subjects that somebody listens to, such as the people with an open home stream. */
    subjectsOf: (kind: 'home' | 'notifications' | 'direct' | 'list'): Id[] =>
      [...channels.keys()].flatMap((channel) =>
        channel.startsWith(`${kind}:`) ? [channel.slice(kind.length + 1)] : [],
      ),
    /**
     * Takes a place before anything is opened; answers how to give it back.
     * @throws AppError tooMany, unavailable
     */
    takePlace(accountId: Id): () => void {
      const taken = places.get(accountId) ?? 0
      if (taken >= mostEach) throw new AppError('tooMany', 'Too many streams are open')
      if (placesTaken >= mostInAll) throw new AppError('unavailable', 'Too many streams are open here')
      places.set(accountId, taken + 1)
      placesTaken += 1
      return () => {
        const left = (places.get(accountId) ?? 1) - 1
        if (left === 0) places.delete(accountId)
        else places.set(accountId, left)
        placesTaken -= 1
      }
    },
    open(connection: Connection): void {
      if (connections.size === 0) onLast = onFirst()
      connections.set(connection, new Map())
    },
    /** @throws AppError tooMany */
    subscribe(connection: Connection, { name, channels: wanted }: Stream): void {
      const own = connections.get(connection)
      const stream = JSON.stringify(name)
      if (!own || own.has(stream)) return
      if (own.size >= mostSubscriptions) throw new AppError('tooMany', 'Too many streams are subscribed to')
      const subscription = { connection, stream }
      own.set(stream, { channels: wanted, subscription })
      for (const channel of wanted)
        channels.set(channel, (channels.get(channel) ?? new Set()).add(subscription))
    },
    unsubscribe(connection: Connection, { name }: Stream): void {
      const own = connections.get(connection)
      const held = own?.get(JSON.stringify(name))
      if (!held) return
      own?.delete(held.subscription.stream)
      for (const channel of held.channels) leave(channel, held.subscription)
    },
    close(connection: Connection): void {
      const own = connections.get(connection)
      if (!own) return
      for (const held of own.values()) for (const channel of held.channels) leave(channel, held.subscription)
      connections.delete(connection)
      if (connections.size === 0) onLast?.()
    },
  }
}
