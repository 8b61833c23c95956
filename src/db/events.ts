import { type Kysely, sql } from 'kysely'
import { type Listening, listenTo } from './notify.ts'
import { readStreamEvent, type StreamEvent, streamChannel } from './stream-events.ts'
import type { Database } from './tables.ts'

const channel = 'events'

/** Tells those who wait, in this process or another, that something about a topic changed. */
export type EventHub = {
  /**
   * Calls back after each change of the topic, and when one may have been missed; answers how to stop. What changed
   * is to be read from the tables.
   */
  subscribe(topic: string, onChange: () => void): () => void
  /** Passes on what streams are told of, and says when something may have been missed; answers how to stop. */
  hearStreams(ear: StreamEar): () => void
  /** Resolves when all that is told from then on will be heard; also after a while in which nothing can be. */
  untilListening(): Promise<void>
  /** Aborted when nothing will be heard any more. */
  closed: AbortSignal
  close(): Promise<void>
}

export type StreamEar = { onEvent(event: StreamEvent): void; onMissed(): void }

const longestWaitMs = 5_000

/** One listening connection for all who wait in this process, opened for the first of them. */
export function createEventHub(url: string, onLost: (error: unknown) => void = () => undefined): EventHub {
  const topics = new Map<string, Set<() => void>>()
  const ears = new Set<StreamEar>()
  const waiting = new Set<() => void>()
  const closing = new AbortController()
  let listening: Listening | undefined
  const listen = () => {
    if (closing.signal.aborted) return
    listening ??= listenTo(url, {
      channels: {
        [channel]: (topic) => call(topics.get(topic) ?? []),
        [streamChannel]: (payload) => {
          const event = readStreamEvent(payload)
          if (event) for (const ear of ears) ear.onEvent(event)
        },
      },
      onConnected: () => {
        call(waiting)
        for (const listeners of topics.values()) call(listeners)
        for (const ear of ears) ear.onMissed()
      },
      onLost,
    })
  }
  return {
    closed: closing.signal,
    subscribe: (topic, onChange) => {
      listen()
      const listeners = topics.get(topic) ?? new Set()
      topics.set(topic, listeners.add(onChange))
      return () => {
        listeners.delete(onChange)
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic)
      }
    },
    hearStreams: (ear) => {
      listen()
      ears.add(ear)
      return () => ears.delete(ear)
    },
    untilListening: async () => {
      listen()
      if (closing.signal.aborted || listening?.isListening()) return
      await untilCalled(waiting)
    },
    close: async () => {
      closing.abort()
      call(waiting)
      await listening?.close()
    },
  }
}

function untilCalled(waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      waiting.delete(done)
      resolve()
    }
    const timer = setTimeout(done, longestWaitMs)
    waiting.add(done)
  })
}

/** Heard when the transaction commits, at once outside of one. @param topic at most some hundred bytes */
export async function publishEvent(db: Kysely<Database>, topic: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${topic})`.execute(db)
}

function call(listeners: Iterable<() => void>): void {
  for (const listener of [...listeners]) listener()
}
