import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { type AddressRules, refusalOfUrl } from './addresses.ts'
import { guardedConnector, type Resolve } from './connect.ts'
import { asFetchError, FetchFailed, FetchRefused } from './fetch-errors.ts'
import { readBody } from './response-body.ts'

const defaultMaxBytes = 1024 * 1024
const defaultDeadlineMs = 15_000
const connectTimeoutMs = 8_000
const maxRedirects = 5
const credentialHeaders = new Set(['authorization', 'cookie', 'signature', 'signature-input'])
const redirectStatuses = new Set([301, 302, 303, 307, 308])

export type SafeFetchOptions = {
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Cap on the decoded body; 1 MiB unless told. */
  maxBytes?: number
  /** The beginning of a body over the cap is enough; such a body is refused unless told. */
  isBeginningEnough?: boolean
  /** For everything, redirects and body included; 15 s unless told. */
  deadlineMs?: number
  accept?: string
  /** `follow` (up to five), `manual` (the 3xx is the answer), or a number of hops. Only GET and HEAD follow. */
  redirects?: 'follow' | 'manual' | number
  signal?: AbortSignal
}

export type SafeFetchResponse = {
  /** Whatever the server said, 4xx and 5xx included. */
  status: number
  /** Where the answer came from, after redirects. */
  url: string
  headers: Headers
  /** Decompressed. */
  body: Uint8Array<ArrayBuffer>
}

/** An answer whose body is still on its way, as it was sent: it must be read to its end or destroyed. */
export type SafeFetchStream = Omit<SafeFetchResponse, 'body'> & { body: Readable }

/**
 * Fetches something a stranger named. Each hop's address is judged by its spelling and again when connecting.
 * @throws FetchRefused for good, FetchFailed for now, or the reason of the caller's own signal
 */
export type SafeFetch = {
  (url: string | URL, options?: SafeFetchOptions): Promise<SafeFetchResponse>
  /**
   * As the function itself, for what is too large to hold: the deadline is for the headers, the caps are the caller's,
   * and a body that stands still for long ends with an error.
   */
  open(url: string | URL, options?: SafeFetchOptions): Promise<SafeFetchStream>
  /** For code that signs and posts by itself: connections through it are guarded in the same way. */
  readonly dispatcher: Agent
  close(): Promise<void>
}

export type SafeFetchSettings = AddressRules & {
  userAgent: string
  /** How names become addresses; the system's way unless told. */
  resolve?: Resolve
}

export function createSafeFetch(settings: SafeFetchSettings): SafeFetch {
  const dispatcher = new Agent({
    connect: guardedConnector(settings, connectTimeoutMs),
    connections: 8,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 32 * 1024,
    headersTimeout: defaultDeadlineMs,
    bodyTimeout: defaultDeadlineMs,
  })

  const failure = (error: unknown, signal: AbortSignal): unknown => {
    if (!signal.aborted) return asFetchError(error)
    const isTimeout = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
    return isTimeout ? new FetchFailed('timeout', error) : signal.reason
  }

  async function safeFetch(url: string | URL, options: SafeFetchOptions = {}): Promise<SafeFetchResponse> {
    const deadline = AbortSignal.timeout(options.deadlineMs ?? defaultDeadlineMs)
    const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
    try {
      return await readWhole(await followRedirects({ url, options, signal, settings, dispatcher }), options)
    } catch (error) {
      throw failure(error, signal)
    }
  }

  async function open(url: string | URL, options: SafeFetchOptions = {}): Promise<SafeFetchStream> {
    const deadline = new AbortController()
    const late = () => deadline.abort(new DOMException('No answer in time', 'TimeoutError'))
    const timer = setTimeout(late, options.deadlineMs ?? defaultDeadlineMs)
    const signal = options.signal ? AbortSignal.any([deadline.signal, options.signal]) : deadline.signal
    try {
      return await followRedirects({ url, options, signal, settings, dispatcher })
    } catch (error) {
      throw failure(error, signal)
    } finally {
      clearTimeout(timer)
    }
  }

  return Object.assign(safeFetch, { open, dispatcher, close: () => dispatcher.destroy() })
}

