const minute = 60_000
const hour = 60 * minute

const delays = {
  /** Seven days in all: a host that is down over a long week-end still gets its posts. */
  delivery: [minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, ...Array<number>(13).fill(12 * hour)],
  default: [10_000, minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour],
  none: [],
} as const satisfies Record<string, readonly number[]>

export type Backoff = keyof typeof delays

/** A peer may ask for patience, not for oblivion. */
const longestRetryAfterMs = 24 * hour

type Failure = { attempt: number; retryAfterMs?: number | undefined; random?: (() => number) | undefined }

/**
 * Milliseconds until the next try after the `attempt`-th (from 1) failed, up to a tenth longer than the table so that
 * a thousand failures together do not come back together; undefined when it was the last.
 */
export function retryDelayMs(backoff: Backoff, failure: Failure): number | undefined {
  const base = delays[backoff][failure.attempt - 1]
  if (base === undefined) return undefined
  const jittered = base * (1 + (failure.random ?? Math.random)() / 10)
  return Math.max(jittered, Math.min(failure.retryAfterMs ?? 0, longestRetryAfterMs))
}

/** How often a job is tried in all. */
export function maxAttempts(backoff: Backoff): number {
  return delays[backoff].length + 1
}
