import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Entity } from '../mastodon/client.ts'

/** What a stream told of, its payload read. */
export type Told = { stream?: string[]; event?: string; payload?: Entity; error?: string; status?: number }

export type SocketClient = {
  ws: WebSocket
  /** The next that comes, in order; what came before it was asked for is kept. */
  next(): Promise<Told>
  say(message: object | string | Buffer): void
  /** Resolves when all that was said before has been done. */
  obeyed(): Promise<void>
  /** The code it was closed with. */
  closed: Promise<number>
  close(): void
}

export type SocketOptions = {
  /** In the address. */
  token?: string
  headers?: Record<string, string>
  protocol?: string
  /** Of the address, beside the token. */
  query?: Record<string, string>
  path?: string
}

/** A WebSocket as an app opens it; waits until it is open. */
export async function openSocket(url: string, options: SocketOptions = {}): Promise<SocketClient> {
  const { token, headers = {}, protocol, query = {}, path = '/api/v1/streaming' } = options
  const parameters = new URLSearchParams({ ...(token && { access_token: token }), ...query })
  const address = `${url.replace(/^http/, 'ws')}${path}?${parameters}`
  const ws = new WebSocket(address, protocol === undefined ? [] : [protocol], { headers })
  const { next, put } = queue<Told>()
  ws.on('message', (bytes) => put(toldIn(JSON.parse(String(bytes)))))
  const closed = new Promise<number>((resolve) => ws.on('close', resolve))
  await once(ws, 'open')
  const say = (message: object | string | Buffer) =>
    ws.send(typeof message === 'object' && !Buffer.isBuffer(message) ? JSON.stringify(message) : message)
  return {
    ws,
    next,
    say,
    closed,
    obeyed: async () => {
      say({ type: 'subscribe', stream: 'no such stream' })
      const { error } = await next()
      if (error !== 'Unknown stream type') throw new Error(`Something else came: ${error}`)
    },
    close: () => ws.terminate(),
  }
}

/** The answer to a handshake that is refused. */
export async function refusedSocket(
  url: string,
  { headers = {}, query = {}, path = '/api/v1/streaming' }: SocketOptions = {},
): Promise<{ status: number | undefined; words: unknown }> {
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${path}?${new URLSearchParams(query)}`, { headers })
  const [, response] = await once(ws, 'unexpected-response')
  response.resume()
  return { status: response.statusCode, words: response.headers['x-error-message'] }
}

export type EventSourceClient = {
  next(): Promise<Told>
  /** Comments, in their order, without their colons. */
  nextComment(): Promise<string>
  ended: Promise<void>
  close(): void
}

/** Server-Sent Events by a plain request, which must succeed; resolves once the stream has begun. */
export async function openEventSource(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<EventSourceClient> {
  const aborting = new AbortController()
  const response = await fetch(`${url}/api/v1/streaming/${path}`, { headers, signal: aborting.signal })
  if (response.status !== 200 || !response.body)
    throw new Error(`${response.status} ${await response.text()}`)
  const events = queue<Told>()
  const comments = queue<string>()
  const read = async (body: ReadableStream<Uint8Array>) => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true })
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
        if (text.startsWith(':')) comments.put(text.slice(1, end))
        else if (text.indexOf('\n\n') === -1) break
        else {
          end = text.indexOf('\n\n') + 1
          events.put(eventIn(text.slice(0, end)))
        }
        text = text.slice(end + 1)
      }
    }
  }
  // Ours or the server's doing: both are an end.
  const ended = read(response.body).catch(() => undefined)
  return { next: events.next, nextComment: comments.next, ended, close: () => aborting.abort() }
}

function eventIn(text: string): Told {
  const fields = Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/: (.*)/s)),
  )
  return toldIn({ event: fields.event, payload: fields.data })
}

/** Entities are JSON within JSON; ids are left as they are. */
function toldIn({ payload, ...told }: Told & { payload?: string }): Told {
  if (payload === undefined) return told
  return { ...told, payload: payload.startsWith('{') ? JSON.parse(payload) : payload }
}

function queue<T>() {
  const came: T[] = []
  const waiting: ((one: T) => void)[] = []
  return {
    put: (one: T): void => {
      const first = waiting.shift()
      if (first) first(one)
      else came.push(one)
    },
    next: (): Promise<T> =>
      new Promise((resolve) => {
        const [first] = came.splice(0, 1)
        if (first !== undefined) resolve(first)
        else waiting.push(resolve)
      }),
  }
}
