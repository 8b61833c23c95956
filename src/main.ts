import { ConfigError, parseConfig } from './base/config.ts'
import { AppError } from './base/errors.ts'
import { configureLogging, createLog } from './base/log.ts'
import { hasProcessesOfItsOwn } from './processes.ts'

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
  if (config.registrations !== 'closed') {
    createLog('main').warn(
      'REGISTRATIONS={kind}: there is no sign-up page; make accounts with the command line',
      { kind: config.registrations },
    )
  }
  // Each is loaded alone, since the parent is to hold nothing of the server: that keeps it small.
  if (hasProcessesOfItsOwn(config)) {
    const { runParent } = await import('./parent.ts')
    await runParent(config, process.env)
  } else {
    const { serve } = await import('./serve.ts')
    await serve(config)
  }
}
