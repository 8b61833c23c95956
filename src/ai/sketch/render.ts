import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isSketchResult, type SketchResult, type SketchTask } from './protocol.ts'

/** One child process for one painting. Owns that process: close it. */
export type SketchRenderer = {
  /** @throws when the task fails, or the child was ended by the deadline or by `close` */
  run(task: SketchTask): Promise<SketchResult>
  close(): void
}

/** @param deadlineMs for the whole painting, after which the child is killed */
export function createSketchRenderer(deadlineMs: number): SketchRenderer {
  const child = startChild()
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
  return {
    run: (task) => ask(child, task),
    close: () => {
      clearTimeout(timer)
      child.kill('SIGKILL')
    },
  }
}

function startChild(): ChildProcess {
  // Beside this file both in the sources (run by type stripping) and in the bundle.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fork(fileURLToPath(new URL(`./sketch-child.${extension}`, import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: ['--max-old-space-size=128'],
    // Nothing of our own environment: it holds secrets.
    env: { MALLOC_ARENA_MAX: '1', VIPS_WARNING: '0' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

function ask(child: ChildProcess, task: SketchTask): Promise<SketchResult> {
  return new Promise((resolve, reject) => {
    const ended = () => settle(() => reject(new Error('The renderer was ended.')))
    const answered = (message: unknown) => {
      if (!isSketchResult(message)) return
      settle(() => (message.result === 'failed' ? reject(new Error(message.reason)) : resolve(message)))
    }
    const settle = (how: () => void) => {
      child.off('exit', ended).off('error', ended).off('message', answered)
      how()
    }
    child.on('exit', ended).on('error', ended).on('message', answered)
    if (child.exitCode !== null || child.signalCode !== null) ended()
    else child.send(task, () => {}) // a failure to send is an exit soon after
  })
}
