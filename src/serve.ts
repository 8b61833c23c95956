import { createOwnerLink } from './auth/owner-links.ts'
import type { Config } from './base/config.ts'
import { createLog } from './base/log.ts'
import { hasOwner } from './db/users.ts'
import { type Running, run } from './run.ts'

/** One server in this process, until a signal ends it. */
export async function serve(config: Config): Promise<void> {
  const starting = run(config)
  // Before it has started: a signal on the way must not leave the database behind.
  stopOnSignals(starting)
  const running = await starting
  if (config.role !== 'worker') await greet(running)
}

/** The one line an operator waits for. */
export async function greet({ app }: Running): Promise<void> {
  const owner = (await hasOwner(app.db)) ? '' : ` · become its owner: ${await createOwnerLink(app)}`
  console.log(`Pinxit is ready at ${app.publicUrl}${owner}`)
}

/** Ends this process when it is told to; answers how to end it for another reason. */
export function stopOnSignals(starting: Promise<Running>): (reason: string) => Promise<void> {
  let isStopping = false
  const stop = async (reason: string) => {
    // Impatient hands press Ctrl-C twice; what is being drained must not be cut short by that.
    if (isStopping) return
    isStopping = true
    createLog('main').info('Stopping on {reason}', { reason })
    const running = await starting.catch(() => undefined)
    // Why it did not start is said by who awaits it too.
    if (!running) return
    try {
      await running.stop()
      process.exit(0)
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  return stop
}
