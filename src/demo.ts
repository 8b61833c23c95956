import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from './base/config.ts'
import { configureLogging } from './base/log.ts'
import type { DemoPerson } from './demo-person.ts'
import { playStory } from './demo-story.ts'
import { type Running, run } from './run.ts'

// Browsers keep cookies by name of host, whatever the port: with one name, signing in here would sign out there.
const hosts = ['localhost', '127.0.0.1']
const firstPort = 3000

const folder = mkdtempSync(join(tmpdir(), 'pinxit-demo-'))
const starting: Promise<Running>[] = []
let isStopping = false

process.on('SIGINT', () => void stop(0))
process.on('SIGTERM', () => void stop(0))

try {
  await main()
} catch (error) {
  // What stopping on the way breaks is no fault.
  if (!isStopping) {
    console.error(error)
    await stop(1)
  }
}

/** Two federated servers in this process, each with its own database, and a little life in them. */
async function main(): Promise<void> {
  await configureLogging({ level: 'error' })
  console.log('Starting two servers')
  for (const host of hosts) await startServer(host)
  const [here, there] = await Promise.all(starting)
  if (!here || !there) return
  const people = await playStory(here.app, there.app, (line) => console.log(line))
  console.log(farewell(people))
}

async function startServer(host: string): Promise<void> {
  if (isStopping) return
  const port = await findPort(firstPort + starting.length)
  const config = parseConfig({
    PORT: String(port),
    PUBLIC_URL: `http://${host}:${port}`,
    DATA_DIR: join(folder, host),
    ALLOW_PRIVATE_ADDRESSES: '1',
    AI_PROVIDER: 'sketch',
  })
  const server = run(config)
  starting.push(server)
  await server
}

/** The wanted port, else one that is free. */
async function findPort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const server = createServer()
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      if (typeof address === 'object' && address) return address.port
    } catch (error) {
      if (port === 0) throw error
    } finally {
      server.close()
    }
  }
  return wanted
}

function farewell(people: readonly DemoPerson[]): string {
  const lines = people.map(
    ({ server, username, password, handle }) =>
      `  ${server}/sign-in   name: ${username.padEnd(8)} password: ${password.padEnd(16)} ${handle}`,
  )
  return `\nTwo servers that know each other:\n${lines.join('\n')}\n\nCtrl-C ends them and forgets everything.`
}

async function stop(exitCode: number): Promise<void> {
  // Impatient hands press Ctrl-C twice.
  if (isStopping) return
  isStopping = true
  for (const server of starting) await server.then((running) => running.stop()).catch(() => undefined)
  rmSync(folder, { recursive: true, force: true })
  process.exit(exitCode)
}
