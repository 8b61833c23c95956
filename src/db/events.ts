import { type Kysely, sql } from 'kysely'
import { type Listening, listenTo } from './notify.ts'
import type { Database } from './tables.ts'

const channel = 'events'

/** Tells those who wait, in this process or another, that something about a topic changed. */
export type EventHub = {
  /**
   * Calls back after each change of the topic, and when one may have been missed; answers how to stop. What changed
   * is to be read from the tables.
   */
  subscribe(topic: string, onChange: () => void): () => void
  /** Aborted when nothing will be heard any more. */
  closed: AbortSignal
  close(): Promise<void>
}

/** One listening connection for all who wait in this process, opened for the first of them. */
export function createEventHub(url: string, onLost: (error: unknown) => void = () => undefined): EventHub {
  const topics = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  let listening: Listening | undefined
  const listen = () =>
    listenTo(url, {
      channels: { [channel]: (topic) => call(topics.get(topic) ?? []) },
      onConnected: () => {
        for (const listeners of topics.values()) call(listeners)
      },
      onLost,
    })
  return {
    closed: closing.signal,
    subscribe: (topic, onChange) => {
      if (!closing.signal.aborted) listening ??= listen()
      const listeners = topics.get(topic) ?? new Set()
      topics.set(topic, listeners.add(onChange))
      return () => {
        listeners.delete(onChange)
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic)
      }
    },
    close: async () => {
      closing.abort()
      await listening?.close()
    },
  }
}

/** Heard when the transaction commits, at once outside of one. @param topic at most some hundred bytes */
export async function publishEvent(db: Kysely<Database>, topic: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${topic})`.execute(db)
}

function call(listeners: Iterable<() => void>): void {
  for (const listener of [...listeners]) listener()
}
