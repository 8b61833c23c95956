import type { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError, httpStatusOf, isAppError } from '#src/base/errors.ts'
import { createLog } from '#src/base/log.ts'
import { socketFrame } from './message.ts'
import { type Connection, type EndReason, mostUnsent, type Registry } from './registry.ts'
import { type Listener, openStream, type StreamRequest } from './streams.ts'

/** What clients say is short. */
const longestFrame = 4_096
/** Who asks so much before it is answered is no app. */
const mostUnanswered = 100
/** How long the other end has to say good-bye. */
const closingMs = 2_000

const closeCodes = { stopping: 1001, unauthorized: 1008 } as const satisfies Record<EndReason, number>

const log = createLog('streaming')

/** One for the process, made when somebody first opens a WebSocket: until then none of it is in memory. */
export async function createSocketServer(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws')
  // Compression costs each socket hundreds of kilobytes.
  return new WebSocketServer({
    noServer: true,
    maxPayload: longestFrame,
    perMessageDeflate: false,
    clientTracking: false,
  })
}

const messageSchema = z.object({
  type: z.enum(['subscribe', 'unsubscribe']),
  stream: z.string(),
  tag: z.string().optional(),
  list: z.coerce.string().optional(),
})

/** Streams to one WebSocket, and hears what it subscribes to, until it closes. */
export function attachSocket(
  app: Pick<App, 'db'>,
  registry: Registry,
  { ws, listener, first }: { ws: WebSocket; listener: Listener; first: StreamRequest | undefined },
): SocketConnection {
  let isAlive = true
  const connection: SocketConnection = {
    listener,
    send: (message, stream) => {
      if (ws.readyState !== ws.OPEN) return
      // Whoever reads so slowly gets nothing more; a closing frame would wait behind all that.
      if (ws.bufferedAmount > mostUnsent) ws.terminate()
      else ws.send(socketFrame(message, stream), { binary: false })
    },
    end: (why) => {
      ws.close(closeCodes[why])
      setTimeout(() => ws.terminate(), closingMs).unref()
    },
    checkAlive: () => {
      if (!isAlive) return ws.terminate()
      isAlive = false
      ws.ping()
    },
  }
  ws.on('pong', () => {
    isAlive = true
  })
  ws.on('close', () => registry.close(connection))
  // Frames that are too long or none at all: `ws` closes with the code that says so.
  ws.on('error', (error) => log.debug('A socket failed: {error}', { error }))
  const inTurn = answerInTurn(ws)
  const obey = async (text: string): Promise<void> => {
    const { type, ...request } = readMessage(text)
    const stream = await openStream(app, listener, request)
    if (type === 'subscribe') registry.subscribe(connection, stream)
    else registry.unsubscribe(connection, stream)
  }
  ws.on('message', (data, isBinary) => {
    if (isBinary) ws.close(1003, 'Binary messages are not understood')
    else inTurn(() => obey(String(data)))
  })
  registry.open(connection)
  if (first) inTurn(async () => registry.subscribe(connection, await openStream(app, listener, first)))
  return connection
}

/** One that finds out whether the other end is still there. */
export type SocketConnection = Connection & { checkAlive(): void }

/** Does one thing after the other, and tells of what could not be done. */
function answerInTurn(ws: WebSocket): (work: () => Promise<void>) => void {
  let before = Promise.resolve()
  let unanswered = 0
  return (work) => {
    if (unanswered >= mostUnanswered) return ws.terminate()
    unanswered += 1
    before = before.then(work).catch((error: unknown) => {
      if (!isAppError(error)) log.error('A message was not understood: {error}', { error })
      const [words, status] = isAppError(error)
        ? [error.message, httpStatusOf[error.kind]]
        : ['An unexpected error occurred', 500]
      if (ws.bufferedAmount > mostUnsent) ws.terminate()
      else if (ws.readyState === ws.OPEN) ws.send(JSON.stringify({ error: words, status }))
    })
    before = before.then(() => {
      unanswered -= 1
    })
  }
}

function readMessage(text: string): z.output<typeof messageSchema> {
  const { success, data } = messageSchema.safeParse(parsed(text))
  if (!success) throw new AppError('malformed', 'The message is not understood')
  return data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
