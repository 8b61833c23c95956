import { isAvailable } from '#src/ai/select.ts'
import type { App } from '#src/app.ts'
import { listLostGenerations, lockGeneration } from '#src/db/generations.ts'
import type { SingleHandlers } from '#src/jobs/run-job.ts'
import { failGeneration, isOver } from './end.ts'
import { paintGeneration } from './paint.ts'

const lostAtOnce = 500

// Imitators mostly run on one graphics card and take requests in turn; sketches need our own processors.
const concurrencyByProvider = { openai: 4, compat: 2, sketch: 2 } as const

/** How many generations the provider is asked for at once, by each worker. */
export function paintConcurrency({ images }: Pick<App, 'images'>): number {
  return isAvailable(images) ? concurrencyByProvider[images.name] : 1
}

/** The jobs of the studio, by their names in the catalogue. */
export function studioHandlers(app: App): SingleHandlers {
  return {
    paint: (payload, job) => paintGeneration(app, payload, job),
    failLostGenerations: () => failLostGenerations(app),
  }
}

/** Whoever waits for a generation whose job was dropped or buried is told, and gets the money back. */
async function failLostGenerations(app: App): Promise<void> {
  for (const id of await listLostGenerations(app.db, lostAtOnce)) {
    await app.db.transaction().execute(async (trx) => {
      const generation = await lockGeneration(trx, id)
      if (!generation || isOver(generation)) return
      const message = 'The painting was lost. Try again.'
      await failGeneration(trx, generation, { code: 'unavailable', message, now: app.clock.now() })
    })
  }
}
