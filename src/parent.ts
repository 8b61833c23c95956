import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Config } from './base/config.ts'
import { createLog } from './base/log.ts'
import { endOnSignals } from './end-on-signals.ts'
import { makeDataDir, startOwnDatabase } from './own-database.ts'
import type { ProcessKind, ToParent, ToWeb } from './processes.ts'
import { mostInstantDeaths, type Supervised, supervise } from './supervise.ts'

type Family = Record<ProcessKind, Supervised> & { stopDatabase(): Promise<void> }

/**
 * One server as a web and a worker process, until a signal ends it: owns the embedded database, starts again what
 * dies, and stops the database after both have drained. Holds no connection and no part of the application.
 * @param environment handed down to both
 */
export async function runParent(config: Config, environment: NodeJS.ProcessEnv): Promise<void> {
  makeDataDir(config.dataDir)
  const starting = startFamily(config, environment, (words) => {
    // What hinders one hinders the other too.
    if (!ending.hasBegun) console.error(words)
    void ending.begin('a failure', 1)
  })
  const ending = endOnSignals(starting, async ({ web, worker, stopDatabase }) => {
    const haveEndedWell = await Promise.all([web.stop(), worker.stop()])
    await stopDatabase()
    return haveEndedWell.every(Boolean)
  })
  await starting
}

const log = () => createLog('parent')

type OnFailure = (words: string) => void

async function startFamily(
  config: Config,
  environment: NodeJS.ProcessEnv,
  onFailure: OnFailure,
): Promise<Family> {
  const database = config.databaseUrl ? undefined : await startOwnDatabase(config.dataDir)
  const databaseUrl = config.databaseUrl ?? database?.url
  const handedDown = { ...environment, DATABASE_URL: databaseUrl }
  const stopDatabase = async (): Promise<void> => database?.stop()
  return { ...superviseBoth((kind) => startChild(kind, handedDown), onFailure), stopDatabase }
}

function startChild(kind: ProcessKind, environment: NodeJS.ProcessEnv): ChildProcess {
  // Beside this file both in the sources (run by type stripping) and in the bundle.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fork(fileURLToPath(new URL(`./server-child.${extension}`, import.meta.url)), [], {
    env: { ...environment, ROLE: kind },
    // What bounds memory (docs/decisions/memory.md) was given to us, and is handed down.
    execArgv: [...process.execArgv, '--enable-source-maps'],
  })
}

/** Both kinds, each started again when it dies; tells the web process of the worker, and when to greet. */
function superviseBoth(
  start: (kind: ProcessKind) => ChildProcess,
  onFailure: OnFailure,
): Record<ProcessKind, Supervised> {
  const ready = new Set<ProcessKind>()
  let hasGreeted = false

  const tellWeb = (): void => {
    const say = (message: ToWeb) => family.web.child?.send(message, () => undefined)
    if (!ready.has('web')) return
    say({ isWorkerReady: ready.has('worker') })
    if (hasGreeted || !ready.has('worker')) return
    hasGreeted = true
    say({ greet: true })
  }
  const onMessage = (kind: ProcessKind, message: ToParent): void => {
    if ('failed' in message) {
      // Once it has run, what stands in its way may pass, as a database that restarts does.
      if (hasGreeted) log().error('The {kind} process cannot run: {words}', { kind, words: message.failed })
      else onFailure(message.failed)
      return
    }
    ready.add(kind)
    tellWeb()
  }
  const superviseKind = (kind: ProcessKind): Supervised =>
    supervise({
      start: () => start(kind).on('message', (message: ToParent) => onMessage(kind, message)),
      onDeath: ({ pid, exitCode, signalCode }) => {
        ready.delete(kind)
        log().error('The {kind} process ended and is started again', { kind, pid, exitCode, signalCode })
        tellWeb()
      },
      onGivenUp: () =>
        onFailure(`The ${kind} process ended ${mostInstantDeaths} times right after its start; giving up.`),
    })
  const family = { web: superviseKind('web'), worker: superviseKind('worker') }
  return family
}
