import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'

export type Child = { process: ChildProcess; pid: number; url: string; stop(): Promise<void> }

const hello = z.object({ port: z.number() })

/** Starts a script of this folder in a process of its own, which ends with ours, and waits until it serves. */
export async function startChild(script: string, environment: NodeJS.ProcessEnv = {}): Promise<Child> {
  const child = fork(join(import.meta.dirname, script), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  })
  const ended = once(child, 'exit')
  const first = await Promise.race([once(child, 'message'), ended.then(() => undefined)])
  if (!first || child.pid === undefined) throw new Error(`${script} did not start`)
  const { port } = hello.parse(first[0])
  return {
    process: child,
    pid: child.pid,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await ended
    },
  }
}
