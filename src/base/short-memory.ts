import { LRUCache } from 'lru-cache'
import type { Clock } from './clock.ts'

/**
 * What was read a moment ago and is asked for again: answered from memory for at most a second, and only until this
 * process changes something that is shown. However many ask at once, it is read once. So what changed here is told at
 * once, what another process changed within a second, and what costs a read costs one a second at most.
 */
export type ShortMemory<T> = {
  /** @param read is not told who asks: under one key everybody gets the same */
  get(key: string, read: () => Promise<T>): Promise<T>
}

const rememberedForMs = 1_000

type Ground = { clock: Clock; changes: { count: number }; config: { fastPath: { documents: boolean } } }

type Bounds<T> = {
  most: number
  /** In whatever unit `most` is; one for each where nothing else is told. */
  sizeOf?: (value: T) => number
}

type Remembered<T> = { value: Promise<T>; until: number; changes: number }

export function createShortMemory<T>(ground: Ground, { most, sizeOf = () => 1 }: Bounds<T>): ShortMemory<T> {
  if (!ground.config.fastPath.documents) return { get: (_key, read) => read() }
  const { clock, changes } = ground
  const kept = new LRUCache<string, Remembered<T>>({ maxSize: most })
  return {
    get: (key, read) => {
      const now = clock.now().getTime()
      const known = kept.get(key)
      if (known && now < known.until && known.changes === changes.count) return known.value
      // Noted before it is read: what changes meanwhile makes it wrong.
      const since = { until: now + rememberedForMs, changes: changes.count }
      const remembered = { ...since, value: read() }
      const isLatest = () => kept.peek(key) === remembered
      kept.set(key, remembered, { size: 1 })
      remembered.value.then(
        // Another object, for only with that its size is another one.
        (value) => isLatest() && kept.set(key, { ...remembered }, { size: Math.max(1, sizeOf(value)) }),
        () => isLatest() && kept.delete(key),
      )
      return remembered.value
    },
  }
}
