import { type Readable, Transform } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { App } from '#src/app.ts'
import { FetchFailed, FetchRefused } from '#src/base/fetch-errors.ts'
import { mediaHeaders } from './serve.ts'
import { sniffedMediaType } from './sniff.ts'

/** Passes the films and sounds of other servers through; nothing of them is kept but what they are. */
export type RemoteStreams = {
  /** Answers GET and HEAD, one byte range included, with what the other server sends for them. */
  respond(address: string, request: Pick<Request, 'method' | 'headers' | 'signal'>): Promise<Response>
}

const maxBytes = 100 * 1024 * 1024
const maxAtOnce = 24
const longestMs = 15 * 60_000
const sniffBytes = 4_096
const knownMs = 60 * 60_000

type Deps = Pick<App, 'safeFetch'> & { isBlocked(address: string): Promise<boolean> }

export function createRemoteStreams(deps: Deps): RemoteStreams {
  // A film is asked for in many pieces, of which only the first says what it is.
  const known = new LRUCache<string, string>({ max: 1_000, ttl: knownMs })
  let streams = 0
  return {
    respond: async (address, request) => {
      if (streams >= maxAtOnce) return refusal(503, { 'retry-after': '10' })
      streams += 1
      const end = once(() => {
        streams -= 1
      })
      try {
        const mediaType = known.get(address) ?? (await sniff(deps, address))
        if (!mediaType) return end(refusal(404))
        known.set(address, mediaType)
        return await passOn(deps, { address, request, mediaType, end })
      } catch (error) {
        if (error instanceof FetchRefused) return end(refusal(404))
        if (error instanceof FetchFailed) return end(refusal(502))
        end(undefined)
        throw error
      }
    },
  }
}

/** Does what is given the first time, and hands its argument on. */
function once(act: () => void): <T>(value: T) => T {
  let isDone = false
  return (value) => {
    if (!isDone) act()
    isDone = true
    return value
  }
}

function refusal(status: number, headers: Record<string, string> = {}): Response {
  const words = status === 503 ? 'Too many at once' : 'Not available'
  return new Response(words, { status, headers: { 'cache-control': 'no-store', ...headers } })
}

/** What its first bytes say it is; undefined for anything but the films and sounds we let through. */
async function sniff({ safeFetch, isBlocked }: Deps, address: string): Promise<string | undefined> {
  const answer = await safeFetch(address, {
    headers: { range: `bytes=0-${sniffBytes - 1}`, 'accept-encoding': 'identity' },
    accept: 'video/*,audio/*',
    maxBytes: sniffBytes,
    isBeginningEnough: true,
  })
  if (answer.status === 429 || answer.status >= 500) throw new FetchFailed('network')
  if ((answer.status !== 200 && answer.status !== 206) || (await isBlocked(answer.url))) return undefined
  return sniffedMediaType(answer.body, answer.headers.get('content-type') ?? '')
}

type Passing = {
  address: string
  request: Pick<Request, 'method' | 'headers' | 'signal'>
  mediaType: string
  end: <T>(value: T) => T
}

async function passOn({ safeFetch, isBlocked }: Deps, passing: Passing): Promise<Response> {
  const { address, request, mediaType, end } = passing
  const range = /^bytes=(?:\d+-\d*|-\d+)$/.exec(request.headers.get('range')?.trim() ?? '')?.[0]
  const answer = await safeFetch.open(address, {
    headers: { 'accept-encoding': 'identity', ...(range && { range }) },
    accept: 'video/*,audio/*',
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(longestMs)]),
  })
  const { status, headers: sent, body } = answer
  // Destroying a body nobody reads makes it emit an error, which without a listener would end the process.
  body.on('error', () => undefined)
  const size = sizeOf(sent)
  const isUsable = status === 200 || status === 206 || status === 416
  const isTooLarge = size !== undefined && size > maxBytes
  const isPlain = ['', 'identity'].includes(sent.get('content-encoding') ?? '')
  if (!isUsable || isTooLarge || !isPlain || (await isBlocked(answer.url))) {
    body.destroy()
    return end(refusal(status === 429 || status >= 500 ? 502 : 404))
  }
  const headers = streamHeaders(mediaType, sent)
  if (status === 416 || request.method === 'HEAD') {
    body.destroy()
    return end(new Response(null, { status, headers }))
  }
  const bounded = body.pipe(byteCap(() => body.destroy()))
  body.on('error', (error) => bounded.destroy(error))
  bounded.on('close', () => end(body.destroy()))
  return new Response(toWeb(bounded), { status, headers })
}

function streamHeaders(mediaType: string, sent: Headers): Headers {
  const headers = mediaHeaders(mediaType)
  headers.set('cache-control', 'public, max-age=86400')
  headers.delete('content-disposition')
  for (const name of ['content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified']) {
    const value = sent.get(name)
    if (value !== null) headers.set(name, value)
  }
  return headers
}

/** Of the whole, as far as the other server says. */
function sizeOf(headers: Headers): number | undefined {
  const total = headers.get('content-range')?.split('/')[1] ?? headers.get('content-length')
  return total === null || total === undefined || !/^\d+$/.test(total) ? undefined : Number(total)
}

/** Servers need not say, and may lie about, how much is to come. */
function byteCap(onOver: () => void): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength
      if (bytes <= maxBytes) return done(null, chunk)
      onOver()
      done(new FetchRefused('size'))
    },
  })
}

function toWeb(readable: Readable): ReadableStream<Uint8Array> {
  const chunks = readable.iterator()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        readable.destroy()
      },
    },
    { highWaterMark: 0 },
  )
}
