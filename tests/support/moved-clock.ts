import type { Clock } from '#src/base/clock.ts'

export type MovedClock = Clock & { advance(ms: number): void }

/** A clock that stands still until it is moved. */
export function createMovedClock(start = new Date('2026-11-21T12:00:00Z')): MovedClock {
  let nowMs = start.getTime()
  return {
    now: () => new Date(nowMs),
    advance: (ms) => {
      nowMs += ms
    },
  }
}
