import { APIConnectionTimeoutError, APIError } from 'openai'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import type { Refusal, RefusalCode } from './provider.ts'
import { ProviderFault, refuse } from './provider-fault.ts'

const maxDetailCharacters = 500

export type Failure = {
  refusal: Refusal
  /** 429 and 5xx: nothing was painted, so asking again costs nothing. */
  isRetryable: boolean
  retryAfterMs?: number
}

/** What a failed request means. `secret` is cut out of what the provider said. */
export function failureOf(error: unknown, secret: string): Failure {
  if (error instanceof ProviderFault) {
    const { code, message, detail } = error
    return {
      refusal: { code, message, ...(detail ? { detail: shorten(detail, secret) } : {}) },
      isRetryable: false,
    }
  }
  const code = codeOf(error)
  const refusal: Refusal = { ...refuse(code), detail: shorten(String(error), secret) }
  if (!(error instanceof APIError)) return { refusal, isRetryable: false }
  if (error.requestID) refusal.requestId = error.requestID
  const status: unknown = error.status
  const isServerFault = code === 'unavailable' && typeof status === 'number' && status >= 500
  const isRetryable = isServerFault || (code === 'rate_limited' && status === 429)
  const retryAfterMs = retryAfter(error.headers)
  return { refusal, isRetryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

function codeOf(error: unknown): RefusalCode {
  if (error instanceof APIConnectionTimeoutError || isTimeout(error)) return 'timeout'
  if (!(error instanceof APIError)) return 'unavailable'
  const said = `${error.code ?? ''} ${error.type ?? ''}`
  if (/moderation|content_policy|content_filter|safety/.test(said)) return 'content_policy'
  if (/insufficient_quota|billing/.test(said)) return 'quota'
  if (/rate_limit/.test(said)) return 'rate_limited'
  return codeOfStatus(error.status)
}

function codeOfStatus(status: unknown): RefusalCode {
  switch (status) {
    case 401:
    case 403:
      return 'auth'
    case 402:
      return 'quota'
    case 408:
      return 'timeout'
    case 429:
      return 'rate_limited'
    case 400:
    case 413:
    case 422:
      return 'bad_request'
    default:
      return 'unavailable'
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof FetchFailed && error.reason === 'timeout'
}

function retryAfter(headers: Headers | undefined): number | undefined {
  const value = headers?.get('retry-after')
  if (!value) return undefined
  const seconds = Number(value)
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined
}

function shorten(text: string, secret: string): string {
  // The provider may repeat parts of the key in its complaint about it.
  const withoutKey = (secret.length > 7 ? text.replaceAll(secret, '…') : text).replace(
    /\bsk-[\w*-]+/g,
    'sk-…',
  )
  return withoutKey.slice(0, maxDetailCharacters)
}
