import { runInNewContext } from 'node:vm'

const patienceMs = 50_000

/**
 * Runs what must end, and breaks it off where a test's own timeout cannot: in the midst of a loop. Amounts are chosen
 * so that what grows with their square takes minutes, and what grows with them a moment.
 */
export function mustEnd(work: () => void): void {
  runInNewContext('work()', { work }, { timeout: patienceMs })
}
