import type { Context } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import type { App } from '#src/app.ts'
import { createLog } from '#src/base/log.ts'
import type { GenerationEvent } from '#src/db/generations.ts'
import type { Id } from '#src/db/tables.ts'
import { loadRequestedGeneration } from '#src/studio/view.ts'
import { watchGeneration } from '#src/studio/watch.ts'
import { toGeneration } from './entities/generation.ts'

const log = createLog('api')

// Proxies cut what is silent for a minute.
const heartbeatMs = 15_000

/**
 * A generation's events as Server-Sent Events (https://html.spec.whatwg.org/#server-sent-events): all of them, or
 * those after Last-Event-ID. Who knows the last one already gets 204, which ends an EventSource's asking.
 */
export async function generationEvents(app: App, c: Context, accountId: Id, id: Id): Promise<Response> {
  const gone = new AbortController()
  const after = sequenceOf(c.req.header('last-event-id'))
  const events = await watchGeneration(app, { accountId, id, after, signal: gone.signal })
  if (!events) return c.body(null, 204)
  c.header('cache-control', 'no-store')
  c.header('x-accel-buffering', 'no')
  // Nobody would read the stream, nor end it.
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' })
  const send = async (stream: SSEStreamingApi) => {
    stream.onAbort(() => gone.abort())
    const heartbeat = setInterval(() => void stream.write(': still here\n\n'), heartbeatMs)
    try {
      for await (const event of events) {
        const data = JSON.stringify(await dataOf(app, event))
        await stream.writeSSE({ event: event.kind, id: String(event.sequence), data })
      }
    } finally {
      clearInterval(heartbeat)
    }
  }
  // The client asks again from the last event it heard.
  return streamSSE(c, send, async (error) =>
    log.error('Events of generation {id} broke off: {error}', { id, error }),
  )
}

async function dataOf(app: App, event: GenerationEvent) {
  const { generation_id: id, kind, data } = event
  if (kind === 'partial') {
    return { index: data.index ?? 0, url: data.key === undefined ? null : app.storage.urlOf(data.key) }
  }
  if (kind === 'queued' || kind === 'running') return { id, status: kind }
  return toGeneration(app, await loadRequestedGeneration(app, id))
}

function sequenceOf(lastEventId: string | undefined): number {
  return /^\d{1,9}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0
}
