import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { expect } from 'vitest'
import { register } from '#src/accounts/register.ts'
import { defaultRetryPolicy } from '#src/ai/retries.ts'
import { createImageProvider } from '#src/ai/select.ts'
import { pinxitRoutes } from '#src/api/pinxit/routes.ts'
import type { App } from '#src/app.ts'
import { issueToken } from '#src/auth/grants.ts'
import type { Id, Role } from '#src/db/tables.ts'
import { startWorker, type Worker } from '#src/jobs/worker.ts'
import { pruneUploads } from '#src/media/prune.ts'
import { mediaResponse } from '#src/media/serve.ts'
import { paintConcurrency, studioHandlers } from '#src/studio/jobs.ts'
import { createBareApp } from '#tests/support/bare-app.ts'
import type { MovedClock } from '#tests/support/moved-clock.ts'
import { type OpenAiStandIn, startOpenAiStandIn } from '#tests/support/openai-stand-in.ts'
import { createRecordedTime } from '#tests/support/painting.ts'

export type Person = { accountId: Id; userId: Id; token: string; role: Role }

export type Generation = {
  id: string
  status: string
  prompt: string
  provider: string
  ai: boolean
  position?: number
  error?: { code: string; message: string }
  media_attachments: {
    id: string
    url: string
    preview_url: string
    blurhash: string
    pinxit: { original_url: string; digital_source_type: string }
  }[]
  cost_micro_usd: number
  created_at: string
}

export type StudioServer = {
  app: App
  clock: MovedClock
  provider: OpenAiStandIn
  readonly worker: Worker
  /** How long one try may last; an hour at first, so that a test's own timeout comes sooner. */
  setAttemptDeadline(ms: number): void
  /** Stops it, if it has not been, and starts another. */
  restartWorker(): Promise<void>
  /** Where media lie on disk. */
  mediaDir: string
  /** As the hourly job does. */
  pruneUploads(): Promise<void>
  person(role?: Role, scopes?: string[]): Promise<Person>
  fetch(path: string, as?: Person, init?: RequestInit): Promise<Response>
  /** Asks for a generation, which must be taken. */
  ask(as: Person, fields: object, headers?: Record<string, string>): Promise<Generation>
  get(as: Person, id: string): Promise<Generation>
  /** Asks, and works until nothing is left to do. */
  paint(as: Person, fields: object): Promise<Generation>
  close(): Promise<void>
}

const api = '/api/pinxit/v1'
const hourMs = 3_600_000

/** Our own endpoints over real HTTP with a worker and OpenAI's stand-in as the provider, or with sketches. */
export async function startStudioServer(
  kind: 'openai' | 'compat' | 'sketch' | 'none' = 'openai',
): Promise<StudioServer> {
  const provider = await startOpenAiStandIn()
  const { app, clock, close } = await createBareApp({
    AI_PROVIDER: kind,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: provider.url,
    AI_IMAGE_MODEL: 'paint-1',
    AI_PRICES: '{"paint-1":{"input":5,"output":40}}',
  })
  const setAttemptDeadline = (attemptDeadlineMs: number) => {
    const retries = { ...defaultRetryPolicy, time: createRecordedTime() }
    app.images = createImageProvider(app.config.ai, { attemptDeadlineMs, retries })
  }
  setAttemptDeadline(hourMs)
  const start = () =>
    startWorker({
      db: app.db,
      url: app.databaseUrl,
      clock,
      handlers: handlersOf(app),
      concurrency: { paint: paintConcurrency(app) },
      drainMs: 100,
    })
  let worker = start()
  const http = createAdaptorServer({ fetch: routesOf(app).fetch })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const origin = `http://127.0.0.1:${portOf(http.address())}`
  const server: StudioServer = {
    app,
    clock,
    provider,
    get worker() {
      return worker
    },
    setAttemptDeadline,
    restartWorker: async () => {
      await worker.stop()
      worker = start()
    },
    mediaDir: join(app.config.dataDir, 'media'),
    pruneUploads: async () => {
      const tomorrow = new Date(Date.now() + 25 * hourMs)
      await pruneUploads({ ...app, clock: { now: () => tomorrow } })
    },
    person: (role, scopes) => makePerson(app, role, scopes),
    fetch: (path, as, init = {}) => {
      const headers = new Headers(init.headers)
      if (as) headers.set('authorization', `Bearer ${as.token}`)
      return fetch(new URL(/^.(api|media)./.test(path) ? path : `${api}${path}`, origin), {
        ...init,
        headers,
      })
    },
    ask: async (as, fields, headers = {}) => {
      const answer = await post(server, as, fields, headers)
      expect(answer.status).toBe(202)
      return generationOf(answer)
    },
    get: async (as, id) => generationOf(await server.fetch(`/generations/${id}`, as)),
    paint: async (as, fields) => {
      const { id } = await server.ask(as, fields)
      await worker.settle()
      return server.get(as, id)
    },
    close: async () => {
      const closed = once(http, 'close')
      http.close()
      if ('closeAllConnections' in http) http.closeAllConnections()
      await closed
      await worker.stop()
      await provider.close()
      await close()
    },
  }
  return server
}