async function readWhole(answer: SafeFetchStream, options: SafeFetchOptions): Promise<SafeFetchResponse> {
  const body = await readBody(answer.body, answer.headers, {
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    isBeginningEnough: options.isBeginningEnough ?? false,
  })
  // They described the bytes on the wire.
  for (const name of ['content-encoding', 'content-length']) answer.headers.delete(name)
  return { ...answer, body }
}

type Journey = {
  url: string | URL
  options: SafeFetchOptions
  signal: AbortSignal
  settings: SafeFetchSettings
  dispatcher: Agent
}

async function followRedirects(journey: Journey): Promise<SafeFetchStream> {
  const { options, settings } = journey
  const hopsAllowed = hopsFor(options)
  const visited = new Set<string>()
  let url = checkedUrl(journey.url, settings)
  let headers = requestHeaders(options, settings)
  for (;;) {
    const { response, location } = await requestOnce(journey, url, headers, hopsAllowed === 0)
    if (response) return response
    visited.add(url.href)
    const next = checkedUrl(location, settings, url)
    if (visited.size > hopsAllowed || visited.has(next.href)) throw new FetchRefused('redirects')
    if (next.origin !== url.origin) headers = withoutCredentials(headers)
    url = next
  }
}

function hopsFor({ method = 'GET', redirects = 'follow' }: SafeFetchOptions): number {
  if (redirects === 'manual' || (method !== 'GET' && method !== 'HEAD')) return 0
  return redirects === 'follow' ? maxRedirects : redirects
}

function checkedUrl(text: string | URL, rules: AddressRules, base?: URL): URL {
  const url = URL.parse(text, base)
  if (!url) throw new FetchRefused('url')
  const refusal = refusalOfUrl(url, rules)
  if (refusal) throw new FetchRefused(refusal)
  return url
}

function requestHeaders(options: SafeFetchOptions, settings: SafeFetchSettings): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': settings.userAgent,
    'accept-encoding': 'gzip, br',
    accept: options.accept ?? '*/*',
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = value
  // The client writes it from the URL; a given one would be sent on to the next host of a redirect.
  delete headers.host
  return headers
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !credentialHeaders.has(name)))
}

async function requestOnce(journey: Journey, url: URL, headers: Record<string, string>, isLast: boolean) {
  const { options, signal, dispatcher } = journey
  const answer = await request(url, {
    dispatcher,
    method: options.method ?? 'GET',
    headers,
    body: options.body ?? null,
    signal,
  })
  const status = answer.statusCode
  const responseHeaders = webHeaders(answer.headers)
  const location = redirectStatuses.has(status) ? responseHeaders.get('location') : null
  if (location !== null && !isLast) {
    await answer.body.dump()
    return { location }
  }
  return { response: { status, url: url.href, headers: responseHeaders, body: answer.body } }
}

function webHeaders(incoming: IncomingHttpHeaders): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one)
  }
  return headers
}

/**
 * The same guarded fetching in the shape of the WHATWG function, for libraries that take one.
 * Bodies are read whole, within the caps of SafeFetch.
 */
export function createGuardedFetch(
  safeFetch: SafeFetch,
  limits: Pick<SafeFetchOptions, 'maxBytes' | 'deadlineMs'> = {},
): typeof fetch {
  return async (input, init) => {
    const asked = new Request(input, init)
    const answer = await safeFetch(asked.url, {
      ...limits,
      method: asked.method,
      headers: Object.fromEntries(asked.headers),
      ...(asked.body && { body: await asked.bytes() }),
      redirects: asked.redirect === 'follow' ? 'follow' : 'manual',
      signal: asked.signal,
    })
    const isBodyless = [204, 205, 304].includes(answer.status)
    const response = new Response(isBodyless ? null : answer.body, answer)
    // A constructed Response has no url; libraries resolve relative addresses against it.
    return Object.defineProperty(response, 'url', { value: answer.url })
  }
}
