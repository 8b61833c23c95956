import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { stream as streamBody } from 'hono/streaming'
import type { Env } from '../bearer.ts'
import { eventSourceFrame } from './message.ts'
import { type Connection, mostUnsent, type Registry } from './registry.ts'
import type { Listener, Stream } from './streams.ts'

/** Proxies cut what is silent for a minute. Mastodon's word for it. */
const heartbeat = Buffer.from(':thump\n')
const greeting = Buffer.from(':)\n')

export type StreamEnv = Env & { Bindings: HttpBindings }

/** One that says from time to time that it is still there. */
export type EventSourceConnection = Connection & { beat(): void }

type Opening = {
  listener: Listener
  stream: Stream
  /** Called when it has ended, whoever ended it. */
  onEnd(connection: EventSourceConnection): void
  onOpen(connection: EventSourceConnection): void
}

/** Streams as Server-Sent Events (https://html.spec.whatwg.org/#server-sent-events) until either end has enough. */
export function eventSource(c: Context<StreamEnv>, registry: Registry, opening: Opening): Response {
  const { listener, stream, onOpen, onEnd } = opening
  c.header('content-type', 'text/event-stream')
  c.header('cache-control', 'no-store')
  c.header('x-accel-buffering', 'no')
  return streamBody(c, async (body) => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    let unsent = 0
    const write = (bytes: Buffer): void => {
      // Who reads so slowly gets nothing more; the end of the body would wait behind all that.
      if (unsent > mostUnsent) {
        c.env.outgoing.destroy()
        end()
        return
      }
      unsent += bytes.length
      void body.write(bytes).finally(() => {
        unsent -= bytes.length
      })
    }
    const connection: EventSourceConnection = {
      listener,
      send: (message) => write(eventSourceFrame(message)),
      end: () => end(),
      beat: () => write(heartbeat),
    }
    body.onAbort(end)
    registry.open(connection)
    registry.subscribe(connection, stream)
    onOpen(connection)
    write(greeting)
    await ended
    registry.close(connection)
    onEnd(connection)
  })
}