export function post(server: StudioServer, as: Person, fields: object, headers: Record<string, string> = {}) {
  return server.fetch('/generations', as, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(fields),
  })
}

export async function generationOf(answer: Response): Promise<Generation> {
  return answer.json() as Promise<Generation>
}

export type Heard = { id: number; event: string; data: Record<string, unknown> }

/** The events of a generation as they come; ends with the stream. */
export async function* listen(answer: Response): AsyncGenerator<Heard, void> {
  let buffered = ''
  if (!answer.body) throw new Error('The answer has no body')
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    buffered += chunk
    const messages = buffered.split('\n\n')
    buffered = messages.pop() ?? ''
    for (const message of messages) {
      const fields = new Map(
        message
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      const event = fields.get('event')
      if (event === undefined) continue
      yield { id: Number(fields.get('id')), event, data: JSON.parse(fields.get('data') ?? '{}') }
    }
  }
}

export async function listenToEnd(answer: Response): Promise<Heard[]> {
  return Array.fromAsync(listen(answer))
}

/** What the ledger says of an account: its entries' kinds, and what they come to. */
export async function ledgerOf(app: App, accountId: Id) {
  const entries = await app.db
    .selectFrom('ledger_entries')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute()
  const sum = (pick: (entry: (typeof entries)[number]) => string) =>
    entries.reduce((total, entry) => total + Number(pick(entry)), 0)
  return {
    kinds: entries.map(({ kind }) => kind),
    charged: sum((entry) => entry.amount_micro_usd),
    operator: sum((entry) => entry.operator_cost_micro_usd),
  }
}

let people = 0

async function makePerson(app: App, role: Role = 'user', scopes = ['read', 'write']): Promise<Person> {
  people += 1
  const { account, user } = await register(app, {
    username: `painter${people}`,
    email: `painter${people}@mail.example`,
    passwordHash: 'none',
    role,
    confirmed: true,
    approved: true,
  })
  const { token } = await issueToken(app, { accountId: account.id, application: null, scopes })
  return { accountId: account.id, userId: user.id, token, role }
}

export function handlersOf(app: App) {
  return {
    ...studioHandlers(app),
    deleteFiles: async ({ keys }: { keys: string[] }) => {
      for (const key of keys) await app.storage.delete(key)
    },
  }
}

function routesOf(app: App) {
  return new Hono({ strict: false })
    .route(api, pinxitRoutes(app))
    .get('/media/*', (c) => mediaResponse(app.storage, c.req.path.slice('/media/'.length), c.req.raw))
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || !address) throw new Error('Not listening')
  return address.port
}
