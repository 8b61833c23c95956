import { createLog } from './base/log.ts'

export type Ending = {
  readonly hasBegun: boolean
  /** Ends the process for another reason than a signal. */
  begin(reason: string, exitCode?: number): Promise<void>
}

/**
 * Ends this process when it is told to, even while what runs in it is still starting: a signal on the way must not
 * leave the database behind.
 * @param stop lets go of what runs; answers whether it ended well
 */
export function endOnSignals<T>(starting: Promise<T>, stop: (running: T) => Promise<boolean>): Ending {
  let hasBegun = false
  const begin = async (reason: string, exitCode = 0): Promise<void> => {
    // Impatient hands press Ctrl-C twice; what is being drained must not be cut short by that.
    if (hasBegun) return
    hasBegun = true
    createLog('main').info('Stopping on {reason}', { reason })
    const running = await starting.catch(() => undefined)
    // Why it did not start is said by who awaits it too.
    if (!running) return
    try {
      const hasEndedWell = await stop(running)
      process.exit(hasEndedWell ? exitCode : 1)
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void begin(signal))
  return {
    get hasBegun() {
      return hasBegun
    },
    begin,
  }
}
