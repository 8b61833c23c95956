import { setTimeout as delay } from 'node:timers/promises'
import type { Failure } from './refusals.ts'

export type RetryPolicy = {
  /** The wait before each further try: its length is how many there are. */
  backoffMs: readonly number[]
  /** Counted from the first failure of a painting: no try begins that would likely fail after it. */
  budgetMs: number
  /** The system's unless told. */
  time?: RetryTime
}

/** What retries know of time. */
export type RetryTime = {
  nowMs(): number
  /** Ends early, without an error, when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

const systemTime: RetryTime = {
  nowMs: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
}

export const defaultRetryPolicy: RetryPolicy = { backoffMs: [1000, 2500], budgetMs: 9500 }

/** Shared by all requests of one painting, so that many pictures do not fail one after the other for minutes. */
export type RetryClock = { firstFailureAt?: number }

export type Tried<T> = { done: true; value: T } | { done: false; failure: Failure }

/**
 * Runs `attempt` until it succeeds, fails for good, or the policy is used up. A failing provider is assumed to
 * take as long to fail the next time, which keeps even slow 5xx answers inside the budget.
 */
export async function withRetries<T>(
  attempt: () => Promise<Tried<T>>,
  policy: RetryPolicy,
  clock: RetryClock,
  signal: AbortSignal,
): Promise<Tried<T>> {
  const { time = systemTime } = policy
  for (let tries = 0; ; tries += 1) {
    const startedAt = time.nowMs()
    const tried = await attempt()
    if (tried.done || signal.aborted) return tried
    const now = time.nowMs()
    clock.firstFailureAt ??= now
    const backoffMs = policy.backoffMs[tries]
    if (!tried.failure.isRetryable || backoffMs === undefined) return tried
    const waitMs = tried.failure.retryAfterMs ?? backoffMs
    if (now - clock.firstFailureAt + waitMs + (now - startedAt) > policy.budgetMs) return tried
    await time.wait(waitMs, signal)
    if (signal.aborted) return tried
  }
}
