import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#src/base/errors.ts'
import type { PostgresBinaries } from './binaries.ts'
import { commandLineOf } from './process-identity.ts'
import type { RunAs } from './run-as.ts'

/** Where everything of one embedded database lies. */
export type ClusterPaths = {
  dataDir: string
  /** Owned by the database user. */
  home: string
  cluster: string
  socketDir: string
  libraries: string
  lockFile: string
  logFile: string
}

const port = 5432
const superuser = 'pinxit'
// Unix socket addresses hold 107 bytes on Linux and 103 on macOS.
const socketPathLimitBytes = 100

/** Makes the data folder when it is missing. */
export function clusterPaths(dataDir: string): ClusterPaths {
  mkdirSync(dataDir, { recursive: true })
  const real = realpathSync(dataDir)
  const home = join(real, 'postgres')
  return {
    dataDir: real,
    home,
    cluster: join(home, 'cluster'),
    socketDir: socketDirFor(home),
    libraries: join(home, 'lib'),
    lockFile: join(real, 'postgres.lock'),
    logFile: join(real, 'postgres.log'),
  }
}

function socketDirFor(home: string): string {
  const fits = (folder: string): boolean => Buffer.byteLength(socketPath(folder)) <= socketPathLimitBytes
  if (fits(home)) return home
  // The same folder each time, so that the command line finds a running server's.
  const name = `pinxit-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`
  const short = join(tmpdir(), name)
  return fits(short) ? short : join('/tmp', name)
}

function socketPath(folder: string): string {
  return join(folder, `.s.PGSQL.${port}`)
}

/** A `postgres://` URL over the unix socket, as `pg` and libpq read it. */
export function urlOf(paths: ClusterPaths): string {
  return `postgres://${superuser}@localhost:${port}/postgres?host=${encodeURIComponent(paths.socketDir)}`
}

/** Makes the socket's folder private to the database user. */
export function prepareSocketDir(paths: ClusterPaths): void {
  const home = lstatSync(paths.home)
  if (paths.socketDir === paths.home) return
  mkdirSync(paths.socketDir, { recursive: true, mode: 0o700 })
  const found = lstatSync(paths.socketDir)
  // Folders for temporary files are open to all: someone else may have put this name there first.
  const ours = found.isDirectory() && (found.uid === home.uid || found.uid === process.getuid?.())
  if (!ours) {
    throw new AppError('unavailable', `The folder ${paths.socketDir} belongs to someone else; remove it.`)
  }
  chownSync(paths.socketDir, home.uid, home.gid)
  chmodSync(paths.socketDir, 0o700)
}

/** Makes the database cluster on first use. An interrupted first use leaves nothing that counts. */
export async function initialiseCluster(
  paths: ClusterPaths,
  binaries: PostgresBinaries,
  runAs: RunAs,
): Promise<void> {
  if (existsSync(paths.cluster)) return
  for (const name of readdirSync(paths.home)) {
    if (name.startsWith('new-')) rmSync(join(paths.home, name), { recursive: true })
  }
  const draft = join(paths.home, `new-${process.pid}`)
  const args = ['-D', draft, '-U', superuser, '-E', 'UTF8', '-A', 'trust', '--locale=C', '--no-instructions']
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--wal-segsize=4')
  await run(binaries, runAs, [binaries.initdb, ...args])
  renameSync(draft, paths.cluster)
}

async function run(binaries: PostgresBinaries, runAs: RunAs, commandLine: string[]): Promise<void> {
  const [command = '', ...args] = [...runAs.prefix, ...commandLine]
  const child = spawn(command, args, {
    uid: runAs.uid,
    gid: runAs.gid,
    cwd: '/',
    env: postgresEnvironment(binaries),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotRun(command, cause)))
    child.once('close', resolve)
  })
  if (code !== 0) throw new AppError('unavailable', `The database could not be made: ${output.trim()}`)
}

/** The binaries are made for glibc: elsewhere the kernel finds no loader and calls them missing. */
export function cannotRun(command: string, cause: unknown): AppError {
  const message = `Postgres (${command}) cannot run on this system; set DATABASE_URL to a Postgres of your own.`
  return new AppError('unavailable', message, { cause })
}

/** Nothing of ours is handed down: secrets stay here, and PG* variables would change what the server does. */
export function postgresEnvironment(binaries: PostgresBinaries): NodeJS.ProcessEnv {
  const base = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  return binaries.libraryPath === undefined ? base : { ...base, LD_LIBRARY_PATH: binaries.libraryPath }
}

/** Command line of the server, tuned for a small host; `overrides` win. */
export function postgresArguments(paths: ClusterPaths, overrides: Record<string, string>): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: paths.socketDir,
    unix_socket_permissions: '0700',
    timezone: 'UTC',
    max_connections: '60',
    shared_buffers: '32MB',
    effective_cache_size: '256MB',
    maintenance_work_mem: '32MB',
    work_mem: '4MB',
    jit: 'off',
    // Background processes that a single small server has no use for.
    io_method: 'sync',
    max_worker_processes: '4',
    max_parallel_workers_per_gather: '0',
    max_logical_replication_workers: '0',
    wal_level: 'minimal',
    max_wal_senders: '0',
    min_wal_size: '32MB',
    max_wal_size: '256MB',
    // A 2xx means stored.
    fsync: 'on',
    synchronous_commit: 'on',
    // What people write is not for the log: neither statements nor the values of refused rows.
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...overrides,
  }
  return [
    '-D',
    paths.cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
}

type Postmaster = { pid: number; isReady: boolean }

/** What the server says of itself in postmaster.pid, undefined when there is none. */
export function readPostmaster(paths: ClusterPaths): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(paths.cluster, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 0 ? { pid, isReady: lines[7]?.trim() === 'ready' } : undefined
}

/** Ends the Postgres that a killed owner left behind. Call only as the folder's owner. */
export async function endOrphan(paths: ClusterPaths, log: (message: string) => void): Promise<void> {
  const found = readPostmaster(paths)
  if (found) {
    if (isServerOf(paths, found.pid)) {
      log(`ending the database server (process ${found.pid}) that a killed Pinxit left behind`)
      await endServer(paths, found.pid)
    }
    if (commandLineOf(found.pid) !== undefined && !isServerOf(paths, found.pid)) {
      // Another program has that pid by now, or a zombie still has; Postgres would take either for itself.
      rmSync(join(paths.cluster, 'postmaster.pid'), { force: true })
    }
  }
  const socket = socketPath(paths.socketDir)
  // A server in another container shares the folder but not our view of processes.
  if (await answers(socket)) {
    throw new AppError(
      'unavailable',
      `The folder ${paths.dataDir} is in use: another Postgres answers in ${paths.socketDir}.`,
    )
  }
  for (const left of [socket, `${socket}.lock`]) rmSync(left, { force: true })
}

async function endServer(paths: ClusterPaths, pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isServerOf(paths, pid)) return
    signalProcess(pid, signal)
    const deadline = Date.now() + patienceMs
    while (isServerOf(paths, pid) && Date.now() < deadline) await delay(20)
  }
}

function isServerOf(paths: ClusterPaths, pid: number): boolean {
  return commandLineOf(pid)?.includes(`-D ${paths.cluster} `) ?? false
}

/** Sends a signal to a process that may have ended meanwhile. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
