import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

export type StandInFault =
  | 'rate_limited' // 429, Retry-After: 1
  | 'server_error' // 500
  | 'moderation_blocked' // 400
  | 'unauthorized' // 401
  | 'forbidden' // 403
  | 'insufficient_quota' // 429
  | 'payment_required' // 402
  | 'unknown_parameter' // 400 naming `parameter`, for as long as it is sent
  | 'plain_error' // 400 {"error":"text"}
  | 'plain_error_200' // 200 {"error":"text"}
  | 'html' // 502 page
  | 'redirect' // 307 to another host
  | 'reset' // connection reset before any answer
  | 'hang' // no headers, ever
  | 'hang_midway' // one partial, then nothing, ever
  | 'reset_midway' // one partial, then a reset
  | 'broken_off' // one partial, then a proper end without a picture
  | 'error_midway' // one partial, then an error event
  | 'moderation_midway' // one partial, then a moderation error event
  | 'junk_json' // 200, not JSON
  | 'junk_image' // base64 of text
  | 'svg_image' // base64 of an SVG
  | 'truncated_image' // the first half of a PNG
  | 'huge_image' // a flat PNG of 9,000 × 9,000 in few bytes
  | 'no_data' // {"data":[]}
  | 'endless' // a JSON body without end
  | 'huge_line' // one SSE line of 30 MB before the picture

export type StandInBehaviour = {
  fault?: StandInFault
  /** `openai` streams when asked to; the others answer JSON as compatible servers do. Default `openai`. */
  answer?: 'openai' | 'json' | 'url' | 'data_url'
  /** Previews per streamed picture (default 2; never more than asked for). */
  partials?: number
  /** Slow mode: the wait before each preview and before the picture (or before a refusal). Default 0. */
  delayMs?: number
  /** Awaited before each preview, counted from 0, and before the picture that comes after them. */
  hold?: (step: number) => Promise<void>
  /** In seconds, for `rate_limited`. */
  retryAfter?: number
  /** For `unknown_parameter`. */
  parameter?: string
  /** Leaves `usage` out, as compatible servers do. */
  withoutUsage?: boolean
}

export type StandInRequest = {
  path: string
  headers: IncomingMessage['headers']
  /** JSON fields, or the multipart form's text fields, all as sent. */
  fields: Record<string, unknown>
  /** Files of a multipart form, with the names of their fields. */
  files: { field: string; name: string; type: string; bytes: Uint8Array }[]
  /** How many were not yet answered when it came, itself included. */
  inFlight: number
  /** Resolves once the caller has gone or has been answered in full. */
  closed: Promise<void>
}

export type OpenAiStandIn = {
  /** Base URL, ending in `/v1`; use as OPENAI_BASE_URL with any key. */
  url: string
  requests: StandInRequest[]
  /** A list is used up one request at a time, its last entry staying; one behaviour is for all that follow. */
  behave(script: StandInBehaviour | StandInBehaviour[]): void
  close(): Promise<void>
}

/** What every answer of the stand-in reports, so that costs can be asserted. */
export const standInUsage = {
  input_tokens: 50,
  output_tokens: 4160,
  total_tokens: 4210,
  input_tokens_details: { text_tokens: 40, image_tokens: 10 },
  output_tokens_details: { text_tokens: 0, image_tokens: 4160 },
}

/**
 * A server that speaks OpenAI's image wire format on loopback: `POST /v1/images/generations` (JSON) and
 * `POST /v1/images/edits` (multipart), answered as JSON or as SSE with `partial_image` and `completed` events,
 * `usage` and `x-request-id`, with real PNGs of the size asked for, each of another colour. `behave()` makes it
 * slow, compatible rather than OpenAI, or faulty in one of the ways of `StandInFault`.
 */
