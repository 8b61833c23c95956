// A web or a worker process of one server. Its parent (parent.ts) owns the database and the port's good name; what
// this process does is its ROLE.
import { ConfigError, parseConfig } from './base/config.ts'
import { AppError } from './base/errors.ts'
import { configureLogging } from './base/log.ts'
import type { Worker } from './jobs/worker.ts'
import type { ToParent, ToWeb } from './processes.ts'
import { run } from './run.ts'
import { greet, stopOnSignals } from './serve.ts'

const consumingPollMs = 20

try {
  await main()
} catch (error) {
  const isTold = error instanceof ConfigError || error instanceof AppError
  if (!isTold) console.error(error)
  // The parent says it once for both.
  await tellParent({ failed: isTold ? error.message : 'a fault of Pinxit itself, shown above' })
  process.exit(1)
}

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  await configureLogging({ level: config.logLevel })
  const isWeb = config.role === 'web'
  let isWorkerReady = false
  const starting = run(config, {
    // The port is the web process's; jobs need none.
    isListening: isWeb,
    ...(isWeb && { isConsuming: () => isWorkerReady }),
  })
  const ending = stopOnSignals(starting)
  // The parent was killed, and nobody else would end us.
  process.on('disconnect', () => void ending.begin('the end of the parent'))
  process.on('message', (message: ToWeb) => {
    if ('greet' in message) void starting.then(greet)
    else isWorkerReady = message.isWorkerReady
  })
  const { worker } = await starting
  if (worker) await untilConsuming(worker)
  await tellParent({ ready: true })
}

async function untilConsuming(worker: Worker): Promise<void> {
  while (!worker.isConsuming()) await new Promise((resolve) => setTimeout(resolve, consumingPollMs))
}

/** Who cannot be reached is gone: `disconnect` says so. */
function tellParent(message: ToParent): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) return resolve()
    process.send(message, undefined, undefined, () => resolve())
  })
}
