import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { clusterPaths, urlOf } from '#src/db/embedded/cluster.ts'
import { familyOf } from './processes.ts'

const root = join(import.meta.dirname, '..', '..')

export type ServerProcess = {
  url: string
  pid: number
  /** From the start of the process until it said it was ready. */
  startSeconds: number
  stop(): Promise<void>
}

export type NewServer = {
  /** The build that runs, which must not change while it is measured. */
  dist: string
  dataDir: string
  port: number
  /** All in one process unless told, so that figures compare between machines. */
  role?: 'all' | 'web' | 'worker' | undefined
  /** What it trusts besides the usual certificate authorities. */
  authorityFile?: string | undefined
  /** Where V8 puts a profile of the whole life of the process, if anywhere. */
  profileDir?: string | undefined
  /** Hears how to end the process as soon as there is one. */
  atEnd(step: () => Promise<void>): void
}

/** Starts a server as an operator would, with the embedded database, and waits until it is ready. */
export async function startServer(how: NewServer): Promise<ServerProcess> {
  const url = `http://localhost:${how.port}`
  const profiling = how.profileDir ? ['--cpu-prof', `--cpu-prof-dir=${how.profileDir}`] : []
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', '--max-semi-space-size=4', ...profiling, join(how.dist, 'main.js')],
    {
      env: environmentOf(how),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let lastWords = ''
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-4_000)
  })
  const stop = () => endServer(child)
  how.atEnd(stop)
  while (!(await isReady(url))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`It did not start. ${lastWords}`)
    await delay(5)
  }
  return { url, pid: child.pid ?? 0, startSeconds: (performance.now() - startedAt) / 1000, stop }
}

// Nothing of the caller's settings: a DATABASE_URL or a provider's key of theirs has no business here.
function environmentOf({ port, dataDir, role = 'all', authorityFile }: NewServer): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    PORT: String(port),
    DATA_DIR: dataDir,
    ROLE: role,
    ALLOW_PRIVATE_ADDRESSES: '1',
    LOG_LEVEL: 'warning',
    AI_PROVIDER: 'none',
    // As package.json and the launcher have it.
    MALLOC_ARENA_MAX: '2',
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
    ...(authorityFile && { NODE_EXTRA_CA_CERTS: authorityFile }),
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

async function endServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const family = familyOf(child.pid)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const desperate = setTimeout(() => child.kill('SIGKILL'), 40_000)
  await ended
  clearTimeout(desperate)
  // A server that had to be killed leaves its database behind.
  if (child.signalCode === 'SIGKILL') for (const { pid } of family) endQuietly(pid)
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

export type OwnConnection = { sql: pg.Client; pid: number }

/** A connection of ours to the server's database, and the pid of its backend, which is not the server's doing. */
export async function connectToDatabaseOf(dataDir: string): Promise<OwnConnection> {
  const sql = new pg.Client({ connectionString: urlOf(clusterPaths(dataDir)) })
  // The server takes its database with it at the end.
  sql.on('error', () => undefined)
  await sql.connect()
  const { rows } = await sql.query<{ pid: number }>('select pg_backend_pid() as pid')
  return { sql, pid: rows[0]?.pid ?? 0 }
}
