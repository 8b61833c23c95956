import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

export type Supervised = {
  /** The living child, undefined between two. */
  readonly child: ChildProcess | undefined
  /** Asks the child to drain, waits until it has ended and starts no other; answers whether it ended well. */
  stop(): Promise<boolean>
}

type Options = {
  start(): ChildProcess
  /** Hears of each child that ended without having been asked to. */
  onDeath(child: ChildProcess): void
  /** Too many ended right after their start: no other is started. */
  onGivenUp(): void
  /** Which death is one right after the start. */
  instantMs?: number
  /** The pause after the first such death; it doubles with each. */
  pauseMs?: number
  /** How long a child may drain. */
  drainMs?: number
}

export const mostInstantDeaths = 5

/** Keeps one child process running: whatever ends is started again, unless it keeps ending right after its start. */
export function supervise(options: Options): Supervised {
  const { instantMs = 10_000, pauseMs = 100, drainMs = 35_000 } = options
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  let endedWell = true

  const keepRunning = async (): Promise<void> => {
    let instantDeaths = 0
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      child = options.start()
      await endOf(child)
      const ended = child
      // By the signal itself: it was still loading, and has nothing to drain.
      endedWell = ended.exitCode === 0 || ended.signalCode === 'SIGTERM'
      child = undefined
      if (stopping.signal.aborted) return
      options.onDeath(ended)
      instantDeaths = performance.now() - startedAt < instantMs ? instantDeaths + 1 : 0
      if (instantDeaths === mostInstantDeaths) return options.onGivenUp()
      if (instantDeaths > 0) await pause(pauseMs * 2 ** (instantDeaths - 1), stopping.signal)
    }
  }

  const ended = keepRunning()
  return {
    get child() {
      return child
    },
    stop: async () => {
      stopping.abort()
      child?.kill('SIGTERM')
      const desperate = setTimeout(() => child?.kill('SIGKILL'), drainMs)
      await ended
      clearTimeout(desperate)
      return endedWell
    },
  }
}

/** Also of one that could not be started. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => {
      // Also said of a living child that cannot be reached, which is then of no use.
      child.kill('SIGKILL')
      if (child.pid === undefined) resolve()
    })
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined)
}
