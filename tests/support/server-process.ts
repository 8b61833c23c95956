import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { buildIfChanged } from '#src/build.ts'

const root = join(import.meta.dirname, '..', '..')

export type ServerProcess = {
  url: string
  pid: number
  /** Everything it printed so far, both streams. */
  output(): string
  /** `kill -9`, then waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM, then its exit code. */
  terminate(): Promise<number | null>
}

/** A server as an operator runs it: the built one, in a process of its own. Answers when it is ready. */
export async function startServerProcess(environment: Record<string, string>): Promise<ServerProcess> {
  await buildIfChanged(root, { log: () => undefined })
  const child = spawn(process.execPath, [join(root, 'dist', 'main.js')], {
    env: { PATH: process.env.PATH, ALLOW_PRIVATE_ADDRESSES: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const url = `http://localhost:${environment.PORT}`
  await untilReady(url, child, () => output)
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = await exited
    return code
  }
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
  }
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${output()}`)
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await delay(50)
  }
}

/** A port nobody listens on at this moment; a restarted server must keep its own. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port')
  return address.port
}
