import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#src/base/clock.ts'
import { claimedKeys } from '../signatures/coverage.ts'

/** Tokens that a bucket holds at most, and gets back in a second. */
type Allowance = { burst: number; perSecond: number }

// A large server sends a small one a few activities a second, and hundreds at once after the small one was away.
const perServer: Allowance = { burst: 300, perSecond: 20 }
// An address may be that of several servers, or of one that makes up names of servers.
const perAddress: Allowance = { burst: 900, perSecond: 60 }
const maxBuckets = 20_000

export type InboxLimits = {
  /**
   * Counts an arrival, before anything of it is read or verified. Answers after how many seconds to come back, or
   * undefined for what may go on.
   * @param address of the sender, as `clientAddress` has it; undefined where none is known
   */
  take(request: Request, address: string | undefined): number | undefined
}

/**
 * Keeps one server's activities from taking the place of everyone else's: a bucket for each address, and one for each
 * server that a signature names from there. Since the signature is not verified yet, the name alone would let anyone
 * use up another's. In the memory of each process, bounded.
 */
export function createInboxLimits(clock: Clock): InboxLimits {
  const takeOfAddress = createBuckets(perAddress)
  const takeOfServer = createBuckets(perServer)
  return {
    take: (request, address) => {
      const now = clock.now().getTime()
      const waits = [
        ...(address !== undefined && isOnInternet(address) ? [takeOfAddress(address, now)] : []),
        ...serversOf(request).map((server) => takeOfServer(`${address ?? ''} ${server}`, now)),
      ].filter((wait) => wait !== undefined)
      return waits.length > 0 ? Math.max(...waits) : undefined
    },
  }
}

/** What comes from a proxy that we were not told of, or from this machine, may come from anyone. */
function isOnInternet(address: string): boolean {
  const bare = address.replace(/\/64$/, '')
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'unicast'
}

function serversOf(request: Request): string[] {
  return [...new Set(claimedKeys(request.headers).flatMap((keyId) => URL.parse(keyId)?.host ?? []))]
}

/** Answers the seconds until a bucket that is empty is half full again: soon enough, and not all at once. */
function createBuckets({ burst, perSecond }: Allowance): (key: string, nowMs: number) => number | undefined {
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: maxBuckets })
  return (key, nowMs) => {
    const known = buckets.get(key) ?? { tokens: burst, at: nowMs }
    const gained = (Math.max(0, nowMs - known.at) / 1000) * perSecond
    const tokens = Math.min(burst, known.tokens + gained)
    const isEmpty = tokens < 1
    buckets.set(key, { tokens: isEmpty ? tokens : tokens - 1, at: nowMs })
    return isEmpty ? Math.ceil((burst / 2 - tokens) / perSecond) : undefined
  }
}