export async function startOpenAiStandIn(): Promise<OpenAiStandIn> {
  const requests: StandInRequest[] = []
  let script: StandInBehaviour[] = [{}]
  let inFlight = 0
  const server = createServer((message, response) => {
    // The caller hangs up on us in half of the tests; that is not a fault of the stand-in.
    response.on('error', () => undefined)
    void handle(message, response).catch(() => response.destroy())
  })
  const handle = async (message: IncomingMessage, response: ServerResponse) => {
    if (message.url?.startsWith('/pictures/')) return sendPicture(message.url, response)
    const request = await record(message, response)
    inFlight += 1
    request.inFlight = inFlight
    void request.closed.then(() => {
      inFlight -= 1
    })
    requests.push(request)
    const behaviour = (script.length > 1 ? script.shift() : script[0]) ?? {}
    await answer({
      request,
      response,
      behaviour,
      number: requests.length,
      origin: `http://${message.headers.host}`,
    })
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/v1`,
    requests,
    behave: (next) => {
      script = Array.isArray(next) ? [...next] : [next]
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Exchange = {
  request: StandInRequest
  response: ServerResponse
  behaviour: StandInBehaviour
  number: number
  origin: string
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || !address) throw new Error('The stand-in is not listening.')
  return address.port
}

async function record(message: IncomingMessage, response: ServerResponse): Promise<StandInRequest> {
  const chunks: Uint8Array[] = []
  for await (const chunk of message) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const type = message.headers['content-type'] ?? ''
  const request: StandInRequest = {
    path: message.url ?? '',
    headers: message.headers,
    fields: {},
    files: [],
    inFlight: 0,
    closed: new Promise((resolve) => response.on('close', resolve)),
  }
  if (!type.startsWith('multipart/')) {
    request.fields = JSON.parse(body.toString('utf8'))
    return request
  }
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  for (const [field, value] of form) {
    if (typeof value === 'string') request.fields[field] = value
    else {
      const bytes = new Uint8Array(await value.arrayBuffer())
      request.files.push({ field, name: value.name, type: value.type, bytes })
    }
  }
  return request
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, behaviour, number } = exchange
  response.setHeader('x-request-id', `req_stand_in_${number}`)
  const refused = refusalOf(behaviour)
  const isNamed = behaviour.fault !== 'unknown_parameter' || (behaviour.parameter ?? '') in request.fields
  if (refused && isNamed) {
    if (behaviour.delayMs) await delay(behaviour.delayMs)
    response.writeHead(refused.status, { 'content-type': 'application/json', ...refused.headers })
    response.end(typeof refused.body === 'string' ? refused.body : JSON.stringify(refused.body))
    return
  }
  if (behaviour.fault === 'hang') return
  if (behaviour.fault === 'reset') return reset(response)
  if (behaviour.fault === 'endless') return sendEndlessly(response)
  const wantsStream = String(request.fields.stream) === 'true' && (behaviour.answer ?? 'openai') === 'openai'
  return wantsStream ? answerStreaming(exchange) : answerJson(exchange)
}

type RefusedAnswer = { status: number; body: unknown; headers?: Record<string, string> }

function refusalOf(behaviour: StandInBehaviour): RefusedAnswer | undefined {
  const error = (status: number, code: string, message: string, rest: object = {}): RefusedAnswer => ({
    status,
    body: { error: { message, type: 'invalid_request_error', param: null, code, ...rest } },
  })
  switch (behaviour.fault) {
    case 'rate_limited': {
      const headers = { 'retry-after': String(behaviour.retryAfter ?? 1) }
      return { ...error(429, 'rate_limit_exceeded', 'Rate limit reached.', { type: 'requests' }), headers }
    }
    case 'server_error':
      return error(500, 'server_error', 'The server had an error.', { type: 'server_error' })
    case 'moderation_blocked':
      return error(400, 'moderation_blocked', 'Your request was rejected by the safety system.', {
        type: 'image_generation_user_error',
      })
    case 'unauthorized':
      return error(401, 'invalid_api_key', 'Incorrect API key provided: sk-wrong-key-1234.')
    case 'forbidden':
      return error(403, 'unsupported_country_region_territory', 'Country not supported.')
    case 'insufficient_quota':
      return error(429, 'insufficient_quota', 'You exceeded your current quota.', {
        type: 'insufficient_quota',
      })
    case 'payment_required':
      return error(402, 'payment_required', 'Payment required.')
    case 'unknown_parameter': {
      const param = behaviour.parameter ?? ''
      return error(400, 'unknown_parameter', `Unknown parameter: '${param}'.`, { param })
    }
    case 'plain_error':
      return { status: 400, body: { error: 'no such sampler' } }
    case 'plain_error_200':
      return { status: 200, body: { error: 'out of memory' } }
    case 'html':
      return {
        status: 502,
        body: '<html><h1>Bad Gateway</h1></html>',
        headers: { 'content-type': 'text/html' },
      }
    case 'redirect':
      return { status: 307, body: '', headers: { location: 'http://192.0.2.1/v1/images/generations' } }
    case 'junk_json':
      return { status: 200, body: '{"data": [{"b64_json": ' }
    case 'no_data':
      return { status: 200, body: { created: 1, data: [] } }
    default:
      return undefined
  }
}

async function answerJson({ request, response, behaviour, number, origin }: Exchange): Promise<void> {
  if (behaviour.delayMs) await delay(behaviour.delayMs)
  await behaviour.hold?.(0)
  const bytes = await resultPicture(behaviour.fault, request, number)
  const b64 = bytes.toString('base64')
  const size = sizeOf(request)
  const result =
    behaviour.answer === 'url'
      ? { url: `${origin}/pictures/${size.width}x${size.height}/${number}.png` }
      : behaviour.answer === 'data_url'
        ? { url: `data:image/png;base64,${b64}` }
        : { b64_json: b64 }
  const usage = behaviour.withoutUsage ? {} : { usage: standInUsage }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ created: seconds(), data: [result], ...usage }))
}

async function answerStreaming({ request, response, behaviour, number }: Exchange): Promise<void> {
  const noun = request.path.endsWith('/edits') ? 'image_edit' : 'image_generation'
  const { fault, delayMs = 0 } = behaviour
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
  const send = (type: string, fields: object) => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, created_at: seconds(), ...fields })}\n\n`)
  }
  const shared = { size: request.fields.size, quality: 'high', background: 'opaque', output_format: 'png' }
  const partials = Math.min(behaviour.partials ?? 2, Number(request.fields.partial_images ?? 0))
  for (let step = 0; step < partials; step += 1) {
    if (delayMs) await delay(delayMs)
    await behaviour.hold?.(step)
    const b64_json = (await picture(request, number, (step + 1) / (partials + 1))).toString('base64')
    send(`${noun}.partial_image`, { ...shared, b64_json, partial_image_index: step })
    if (fault && (await breakMidway(fault, response, send))) return
  }
  if (delayMs) await delay(delayMs)
  await behaviour.hold?.(partials)
  if (fault === 'huge_line') send(`${noun}.partial_image`, { b64_json: 'A'.repeat(30_000_000) })
  const b64_json = (await resultPicture(fault, request, number)).toString('base64')
  const usage = behaviour.withoutUsage ? {} : { usage: standInUsage }
  send(`${noun}.completed`, { ...shared, b64_json, ...usage })
  response.end()
}

