import { createOwnerLink } from './auth/owner-links.ts'
import { ConfigError, parseConfig } from './base/config.ts'
import { AppError } from './base/errors.ts'
import { configureLogging, createLog } from './base/log.ts'
import { hasOwner } from './db/users.ts'
import { type Running, run } from './run.ts'

try {
  await main()
} catch (error) {
  // Words for the operator; a stack only where the fault is ours.
  const isTold = error instanceof ConfigError || error instanceof AppError
  console.error(isTold ? error.message : error)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  await configureLogging({ level: config.logLevel })
  const starting = run(config)
  // Before it has started: a signal on the way must not leave the database behind.
  stopOnSignals(starting)
  const running = await starting
  if (config.registrations !== 'closed') {
    createLog('main').warn(
      'REGISTRATIONS={kind}: there is no sign-up page; make accounts with the command line',
      {
        kind: config.registrations,
      },
    )
  }
  if (config.role !== 'worker') await greet(running)
}

async function greet({ app }: Running): Promise<void> {
  const owner = (await hasOwner(app.db)) ? '' : ` · become its owner: ${await createOwnerLink(app)}`
  console.log(`Pinxit is ready at ${app.publicUrl}${owner}`)
}

function stopOnSignals(starting: Promise<Running>): void {
  let isStopping = false
  const stop = async (signal: string) => {
    // Impatient hands press Ctrl-C twice; what is being drained must not be cut short by that.
    if (isStopping) return
    isStopping = true
    createLog('main').info('Stopping on {signal}', { signal })
    try {
      const running = await starting
      await running.stop()
      process.exit(0)
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
}
