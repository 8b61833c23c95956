import type { Remote } from './remote.ts'

export type FetchBudget = { maxFetches: number; deadlineMs: number }

/**
 * The same other servers, asked no more than so often and for so long: from then on everything is refused. What leads
 * from one document to the next may be endless, and each of its servers patient.
 */
export function withBudget(remote: Remote, { maxFetches, deadlineMs }: FetchBudget): Remote {
  const until = performance.now() + deadlineMs
  let left = maxFetches
  const mayFetch = (): boolean => {
    left -= 1
    return left >= 0 && performance.now() < until
  }
  return {
    ...remote,
    fetch: async (uri, options) => (mayFetch() ? remote.fetch(uri, options) : { outcome: 'refused' }),
    fetchRaw: async (uri, options) => (mayFetch() ? remote.fetchRaw(uri, options) : undefined),
  }
}