/** The faults that come after the first preview. */
async function breakMidway(
  fault: StandInFault,
  response: ServerResponse,
  send: (type: string, fields: object) => void,
): Promise<boolean> {
  if (fault === 'hang_midway') return true
  if (fault === 'broken_off') {
    response.end()
    return true
  }
  if (fault === 'reset_midway') {
    // The preview must reach the caller before the reset does.
    await delay(20)
    reset(response)
    return true
  }
  const code = { error_midway: 'server_error', moderation_midway: 'moderation_blocked' }[String(fault)]
  if (!code) return false
  send('error', { error: { type: 'image_generation_error', code, message: 'It failed.', param: null } })
  response.end()
  return true
}

function reset(response: ServerResponse): void {
  if (response.socket instanceof Socket) response.socket.resetAndDestroy()
}

async function sendEndlessly(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' })
  // It ends when the caller has had enough, which is what the caller is tested for.
  await pipeline(Readable.from(endlessJson()), response).catch(() => undefined)
}

function* endlessJson() {
  yield '{"data":[{"b64_json":"'
  for (;;) yield 'A'.repeat(256 * 1024)
}

async function sendPicture(path: string, response: ServerResponse): Promise<void> {
  const [, width, height, number] = /(\d+)x(\d+)\/(\d+)/.exec(path) ?? []
  response.writeHead(200, { 'content-type': 'image/png' })
  response.end(await paint({ width: Number(width), height: Number(height) }, Number(number), 1))
}

async function resultPicture(fault: StandInFault | undefined, request: StandInRequest, number: number) {
  if (fault === 'junk_image') return Buffer.from('this is not a picture at all')
  if (fault === 'svg_image')
    return Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  if (fault === 'huge_image') return flatPng(9000, 9000)
  const whole = await picture(request, number, 1)
  return fault === 'truncated_image' ? whole.subarray(0, whole.length / 2) : whole
}

function picture(request: StandInRequest, number: number, progress: number): Promise<Buffer> {
  return paint(sizeOf(request), number, progress)
}

function sizeOf(request: StandInRequest): { width: number; height: number } {
  const [, width = 1024, height = 1024] = /^(\d+)x(\d+)$/.exec(String(request.fields.size)) ?? []
  return { width: Number(width), height: Number(height) }
}

/** A sun over a plain, so that a screenshot shows something; the hue follows the number. */
function paint({ width, height }: { width: number; height: number }, number: number, progress: number) {
  const hue = (number * 67) % 360
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="hsl(${hue},60%,${90 - 40 * progress}%)"/>
    <circle cx="${width / 2}" cy="${height / 2}" r="${(height / 4) * progress}" fill="hsl(${hue + 40},80%,60%)"/>
    <rect y="${height * 0.7}" width="100%" height="${height * 0.3}" fill="hsl(${hue + 180},40%,35%)"/></svg>`
  return sharp(Buffer.from(svg)).png({ compressionLevel: 1 }).toBuffer()
}

/** A one-bit PNG of any size in a few kilobytes. */
function flatPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(content.length, 0)
  named.copy(framed, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}
