import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { lockGeneration, updateGeneration } from '#src/db/generations.ts'
import { deleteUnpostedMedia } from '#src/db/media.ts'
import type { Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import { cancelGeneration, isOver } from './end.ts'
import { type GenerationView, loadRequestedGeneration } from './view.ts'

/**
 * Cancels what waits or runs; what is over is discarded: out of the history, and with it the pictures that were not
 * posted. Answers how it is afterwards. @throws AppError notFound, for somebody else's and for a discarded one too
 */
export async function cancelOrDiscard(app: App, accountId: Id, id: Id): Promise<GenerationView> {
  await app.db.transaction().execute(async (trx) => {
    const generation = await lockGeneration(trx, id)
    if (generation?.account_id !== accountId || generation.discarded_at) throw notFound()
    const now = app.clock.now()
    // Whoever paints it hears of the event, and stops.
    if (!isOver(generation)) return cancelGeneration(trx, generation, now)
    await updateGeneration(trx, id, { discarded_at: now })
    const keys = await deleteUnpostedMedia(trx, { generationId: id })
    if (keys.length > 0) await enqueue(trx, 'deleteFiles', { keys })
  })
  return loadRequestedGeneration(app, id)
}
