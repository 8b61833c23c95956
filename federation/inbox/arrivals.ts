import type { App } from '#src/app.ts'
import { type Arrival, type Fate, insertArrivals, keyOfRequest } from '#src/db/inbox-arrivals.ts'
import { jobCatalogue } from '#src/jobs/catalogue.ts'

/** Keeps what came in: its job exists, and repetitions are known, from the moment it answers 'kept'. */
export type Arrivals = { keep(arrival: Arrival): Promise<Fate> }

/** As long as a signature can be of its time, and an hour. */
export const rememberedForMs = 13 * 60 * 60_000
const mostTogether = 100

type Waiting = { arrival: Arrival; resolve(fate: Fate): void; reject(error: unknown): void }

/**
 * What arrives while something is being written waits, and goes together in the next statement and commit. Nobody
 * waits for others who may come: alone, an arrival is written at once.
 */
export function createArrivals({ db, clock }: Pick<App, 'db' | 'clock'>): Arrivals {
  const name = 'fedifyInbox'
  const job = { name, lane: jobCatalogue[name].lane }
  const underWay = new Map<string, Promise<Fate>>()
  let waiting: Waiting[] = []
  let isWriting = false

  const write = (arrivals: Arrival[]): Promise<Fate[]> => {
    const now = clock.now()
    return insertArrivals(db, { arrivals, job, now, until: new Date(now.getTime() + rememberedForMs) })
  }

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const together = waiting.slice(0, mostTogether)
      waiting = waiting.slice(mostTogether)
      await settle(together, write)
    }
    isWriting = false
  }

  function put(arrival: Arrival): Promise<Fate> {
    const fate = new Promise<Fate>((resolve, reject) => waiting.push({ arrival, resolve, reject }))
    if (!isWriting) void writeAll()
    return fate
  }

  return {
    keep: async (arrival) => {
      const key = keyOfRequest(arrival.request).join(' ')
      // One of them at a time: two rows with one key would be a fault of the statement.
      for (let same = underWay.get(key); same; same = underWay.get(key)) {
        const fate = await same.catch(() => undefined)
        if (fate === 'kept' || fate === 'repeated') return 'repeated'
      }
      const fate = put(arrival).finally(() => underWay.delete(key))
      underWay.set(key, fate)
      return fate
    },
  }
}

/** Where the shared statement fails, each is written by itself: none has to suffer for the fault of another. */
async function settle(
  together: readonly Waiting[],
  write: (arrivals: Arrival[]) => Promise<Fate[]>,
): Promise<void> {
  try {
    const fates = await write(together.map(({ arrival }) => arrival))
    for (const [index, { resolve }] of together.entries()) resolve(fates[index] ?? 'repeated')
  } catch (error) {
    const [first, ...others] = together
    if (others.length === 0) first?.reject(error)
    else for (const one of together) await settle([one], write)
  }
}
