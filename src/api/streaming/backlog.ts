import type { StreamEvent } from '#src/db/stream-events.ts'

/** So many ids are told of at once: what few statements can ask about. */
const mostTogether = 100
/** Beyond it the oldest are left out: who listens reads the timelines again when they come back to it. */
const mostWaiting = 10_000

/**
 * Takes events in while others are told of, and hands out what is of one kind and came one after the other together.
 * @param onDropped hears how many ids were left out
 */
export function createBacklog(
  tell: (event: StreamEvent) => Promise<void>,
  onDropped: (count: number) => void,
): (event: StreamEvent) => void {
  const waiting: StreamEvent[] = []
  let count = 0
  let isTelling = false

  const take = (): StreamEvent | undefined => {
    const first = waiting[0]
    if (!first) return undefined
    const ids = first.ids.splice(0, mostTogether)
    count -= ids.length
    if (first.ids.length === 0) waiting.shift()
    return { kind: first.kind, ids }
  }
  const tellAll = async (): Promise<void> => {
    isTelling = true
    for (let event = take(); event; event = take()) await tell(event)
    isTelling = false
  }
  return ({ kind, ids }) => {
    const last = waiting.at(-1)
    if (last?.kind === kind) last.ids.push(...ids)
    else waiting.push({ kind, ids: [...ids] })
    count += ids.length
    for (let dropped = 0; count > mostWaiting; onDropped(dropped)) dropped = take()?.ids.length ?? 0
    if (!isTelling) void tellAll()
  }
}
