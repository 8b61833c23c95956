import { createOwnerLink } from './auth/owner-links.ts'
import type { Config } from './base/config.ts'
import { hasOwner } from './db/users.ts'
import { type Ending, endOnSignals } from './end-on-signals.ts'
import { type Running, run } from './run.ts'

/** One server in this process, until a signal ends it. */
export async function serve(config: Config): Promise<void> {
  const starting = run(config)
  stopOnSignals(starting)
  const running = await starting
  if (config.role !== 'worker') await greet(running)
}

/** The one line an operator waits for. */
export async function greet({ app }: Running): Promise<void> {
  const owner = (await hasOwner(app.db)) ? '' : ` · become its owner: ${await createOwnerLink(app)}`
  console.log(`Pinxit is ready at ${app.publicUrl}${owner}`)
}

/** Ends this process when it is told to, after what it has begun. */
export function stopOnSignals(starting: Promise<Running>): Ending {
  return endOnSignals(starting, async (running) => {
    await running.stop()
    return true
  })
}
