import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { identityOf } from '#src/db/embedded/process-identity.ts'
import {
  type EmbeddedPostgres,
  joinEmbeddedPostgres,
  startEmbeddedPostgres,
} from '#src/db/embedded-postgres.ts'

const folders: string[] = []
const servers: EmbeddedPostgres[] = []
const owners: ChildProcess[] = []
const ownedPids: number[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  for (const owner of owners.splice(0)) {
    if (owner.exitCode !== null || owner.signalCode !== null) continue
    owner.kill('SIGTERM')
    await once(owner, 'exit')
  }
  // What still runs would write into the folder while it is removed.
  for (const pid of ownedPids.splice(0)) await expect.poll(() => isAlive(pid)).toBe(false)
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(...below: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'pinxit-embedded-'))
  chmodSync(folder, 0o755)
  folders.push(folder)
  return join(folder, ...below)
}

async function start(dataDir: string, log?: (message: string) => void): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, ...(log && { log }) })
  servers.push(server)
  return server
}

async function query(server: { url: string }, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url, connectionTimeoutMillis: 5_000 })
  // Tests end servers under their clients.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

/** Another process that owns the folder; its standard output names its Postgres. */
async function ownerProcess(dataDir: string): Promise<{ owner: ChildProcess; postgresPid: number }> {
  const program = `
    import { startEmbeddedPostgres } from '#src/db/embedded-postgres.ts'
    const server = await startEmbeddedPostgres({ dataDir: process.argv[1] })
    process.on('SIGTERM', () => process.exit(0))
    console.log(server.pid)
    setInterval(() => {}, 60_000)`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  owners.push(owner)
  const [line] = await once(owner.stdout, 'data')
  ownedPids.push(Number(line))
  return { owner, postgresPid: Number(line) }
}

function isAlive(pid: number): boolean {
  return identityOf(pid) !== undefined
}

test('the first start makes a database, the next one finds what was written', async () => {
  const dataDir = newFolder('data')
  const first = await start(dataDir)
  await query(first, 'create table kept (word text)')
  await query(first, `insert into kept values ('ärger')`)
  await first.stop()
  expect(isAlive(first.pid)).toBe(false)
  const second = await start(dataDir)
  expect(await query(second, 'select word from kept')).toEqual(['ärger'])
})

test('the database speaks UTF-8, sorts by code point, keeps UTC and stores before it answers', async () => {
  const server = await start(newFolder())
  const settings = [
    'server_encoding',
    'datlocale',
    'TimeZone',
    'fsync',
    'synchronous_commit',
    'listen_addresses',
  ]
  const found = await query(
    server,
    `select current_setting('server_encoding'), datlocale, current_setting('TimeZone'), current_setting('fsync'),
      current_setting('synchronous_commit'), current_setting('listen_addresses')
    from pg_database where datname = current_database()`,
  )
  expect(Object.fromEntries(settings.map((name, index) => [name, found[index]]))).toEqual({
    server_encoding: 'UTF8',
    datlocale: 'C.UTF-8',
    TimeZone: 'UTC',
    fsync: 'on',
    synchronous_commit: 'on',
    listen_addresses: '',
  })
})

test('no one but the database user and root can reach the socket or the files', async () => {
  const dataDir = newFolder()
  await start(dataDir)
  expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700)
  expect(statSync(join(dataDir, 'postgres.log')).mode & 0o777).toBe(0o600)
})

test('a stop leaves no lock, and a second stop is harmless', async () => {
  const dataDir = newFolder()
  const server = await start(dataDir)
  await Promise.all([server.stop(), server.stop()])
  expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(false)
  expect(existsSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false)
})

test('a second owner is refused by the name of the first', async () => {
  const dataDir = newFolder()
  const { owner, postgresPid } = await ownerProcess(dataDir)
  await expect(start(dataDir)).rejects.toThrow(
    new RegExp(`${dataDir} is in use by another Pinxit \\(process ${owner.pid}\\)`),
  )
  expect(isAlive(postgresPid)).toBe(true)
})

