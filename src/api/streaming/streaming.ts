import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Context } from 'hono'
import type { WebSocketServer } from 'ws'
import type { App } from '#src/app.ts'
import { AppError, httpStatusOf, isAppError } from '#src/base/errors.ts'
import { createLog } from '#src/base/log.ts'
import type { StreamEvent } from '#src/db/stream-events.ts'
import { createBacklog } from './backlog.ts'
import { type EventSourceConnection, eventSource, type StreamEnv } from './event-source.ts'
import { recogniseListener } from './listener.ts'
import { createRegistry, type Registry } from './registry.ts'
import { attachSocket, createSocketServer, type SocketConnection } from './socket.ts'
import { openStream, type StreamRequest } from './streams.ts'
import { endRevoked, tell } from './tell.ts'

const log = createLog('streaming')

const usualIntervals = { pingMs: 30_000, beatMs: 15_000, revokedMs: 60_000 }

/** All open streams of this process: https://docs.joinmastodon.org/methods/streaming/ */
export type Streaming = {
  /** Answers a WebSocket's handshake, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
  /** @throws AppError */
  openEventSource(c: Context<StreamEnv>, request: StreamRequest): Promise<Response>
  /** Ends them all, and takes no more. */
  close(): void
}

/** Whether a request is for a WebSocket that we speak; any other is answered as if it asked for none. */
export function isForSocket({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && /^\/api\/v1\/streaming\/*(?:\?|$)/.test(url)
}

/** Holds nothing, and listens to nothing, until the first stream is opened. */
export function createStreaming(app: App, intervals = usualIntervals): Streaming {
  const sockets = new Set<SocketConnection>()
  const eventSources = new Set<EventSourceConnection>()
  const registry = createRegistry(() => attend(app, registry, { sockets, eventSources, intervals }))
  let server: Promise<WebSocketServer> | undefined
  let isClosed = false

  const prepare = async (places: Parameters<typeof recogniseListener>[1]) => {
    if (isClosed) throw new AppError('unavailable', 'The server is stopping')
    const listener = await recogniseListener(app, places)
    return { listener, leave: registry.takePlace(listener.accountId) }
  }

  return {
    upgrade: async (request, socket, head) => {
      // Until `ws` has it, nobody else hears of its faults, and Node would end the process.
      socket.on('error', () => socket.destroy())
      try {
        if (!isForSocket(request)) throw new AppError('notFound', 'Not found')
        const query = new URL(request.url ?? '', app.publicUrl).searchParams
        const { listener, leave } = await prepare({
          authorization: request.headers.authorization,
          accessToken: query.get('access_token'),
          protocol: request.headers['sec-websocket-protocol'],
        })
        // A closed one closes no more.
        if (socket.destroyed) return leave()
        socket.once('close', leave)
        server ??= createSocketServer()
        const [wss] = await Promise.all([server, app.events.untilListening()])
        if (socket.destroyed) return
        const first = requestIn(query)
        wss.handleUpgrade(request, socket, head, (ws) => {
          const connection = attachSocket(app, registry, { ws, listener, first })
          sockets.add(connection)
          ws.on('close', () => sockets.delete(connection))
          if (isClosed) connection.end('stopping')
        })
      } catch (error) {
        refuse(socket, error)
      }
    },
    openEventSource: async (c, request) => {
      const { listener, leave } = await prepare({
        authorization: c.req.header('authorization'),
        accessToken: c.req.query('access_token'),
      })
      try {
        const stream = await openStream(app, listener, request)
        // Nobody would read the stream, nor end it.
        if (c.req.method === 'HEAD') {
          leave()
          return c.body(null, 200, { 'content-type': 'text/event-stream' })
        }
        await app.events.untilListening()
        return eventSource(c, registry, {
          listener,
          stream,
          onOpen: (connection) => {
            eventSources.add(connection)
            if (isClosed) connection.end('stopping')
          },
          onEnd: (connection) => {
            eventSources.delete(connection)
            leave()
          },
        })
      } catch (error) {
        leave()
        throw error
      }
    },
    close: () => {
      isClosed = true
      for (const connection of registry.connections()) connection.end('stopping')
    },
  }
}

function requestIn(query: URLSearchParams): StreamRequest | undefined {
  const stream = query.get('stream')
  if (!stream) return undefined
  return { stream, tag: query.get('tag') ?? undefined, list: query.get('list') ?? undefined }
}

type Attended = {
  sockets: Set<SocketConnection>
  eventSources: Set<EventSourceConnection>
  intervals: typeof usualIntervals
}

/** Hears what happens, and looks after those who listen, while there are any. Answers how to stop. */
function attend(app: App, registry: Registry, { sockets, eventSources, intervals }: Attended): () => void {
  const tellOrLog = async (event: StreamEvent): Promise<void> => {
    try {
      await tell(app, registry, event)
    } catch (error) {
      log.error('Streams were not told of {kind}: {error}', { kind: event.kind, error })
    }
  }
  const onEvent = createBacklog(tellOrLog, (count) =>
    log.warn('Streams were not told of {count} things: too much happens', { count }),
  )
  // What was said while nobody heard is missed, but not that somebody may hear no more.
  const lookForRevoked = (): void => {
    endRevoked(app, registry).catch((error) => log.warn('Tokens could not be looked up: {error}', { error }))
  }
  const stopHearing = app.events.hearStreams({ onEvent, onMissed: lookForRevoked })
  const timers = [
    setInterval(() => {
      for (const connection of sockets) connection.checkAlive()
    }, intervals.pingMs),
    setInterval(() => {
      for (const connection of eventSources) connection.beat()
    }, intervals.beatMs),
    setInterval(lookForRevoked, intervals.revokedMs),
  ]
  return () => {
    stopHearing()
    for (const timer of timers) clearInterval(timer)
  }
}

/** An answer over HTTP, with Mastodon's header that says why: what a browser shows of a failed handshake is nothing. */
function refuse(socket: Duplex, error: unknown): void {
  if (!isAppError(error)) log.error('A WebSocket could not be opened: {error}', { error })
  const [words, status] = isAppError(error)
    ? [error.message, httpStatusOf[error.kind]]
    : ['An unexpected error occurred', 500]
  const body = JSON.stringify({ error: words })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-error-message: ${words}`,
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
