import { lookup } from 'node:dns/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { register } from '#src/accounts/register.ts'
import type { App } from '#src/app.ts'
import { issueToken } from '#src/auth/grants.ts'
import { hashPassword } from '#src/auth/passwords.ts'
import type { Clock } from '#src/base/clock.ts'
import { parseConfig } from '#src/base/config.ts'
import type { Resolve } from '#src/base/connect.ts'
import type { Account } from '#src/db/accounts.ts'
import type { Id, Role } from '#src/db/tables.ts'
import type { Worker } from '#src/jobs/worker.ts'
import { run } from '#src/run.ts'
import { createTestDatabase } from './database.ts'

export type TestPerson = {
  account: Account
  accountId: Id
  userId: Id
  token: string
  handle: string
  password: string
}

export type TestServer = {
  app: App
  /** Origin, such as `http://localhost:41234`. */
  url: string
  worker: Worker
  clock: TestClock
  /** Works until no job is due here. Use `settle(alice, bob)` for what goes back and forth. */
  settle(): Promise<number>
  /** Makes a person who is confirmed and approved, with a token for all ordinary scopes. */
  person(name: string, options?: { role?: Role; scopes?: string[] }): Promise<TestPerson>
  /** Any request to this server, over real HTTP; with a person, it carries their token. */
  fetch(path: string, init?: RequestInit & { as?: TestPerson | undefined; json?: unknown }): Promise<Response>
  close(): Promise<void>
}

/** The real time plus whatever a test adds. */
export type TestClock = Clock & { advance(ms: number): void }

export function createTestClock(): TestClock {
  let addedMs = 0
  return {
    now: () => new Date(Date.now() + addedMs),
    advance(ms) {
      addedMs += ms
    },
  }
}

/**
 * A whole server in this process, over real HTTP on a port of its own, with its own database and worker.
 * @param environment as an operator would set it, over defaults that allow peers on loopback
 */
export async function startTestServer(environment: Record<string, string> = {}): Promise<TestServer> {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'pinxit-test-'))
  const clock = createTestClock()
  const config = parseConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    ALLOW_PRIVATE_ADDRESSES: '1',
    ...environment,
  })
  const { app, worker, stop } = await run(config, { clock, resolve: resolveHere })
  if (!worker) throw new Error('A test server has a worker')
  return {
    app,
    url: app.publicUrl,
    worker,
    clock,
    settle: () => worker.settle(),
    person: (name, options) => makePerson(app, name, options),
    fetch: (path, init) => request(app.publicUrl, path, init),
    close: async () => {
      await stop()
      await database.destroy()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** This machine's names alone: a test asks nobody on the internet, whatever is written in a note. */
const resolveHere: Resolve = async (hostname) => {
  if (hostname !== 'localhost' && !hostname.endsWith('.localhost')) throw new Error(`${hostname} is not here`)
  return lookup('localhost', { all: true })
}

/** Works on all servers until nothing is due on any. */
export async function settle(...servers: TestServer[]): Promise<void> {
  for (let done = 1; done > 0; ) {
    done = 0
    for (const server of servers) done += await server.settle()
  }
}

async function makePerson(
  app: App,
  name: string,
  { role = 'user' as Role, scopes = ['read', 'write', 'follow', 'push'] } = {},
): Promise<TestPerson> {
  const password = `${name}-a long password`
  const { account, user } = await register(app, {
    username: name,
    email: `${name}@mail.example`,
    passwordHash: await hashPassword(password),
    role,
    confirmed: true,
    approved: true,
  })
  const { token } = await issueToken(app, { accountId: account.id, application: null, scopes })
  const handle = `${name}@${app.handleHost}`
  return { account, accountId: account.id, userId: user.id, token, handle, password }
}

function request(
  url: string,
  path: string,
  { as, json, ...init }: RequestInit & { as?: TestPerson | undefined; json?: unknown } = {},
): Promise<Response> {
  const headers = new Headers(init.headers)
  if (as) headers.set('authorization', `Bearer ${as.token}`)
  if (json !== undefined) headers.set('content-type', 'application/json')
  return fetch(new URL(path, url), {
    redirect: 'manual',
    ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
    ...init,
    headers,
  })
}
