import { AppError, isAppError } from './errors.ts'

export type RefusalReason =
  | 'url'
  | 'scheme'
  | 'credentials'
  | 'port'
  | 'address'
  | 'size'
  | 'redirects'
  | 'encoding'
  | 'document'

/** Permanent: asking again would be refused again. The message names no address and no content. */
export class FetchRefused extends AppError {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, cause?: unknown) {
    super('invalid', 'This address cannot be fetched', { code: `fetch_refused_${reason}`, cause })
    this.name = 'FetchRefused'
    this.reason = reason
  }
}

/** Temporary: the other side did not answer, or not in time. Worth another try later. */
export class FetchFailed extends AppError {
  readonly reason: 'timeout' | 'network'

  constructor(reason: 'timeout' | 'network', cause?: unknown) {
    super('unavailable', 'The other server does not answer', { code: `fetch_failed_${reason}`, cause })
    this.name = 'FetchFailed'
    this.reason = reason
  }
}

const timeoutCodes = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])

/** Sorts what undici, the resolver, TLS and zlib throw; an error in our own call stays what it is. */
export function asFetchError(error: unknown): unknown {
  if (isAppError(error)) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'UND_ERR_INVALID_ARG') return error
  return new FetchFailed(timeoutCodes.has(code) ? 'timeout' : 'network', error)
}
