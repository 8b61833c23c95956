import type { SafeFetch } from '#src/base/fetch.ts'
import { FetchFailed } from '#src/base/fetch-errors.ts'
import { createCappedFetch } from './capped-fetch.ts'
import { ProviderFault } from './provider-fault.ts'

export const maxPictureBytes = 48 * 1024 * 1024

/**
 * Reads a picture from an address the provider named. Must refuse private addresses (but for `allowOrigin`, the
 * provider's own), more than `maxBytes`, and anything later than `deadlineMs` from now.
 */
export type FetchBytes = (
  url: string,
  options: { maxBytes: number; deadlineMs: number; allowOrigin: string },
) => Promise<Uint8Array>

/**
 * Fetches pictures that a provider names by address. The provider's own origin may be private, since the operator
 * chose it; everywhere else the rules for strangers' addresses hold.
 */
export function createFetchBytes(safeFetch: SafeFetch): FetchBytes {
  const fetchOwn = createCappedFetch(maxPictureBytes)
  return async (url, { maxBytes, deadlineMs, allowOrigin }) => {
    if (new URL(url).origin !== allowOrigin) {
      const { status, body } = await safeFetch(url, { maxBytes, deadlineMs, accept: 'image/*' })
      return found(status, body)
    }
    const signal = AbortSignal.timeout(deadlineMs)
    try {
      const response = await fetchOwn(url, { signal })
      return found(response.status, new Uint8Array(await response.arrayBuffer()))
    } catch (error) {
      throw signal.aborted ? new FetchFailed('timeout', error) : error
    }
  }
}

function found(status: number, body: Uint8Array): Uint8Array {
  if (status >= 200 && status < 300) return body
  throw new ProviderFault('unavailable', 'The provider’s picture cannot be fetched.', `Status ${status}`)
}
