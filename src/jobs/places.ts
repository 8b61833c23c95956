import type { ClaimedJob } from '#src/db/jobs.ts'
import { type JobName, jobCatalogue, jobNames, type Lane, lanes } from './catalogue.ts'
import type { JobHandlers } from './run-job.ts'

/** Of a name whose jobs are run together so many are one unit, and so many units may run at once. */
const unitSize = 50
const unitsAtOnce = 3

/** What a worker may take, lane by lane. */
export type Places = {
  /** How many jobs of each lane there is room for. */
  room(): Map<string, number>
  /** Divides what was claimed into what is run as one. */
  fill(claimed: readonly ClaimedJob[], room: ReadonlyMap<string, number>): ClaimedJob[][]
  leave(lane: string): void
  hasRoom(lane: string): boolean
  /** Whether as much was claimed of a lane as there was room for: more may wait. */
  wasFilled(lane: string): boolean
  isHalfFree(lane: string): boolean
}

/**
 * What comes while a unit runs gathers for the next: the more there is to do, the less each costs. Only beside one that
 * has taken `longMs` another starts.
 */
export function createPlaces(
  handlers: JobHandlers,
  { concurrency, longMs }: { concurrency: Record<Lane, number>; longMs: number },
): Places {
  const togetherLanes = lanesRunTogether(handlers)
  const capacity = new Map<string, number>(
    lanes.map((lane) => [lane, togetherLanes.has(lane) ? unitsAtOnce : concurrency[lane]]),
  )
  const taken = new Map<string, number>()
  const lastTakenAt = new Map<string, number>()
  let filled = new Set<string>(lanes)
  const freeOf = (lane: string) => (capacity.get(lane) ?? 0) - (taken.get(lane) ?? 0)

  function hasRoom(lane: string): boolean {
    const isGathering =
      togetherLanes.has(lane) &&
      (taken.get(lane) ?? 0) > 0 &&
      performance.now() - (lastTakenAt.get(lane) ?? 0) < longMs
    return freeOf(lane) > 0 && !isGathering
  }

  function take(lane: string): void {
    taken.set(lane, (taken.get(lane) ?? 0) + 1)
    lastTakenAt.set(lane, performance.now())
  }

  function toUnits(jobs: readonly ClaimedJob[]): ClaimedJob[][] {
    // One that failed before, or whose worker died, goes by itself: it takes no others with it again.
    const isTogether = (job: ClaimedJob) => job.attempt === 1 && togetherLanes.has(job.lane)
    const together = Map.groupBy(jobs.filter(isTogether), ({ name }) => name)
    return [...together.values(), ...jobs.filter((job) => !isTogether(job)).map((job) => [job])]
  }

  return {
    room: () => {
      const free = lanes.filter(hasRoom)
      return new Map(free.map((lane) => [lane, togetherLanes.has(lane) ? unitSize : freeOf(lane)]))
    },
    fill: (claimed, room) => {
      const counts = Map.groupBy(claimed, ({ lane }) => lane)
      filled = new Set(lanes.filter((lane) => (counts.get(lane)?.length ?? 0) >= (room.get(lane) ?? 0)))
      const units = toUnits(claimed)
      for (const [job] of units) if (job) take(job.lane)
      return units
    },
    hasRoom,
    leave: (lane) => taken.set(lane, (taken.get(lane) ?? 1) - 1),
    wasFilled: (lane) => filled.has(lane),
    isHalfFree: (lane) => freeOf(lane) * 2 >= (capacity.get(lane) ?? 0),
  }
}

/** @throws Error for a name that is run together and shares its lane: a claim would mix it with what runs alone */
function lanesRunTogether(handlers: JobHandlers): Set<string> {
  const handled = jobNames.filter((name) => handlers[name])
  const lanesOf = (name: JobName) => [jobCatalogue[name].lane, jobCatalogue[name].retryLane]
  const together = handled.filter((name) => typeof handlers[name] === 'object')
  for (const name of together) {
    const sharing = handled.find(
      (other) => other !== name && lanesOf(other).some((lane) => lanesOf(name).includes(lane)),
    )
    if (sharing) throw new Error(`${name} is run together, but shares a lane with ${sharing}`)
  }
  return new Set(together.flatMap(lanesOf))
}
