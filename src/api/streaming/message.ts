/** Something that happened, as streams tell of it, with what it was made into for those who got it already. */
export type Message = {
  event: StreamEventName
  /** JSON, or an id; undefined where the event says it all. */
  payload: string | undefined
  frames: Map<string, Buffer>
}

/** https://docs.joinmastodon.org/methods/streaming/#events */
type StreamEventName =
  | 'update'
  | 'delete'
  | 'status.update'
  | 'notification'
  | 'conversation'
  | 'filters_changed'
  | 'announcement'
  | 'announcement.delete'

export function createMessage(event: StreamEventName, payload?: string): Message {
  return { event, payload, frames: new Map() }
}

/** For a WebSocket. @param stream the name of the subscription it is sent for, as JSON */
export function socketFrame(message: Message, stream: string): Buffer {
  const { event, payload } = message
  return once(message, stream, () => {
    const told = payload === undefined ? '' : `,"payload":${JSON.stringify(payload)}`
    return `{"stream":${stream},"event":"${event}"${told}}`
  })
}

/** For an EventSource. A client ignores an event that has no data. */
export function eventSourceFrame(message: Message): Buffer {
  const { event, payload = 'undefined' } = message
  return once(message, 'event source', () => `event: ${event}\ndata: ${payload}\n\n`)
}

function once({ frames }: Message, key: string, make: () => string): Buffer {
  const known = frames.get(key)
  if (known) return known
  const made = Buffer.from(make())
  frames.set(key, made)
  return made
}
