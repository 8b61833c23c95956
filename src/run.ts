import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { createAppFederation } from '#federation/index.ts'
import { keepAddress } from './accounts/address.ts'
import { checkSecretKey } from './accounts/keys.ts'
import { ensureInstanceActor } from './accounts/register.ts'
import { createFetchBytes } from './ai/fetch-bytes.ts'
import { createImageProvider } from './ai/select.ts'
import { createStreaming, isForSocket } from './api/streaming/streaming.ts'
import type { App } from './app.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { type Config, ConfigError } from './base/config.ts'
import type { Resolve } from './base/connect.ts'
import { createSafeFetch } from './base/fetch.ts'
import { createLog } from './base/log.ts'
import { createMetrics } from './base/metrics.ts'
import { loadSecretKey } from './base/secret-key.ts'
import { createUris } from './base/uris.ts'
import { checkDatabase, connect } from './db/connect.ts'
import { createEventHub } from './db/events.ts'
import { migrateToLatest } from './db/migrate.ts'
import type { Worker } from './jobs/worker.ts'
import { createStorage } from './media/create-storage.ts'
import { createPictureProcessor } from './media/process.ts'
import { createRemoteFiles } from './media/remote-files.ts'
import { makeDataDir, startOwnDatabase } from './own-database.ts'
import { isAddressBlocked } from './policies/domain-blocks.ts'
import { createRoutes } from './server.ts'
import { startJobs } from './worker.ts'

const version = '0.1.0'

export type Running = {
  app: App
  /** Undefined where ROLE is `web`. */
  worker: Worker | undefined
  /** Answers what is under way, gives back what is not done, and lets go of everything. */
  stop(): Promise<void>
}

// Docker gives ten seconds unless told, systemd ninety; compose.yaml says forty.
const drainMs = 15_000