test('of two starts at once one owns the folder and the other is refused', async () => {
  const dataDir = newFolder()
  const results = await Promise.allSettled([start(dataDir), start(dataDir)])
  expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('a command joins the server of the owner and leaves it running', async () => {
  const dataDir = newFolder()
  const { postgresPid } = await ownerProcess(dataDir)
  const joined = await joinEmbeddedPostgres({ dataDir })
  expect(await query(joined, 'select 1')).toEqual([1])
  await joined.stop()
  expect(isAlive(postgresPid)).toBe(true)
})

test('a command without a server runs one of its own', async () => {
  const dataDir = newFolder()
  const joined = await joinEmbeddedPostgres({ dataDir })
  servers.push(joined)
  expect(await query(joined, 'select 1')).toEqual([1])
  await joined.stop()
  expect(isAlive(joined.pid)).toBe(false)
})

test('an owner that exits takes its Postgres along', async () => {
  const { owner, postgresPid } = await ownerProcess(newFolder())
  owner.kill('SIGTERM')
  await once(owner, 'exit')
  await expect.poll(() => isAlive(postgresPid)).toBe(false)
})

test('the Postgres of a killed owner is ended at the next start, and its rows are there', async () => {
  const dataDir = newFolder()
  const { owner, postgresPid } = await ownerProcess(dataDir)
  const before = await joinEmbeddedPostgres({ dataDir })
  await query(before, 'create table kept as select 7 as n')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  expect(isAlive(postgresPid)).toBe(true)
  const after = await start(dataDir)
  expect(isAlive(postgresPid)).toBe(false)
  expect(await query(after, 'select n from kept')).toEqual([7])
})

test('a killed Postgres comes back by itself with every committed row', async () => {
  const heard: string[] = []
  const server = await start(newFolder(), (message) => heard.push(message))
  await query(server, 'create table kept as select 7 as n')
  const firstPid = server.pid
  process.kill(firstPid, 'SIGKILL')
  await expect.poll(() => server.pid).not.toBe(firstPid)
  await expect.poll(() => query(server, 'select n from kept').catch(() => [])).toEqual([7])
  expect(heard.join('\n')).toMatch(/ended unexpectedly.*\n.*runs again/)
})

test('a folder whose owner and Postgres were both killed starts again', async () => {
  const dataDir = newFolder()
  const { owner, postgresPid } = await ownerProcess(dataDir)
  await query(await joinEmbeddedPostgres({ dataDir }), 'create table kept as select 7 as n')
  owner.kill('SIGKILL')
  process.kill(postgresPid, 'SIGKILL')
  await once(owner, 'exit')
  expect(await query(await start(dataDir), 'select n from kept')).toEqual([7])
})

test('a pid that was given to another program owns nothing', async () => {
  const dataDir = newFolder()
  const first = await start(dataDir)
  await first.stop()
  const another = { pid: process.pid, startedAt: '1', bootId: 'an earlier boot' }
  writeFileSync(join(dataDir, 'postgres.lock'), JSON.stringify(another))
  const postmaster = join(dataDir, 'postgres', 'cluster', 'postmaster.pid')
  writeFileSync(postmaster, `${process.pid}\n${dataDir}\n1\n5432\n${dataDir}\n\n  1 1\nready   \n`)
  writeFileSync(join(dataDir, 'postgres', '.s.PGSQL.5432.lock'), `${process.pid}\n`)
  expect(await query(await start(dataDir), 'select 1')).toEqual([1])
})

test('a Postgres in a container of its own that shares the folder is not disturbed', async () => {
  const dataDir = newFolder()
  const { postgresPid } = await ownerProcess(dataDir)
  // From inside another container neither its lock's process nor its postmaster's can be seen.
  rmSync(join(dataDir, 'postgres.lock'))
  rmSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))
  await expect(start(dataDir)).rejects.toThrow(/in use: another Postgres answers/)
  expect(isAlive(postgresPid)).toBe(true)
})

test('a first start that was cut off is made anew', async () => {
  const dataDir = newFolder()
  mkdirSync(join(dataDir, 'postgres', 'new-1'), { recursive: true })
  writeFileSync(join(dataDir, 'postgres', 'new-1', 'PG_VERSION'), '')
  expect(await query(await start(dataDir), 'select 1')).toEqual([1])
  expect(existsSync(join(dataDir, 'postgres', 'new-1'))).toBe(false)
})

test('a folder whose path is too long for a socket works', async () => {
  const dataDir = newFolder('a'.repeat(60), 'b'.repeat(60))
  const server = await start(dataDir)
  expect(await query(server, 'select 1')).toEqual([1])
  const socketDir = new URL(server.url).searchParams.get('host') ?? ''
  folders.push(socketDir)
  expect(Buffer.byteLength(socketDir)).toBeLessThan(100)
  expect(statSync(socketDir).mode & 0o777).toBe(0o700)
})

test('a folder that others cannot enter works for root', async () => {
  const dataDir = newFolder('closed', 'data')
  mkdirSync(dataDir, { recursive: true })
  chmodSync(join(dataDir, '..'), 0o700)
  expect(await query(await start(dataDir), 'select 1')).toEqual([1])
})
