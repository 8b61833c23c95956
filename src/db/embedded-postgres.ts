import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#src/base/errors.ts'
import { findBinaries, type PostgresBinaries } from './embedded/binaries.ts'
import {
  type ClusterPaths,
  cannotRun,
  clusterPaths,
  endOrphan,
  initialiseCluster,
  postgresArguments,
  postgresEnvironment,
  prepareSocketDir,
  readPostmaster,
  signalProcess,
  urlOf,
} from './embedded/cluster.ts'
import { livingOwner, type OwnerLock, takeOwnership } from './embedded/owner-lock.ts'
import { chooseRunAs, type RunAs } from './embedded/run-as.ts'

export type EmbeddedPostgres = {
  /** `postgres://…` over a unix socket, as `pg` reads it. */
  url: string
  /** Of the present server process; another one after a restart. */
  readonly pid: number
  /** Ends the server after its running transactions were rolled back and everything is on disk. */
  stop(): Promise<void>
}

type Options = {
  dataDir: string
  log?: (message: string) => void
  /** Postgres settings that win over ours. */
  settings?: Record<string, string>
}

// Recovery after a crash replays what was written since the last checkpoint, which takes a while on slow disks.
const readyPatienceMs = 120_000
const largestLogBytes = 5_000_000

/**
 * Starts a Postgres of our own in `dataDir`, made on first use, and keeps it running until `stop`. Throws an
 * `unavailable` AppError, in words for the operator, when the folder is in use or Postgres cannot run here.
 */
export async function startEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  const paths = clusterPaths(options.dataDir)
  const lock = takeOwnership(paths.lockFile, paths.dataDir)
  try {
    return await startOwned(paths, lock, options)
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * For commands that run beside the server or without it: uses the Postgres of the process that owns
 * `dataDir`, else starts one for as long as `stop` is not called. Stopping leaves another's server alone.
 */
export async function joinEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  const paths = clusterPaths(options.dataDir)
  const deadline = Date.now() + readyPatienceMs
  while (livingOwner(paths.lockFile) && Date.now() < deadline) {
    const running = readPostmaster(paths)
    if (running?.isReady) return { url: urlOf(paths), pid: running.pid, stop: async () => undefined }
    await delay(50)
  }
  return startEmbeddedPostgres(options)
}

async function startOwned(paths: ClusterPaths, lock: OwnerLock, options: Options): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined)
  mkdirSync(paths.home, { recursive: true, mode: 0o700 })
  const binaries = findBinaries(paths.libraries)
  const runAs = chooseRunAs(paths.home, [binaries.postgres, paths.home])
  chmodSync(paths.home, 0o700)
  prepareSocketDir(paths)
  await endOrphan(paths, log)
  await initialiseCluster(paths, binaries, runAs)
  if (existsSync(paths.logFile) && statSync(paths.logFile).size > largestLogBytes) {
    renameSync(paths.logFile, `${paths.logFile}.1`)
  }
  const launch = (): ChildProcess => spawnServer({ paths, binaries, runAs, settings: options.settings ?? {} })
  return keepRunning({ paths, lock, log, launch, first: await launchUntilReady(paths, launch) })
}

type Server = {
  paths: ClusterPaths
  binaries: PostgresBinaries
  runAs: RunAs
  settings: Record<string, string>
}

function spawnServer({ paths, binaries, runAs, settings }: Server): ChildProcess {
  const commandLine = [...runAs.prefix, binaries.postgres, ...postgresArguments(paths, settings)]
  const [command = '', ...args] = commandLine
  const logFd = openSync(paths.logFile, 'a', 0o600)
  const child = spawn(command, args, {
    uid: runAs.uid,
    gid: runAs.gid,
    cwd: '/',
    env: postgresEnvironment(binaries),
    stdio: ['ignore', logFd, logFd],
    // A session of its own: Ctrl-C in the terminal is for us, who drain first and then stop the database.
    detached: true,
  })
  closeSync(logFd)
  child.unref()
  return child
}

/** After a `kill -9` of Postgres its children need a moment to let go of the shared memory, so it is tried again. */
async function launchUntilReady(paths: ClusterPaths, launch: () => ChildProcess): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    const child = launch()
    if (await isReadyInTime(paths, child)) return child
    if (attempt === 5) throw new AppError('unavailable', `Postgres does not start. ${lastWords(paths)}`)
    await delay(100 * 2 ** attempt)
  }
}

async function isReadyInTime(paths: ClusterPaths, child: ChildProcess): Promise<boolean> {
  let failure: unknown
  child.once('error', (cause) => {
    failure = cannotRun(child.spawnfile, cause)
  })
  const deadline = Date.now() + readyPatienceMs
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    if (failure) throw failure
    const postmaster = readPostmaster(paths)
    if (postmaster?.isReady && postmaster.pid === child.pid) return true
    await delay(10)
  }
  child.kill('SIGKILL')
  return false
}

function lastWords(paths: ClusterPaths): string {
  const lines = readFileSync(paths.logFile, 'utf8').trim().split('\n').slice(-5)
  return `The end of ${paths.logFile}:\n${lines.join('\n')}`
}

type Running = {
  paths: ClusterPaths
  lock: OwnerLock
  log: (message: string) => void
  launch: () => ChildProcess
  first: ChildProcess
}

function keepRunning({ paths, lock, log, launch, first }: Running): EmbeddedPostgres {
  let child = first
  let stopped: Promise<void> | undefined
  let restarting: Promise<void> = Promise.resolve()

  const restart = async (): Promise<void> => {
    for (let pauseMs = 100; !stopped; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        child = await launchUntilReady(paths, launch)
        child.once('exit', onExit)
        log('the database server runs again')
        return
      } catch (error) {
        log(`the database server does not start: ${error instanceof Error ? error.message : String(error)}`)
        await delay(pauseMs)
      }
    }
  }
  const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (stopped) return
    log(`the database server ended unexpectedly (${signal ?? code}); starting it again`)
    restarting = restart()
  }
  // Whatever ends us, short of SIGKILL, does not leave a server behind.
  const onOurExit = (): void => {
    child.kill('SIGINT')
    lock.release()
  }
  const stop = async (): Promise<void> => {
    await restarting
    await endChild(child)
    process.off('exit', onOurExit)
    lock.release()
  }

  child.once('exit', onExit)
  process.once('exit', onOurExit)
  return {
    url: urlOf(paths),
    get pid() {
      return child.pid ?? 0
    },
    stop: () => (stopped ??= stop()),
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.ref()
  const ended = once(child, 'exit')
  signalProcess(child.pid, 'SIGINT')
  const impatient = setTimeout(() => child.kill('SIGQUIT'), 20_000)
  const desperate = setTimeout(() => child.kill('SIGKILL'), 25_000)
  await ended
  clearTimeout(impatient)
  clearTimeout(desperate)
}