/** What this server does with what it is asked, once it has started. */
type Door = {
  handle(request: Request, env: HttpBindings): Response | Promise<Response>
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** What must be let go of again, the newest first; what uses the rest, answers and jobs, before all. */
type Held = { http?: Server; worker?: Worker; steps: (() => Promise<void>)[] }

/**
 * Starts one server: listens first, so that liveness answers and the port is known, then brings up the database,
 * the app and its jobs. What fails on the way is let go of again.
 * @throws ConfigError, or AppError `unavailable` in words for the operator
 */
export async function run(config: Config, world: Partial<World> = {}): Promise<Running> {
  const held: Held = { steps: [] }
  try {
    return await start(config, { clock: systemClock, isListening: true, ...world }, held)
  } catch (error) {
    await letGo(held)
    throw error
  }
}

async function letGo(held: Held): Promise<void> {
  await Promise.all([held.http && closeHttp(held.http), held.worker?.stop()])
  for (const step of held.steps.splice(0).reverse()) await step()
}

/** What a server finds outside of itself. */
type World = {
  clock: Clock
  /** How names of other servers become addresses; the system's way unless told. */
  resolve?: Resolve
  /** False where another process of this server does; then `publicUrl` must be configured. */
  isListening: boolean
  /** Whether another process of this server works on jobs, for `/readyz`. */
  isConsuming?: () => boolean
}

async function start(config: Config, world: World, held: Held): Promise<Running> {
  let door: Door = startingUp
  let isDraining = false
  makeDataDir(config.dataDir)
  const port = world.isListening ? await listen(config, () => door, held) : config.port
  const publicUrl = config.publicUrl ?? `http://localhost:${port}`
  const databaseUrl = config.databaseUrl ?? (await startDatabase(config.dataDir, held))
  const app = await createApp(config, { ...world, publicUrl, databaseUrl }, held)
  await checkSecretKey(app)
  await ensureInstanceActor(app)
  const federation = createAppFederation(app)
  app.lookup = federation.lookup
  const worker = config.role === 'web' ? undefined : startJobs(app, federation)
  if (worker) held.worker = worker
  const isConsuming = worker ? () => worker.isConsuming() : world.isConsuming
  const readiness = { isConsuming, isDraining: () => isDraining }
  const streaming = createStreaming(app)
  const routes = createRoutes(app, { federation, readiness, streaming })
  door = { handle: (request, env) => routes.fetch(request, env), upgrade: streaming.upgrade }
  return {
    app,
    worker,
    stop: async () => {
      isDraining = true
      // Open streams end with it; those who listen ask again, of paintings from the last event they heard.
      streaming.close()
      await app.events.close()
      await letGo(held)
    },
  }
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

const startingUp: Door = {
  handle: (request) => {
    if (new URL(request.url).pathname === '/livez') return new Response('ok')
    return new Response('Pinxit is starting', { status: 503, headers: { 'retry-after': '2' } })
  },
  upgrade: (_request, socket) => void socket.destroy(),
}

async function listen(config: Config, door: () => Door, held: Held): Promise<number> {
  // Whoever offers another protocol, as clients of HTTP/2 do, is answered by this one.
  const serverOptions = {
    requestTimeout: 120_000,
    headersTimeout: 20_000,
    shouldUpgradeCallback: isForSocket,
  }
  const server = createAdaptorServer({
    fetch: (request, env) => door().handle(request, env as HttpBindings),
    createServer,
    serverOptions,
  }) as Server
  server.on('upgrade', (request, socket, head) => door().upgrade(request, socket, head))
  server.listen(config.port, config.host)
  // An error before 'listening' rejects, with Node's own words for a port that is taken.
  await once(server, 'listening').catch((cause: unknown) => {
    throw new ConfigError([`HOST and PORT: nothing can be served there: ${wordsOf(cause)}`])
  })
  held.http = server
  return (server.address() as AddressInfo).port
}

/** Takes no more connections, lets running answers end, and cuts what is still not done after `drainMs`. */
async function closeHttp(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A kept-alive connection turns idle only once its last answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  const cut = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}

async function startDatabase(dataDir: string, held: Held): Promise<string> {
  const postgres = await startOwnDatabase(dataDir)
  held.steps.push(() => postgres.stop())
  return postgres.url
}

type Place = World & { publicUrl: string; databaseUrl: string }

/** Over a connection of its own: one that has seen every table keeps megabytes for them, in Postgres, until it ends. */
async function migrate(databaseUrl: string): Promise<void> {
  const { db, close } = connect(databaseUrl, { maxConnections: 1 })
  try {
    await migrateToLatest(db)
  } finally {
    await close()
  }
}

async function createApp(config: Config, place: Place, held: Held): Promise<App> {
  const { publicUrl, databaseUrl, clock, resolve } = place
  const log = createLog('database')
  const { db, pool, changes, close } = connect(databaseUrl, {
    onConnectionLost: (error) => log.warn('A connection was lost: {error}', { error: error.message }),
  })
  held.steps.push(close)
  const events = createEventHub(databaseUrl, (error) => log.warn('Events are not heard: {error}', { error }))
  held.steps.push(() => events.close())
  if (config.databaseUrl) await checkDatabase(db)
  await migrate(databaseUrl)
  const handleHost = config.handleHost ?? new URL(publicUrl).host
  await keepAddress(db, { publicUrl, handleHost })
  const safeFetch = createSafeFetch({
    allowPrivateAddresses: config.allowPrivateAddresses,
    userAgent: `Pinxit/${version} (+${publicUrl}/)`,
    ...(resolve && { resolve }),
  })
  held.steps.push(() => safeFetch.close())
  const pictures = createPictureProcessor()
  held.steps.push(() => pictures.close())
  const metrics = createMetrics()
  held.steps.push(async () => metrics.close())
  const secretKey = config.secretKey ?? loadSecretKey(config.dataDir)
  const storage = createStorage(config, publicUrl)
  const ground = { publicUrl, db, clock, secretKey, storage, pictures, safeFetch }
  const remoteFiles = createRemoteFiles({
    ...ground,
    mediaUrl: config.mediaUrl,
    isBlocked: (address) => isAddressBlocked(db, address),
  })
  held.steps.push(() => remoteFiles.close())
  return {
    ...ground,
    config,
    version,
    handleHost,
    uris: createUris(publicUrl),
    pool,
    changes,
    databaseUrl,
    events,
    remoteFiles,
    metrics,
    images: createImageProvider(config.ai, { fetchBytes: createFetchBytes(safeFetch) }),
    lookup: { account: async () => undefined, note: async () => undefined },
  }
}
