import type { App } from '#src/app.ts'
import {
  type GenerationEvent,
  generationTopic,
  getGeneration,
  getOwnGeneration,
  listEvents,
} from '#src/db/generations.ts'
import type { Id } from '#src/db/tables.ts'
import type { GenerationEventKind } from '#src/db/tables-studio.ts'
import { isOver } from './end.ts'

// Behind the notifications, which are lost while their connection is.
const pollEveryMs = 5_000

const lastKinds: ReadonlySet<GenerationEventKind> = new Set(['completed', 'failed', 'cancelled'])

type Watch = {
  accountId: Id
  id: Id
  /** The sequence of the last event already known; 0 for all. */
  after: number
  signal: AbortSignal
}

/**
 * The events of an own generation, from the first that is not known yet to the last there will be; undefined when
 * all are known. Holds no connection while it waits.
 * @throws AppError notFound, for somebody else's and for a discarded one too
 */
export async function watchGeneration(
  app: Pick<App, 'db' | 'events'>,
  watch: Watch,
): Promise<AsyncGenerator<GenerationEvent, void> | undefined> {
  const generation = await getOwnGeneration(app.db, watch.id, watch.accountId)
  return isOver(generation) && watch.after >= generation.events_count ? undefined : follow(app, watch)
}

async function* follow(
  app: Pick<App, 'db' | 'events'>,
  { id, after, signal }: Watch,
): AsyncGenerator<GenerationEvent, void> {
  const ended = AbortSignal.any([signal, app.events.closed])
  const changes = changesOf(app, id, ended)
  try {
    for (let known = after; !ended.aborted; await changes.next()) {
      for (const event of await listEvents(app.db, id, known)) {
        known = event.sequence
        yield event
        if (lastKinds.has(event.kind)) return
      }
    }
  } finally {
    changes.stop()
  }
}

/** Calls back when a running generation was ended by somebody else. Answers how to stop. */
export function onEnded(app: Pick<App, 'db' | 'events'>, id: Id, callback: () => void): () => void {
  const stopped = new AbortController()
  const changes = changesOf(app, id, stopped.signal)
  const look = async () => {
    for (; !stopped.signal.aborted; await changes.next()) {
      // A database out of reach is no reason to stop painting.
      const generation = await getGeneration(app.db, id).catch(() => undefined)
      if (generation && isOver(generation)) return callback()
    }
  }
  void look()
  return () => {
    stopped.abort()
    changes.stop()
  }
}

/** `next` resolves after a change since its last call, at the latest after a while or when `signal` is aborted. */
function changesOf(app: Pick<App, 'events'>, id: Id, signal: AbortSignal) {
  let hasChanged = false
  let wake: () => void = () => undefined
  const onChange = () => {
    hasChanged = true
    wake()
  }
  const unsubscribe = app.events.subscribe(generationTopic(id), onChange)
  signal.addEventListener('abort', onChange, { once: true })
  return {
    next: async () => {
      if (!hasChanged && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pollEveryMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      hasChanged = false
    },
    stop: () => {
      unsubscribe()
      signal.removeEventListener('abort', onChange)
      wake()
    },
  }
}
