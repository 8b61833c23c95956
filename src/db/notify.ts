import pg from 'pg'

export type Listening = { isListening(): boolean; close(): Promise<void> }

type Options = {
  /** What to do with a notification, by channel. */
  channels: Readonly<Record<string, (payload: string) => void>>
  /** Called after each (re)connection: notifications sent while there was none are lost. */
  onConnected?: () => void
  onLost?: (error: unknown) => void
}

const firstDelayMs = 100
const longestDelayMs = 5_000

/**
 * Listens on a connection of its own, since LISTEN belongs to a session and a pool lends sessions out. Reconnects
 * for as long as it is not closed.
 */
export function listenTo(url: string, options: Options): Listening {
  let client: pg.Client | undefined
  let isListening = false
  const closing = new AbortController()

  const keepListening = async (): Promise<void> => {
    let delayMs = firstDelayMs
    while (!closing.signal.aborted) {
      try {
        client = await openClient(url, options.channels)
        isListening = true
        delayMs = firstDelayMs
        options.onConnected?.()
        await untilEnd(client, closing.signal)
      } catch (error) {
        if (!closing.signal.aborted) options.onLost?.(error)
      }
      isListening = false
      await client?.end().catch(() => undefined)
      client = undefined
      await pause(delayMs, closing.signal)
      delayMs = Math.min(delayMs * 2, longestDelayMs)
    }
  }

  const ended = keepListening()
  return {
    isListening: () => isListening,
    close: async () => {
      closing.abort()
      await ended
    },
  }
}

async function openClient(url: string, channels: Options['channels']): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'pinxit listen',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  })
  // Also before `untilEnd` listens: an error nobody hears ends the process.
  client.on('error', () => undefined)
  client.on('notification', ({ channel, payload }) => channels[channel]?.(payload ?? ''))
  try {
    await client.connect()
    for (const channel of Object.keys(channels))
      await client.query(`listen ${client.escapeIdentifier(channel)}`)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

function untilEnd(client: pg.Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    client.once('error', reject)
    client.once('end', () => reject(new Error('The connection ended')))
  })
}

/** Waits, but not longer than `signal` allows; never rejects. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, delayMs)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
