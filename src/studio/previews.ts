import type { PartialPicture } from '#src/ai/provider.ts'
import type { App } from '#src/app.ts'
import { createLog } from '#src/base/log.ts'
import { appendEvent } from '#src/db/generations.ts'
import type { Id } from '#src/db/tables.ts'
import { enqueue } from '#src/jobs/queue.ts'
import type { DigitalSourceType } from '#src/media/provenance.ts'
import { newMediaKey } from '#src/media/storage.ts'

const log = createLog('studio')

const previewLifetimeMs = 2 * 3_600_000

export type Previews = {
  /** Takes a preview in hand and returns at once. */
  show(partial: PartialPicture): void
  /** When all that were taken in hand are announced. */
  settled(): Promise<void>
}

/**
 * Announces what a provider shows while it paints, one after the other. One that still waits when the next of the
 * same picture comes is left out, so that a hasty provider is not held up.
 */
export function createPreviews(app: App, id: Id, digitalSourceType: DigitalSourceType): Previews {
  const waiting = new Map<number, PartialPicture>()
  let working: Promise<void> | undefined
  const work = async () => {
    for (const [index, partial] of waiting) {
      waiting.delete(index)
      await announce(app, id, partial, digitalSourceType)
    }
    working = undefined
  }
  return {
    show: (partial) => {
      waiting.set(partial.index, partial)
      working ??= work()
    },
    settled: async () => working,
  }
}

async function announce(
  app: App,
  id: Id,
  partial: PartialPicture,
  digitalSourceType: DigitalSourceType,
): Promise<void> {
  try {
    const picture = await app.pictures.processPicture(partial.bytes, { source: 'preview', digitalSourceType })
    if (picture.outcome === 'refused') return
    const key = newMediaKey(picture.small.extension)
    // Its end is ordered before it is there, so that no crash leaves it for ever.
    const runAt = new Date(app.clock.now().getTime() + previewLifetimeMs)
    await app.db.transaction().execute((trx) => enqueue(trx, 'deleteFiles', { keys: [key] }, { runAt }))
    await app.storage.put(key, picture.small.bytes)
    await appendEvent(app.db, { id, kind: 'partial', data: { index: partial.index, key } })
  } catch (error) {
    // The picture itself is worth more than a look at it before it is done.
    log.warn('A preview of generation {id} was left out: {error}', { id, error })
  }
}
