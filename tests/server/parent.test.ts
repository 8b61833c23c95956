import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildIfChanged } from '#src/build.ts'
import { identityOf } from '#src/db/embedded/process-identity.ts'
import { freePort } from '#tests/support/server-process.ts'

// `npm start` as on a machine of four cores, with the embedded database.

const root = join(import.meta.dirname, '..', '..')
const secretKey = 'a secret of at least thirty-two characters'

type Family = { parent: ChildProcess; output(): string; ended: Promise<number | null> }

let dataDir: string
let environment: Record<string, string>
const families: Family[] = []

beforeEach(async () => {
  await buildIfChanged(root, { log: () => undefined })
  dataDir = mkdtempSync(join(tmpdir(), 'pinxit-parent-'))
  environment = { CORES: '4', PORT: String(await freePort()), DATA_DIR: dataDir, SECRET_KEY: secretKey }
})

afterEach(async () => {
  for (const { parent, ended } of families.splice(0)) {
    parent.kill('SIGTERM')
    await ended
  }
  rmSync(dataDir, { recursive: true, force: true })
})

function start(more: Record<string, string> = {}): Family {
  const parent = spawn(process.execPath, [join(root, 'dist', 'main.js')], {
    env: { PATH: process.env.PATH, ...environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [parent.stdout, parent.stderr]) stream.on('data', (chunk) => (output += chunk))
  // All of its output, which its children write to as well: they have ended too then.
  const ended = once(parent, 'close').then(() => parent.exitCode)
  const family = { parent, output: () => output, ended }
  families.push(family)
  return family
}

async function startReady(): Promise<Family> {
  const family = start()
  await untilReady(family)
  return family
}

const ask = (path: string) => fetch(`http://localhost:${environment.PORT}${path}`).catch(() => undefined)
const statusOf = async (path: string) => (await ask(path))?.status
const greetings = ({ output }: Family) => output().match(/Pinxit is ready at .*/g) ?? []

async function untilReady(family: Family): Promise<void> {
  await expect.poll(() => greetings(family).length + Number(family.parent.exitCode !== null)).toBe(1)
  await expect.poll(() => statusOf('/readyz')).toBe(200)
}

/** The processes of a family by their role, from the environment that each was started with. */
function processOf({ parent }: Pick<Family, 'parent'>, role: 'web' | 'worker'): number | undefined {
  return childrenOf(parent.pid).find((pid) => readProc(pid, 'environ').split('\0').includes(`ROLE=${role}`))
}

function childrenOf(pid: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => /\) \S (\d+) /.exec(readProc(each, 'stat'))?.[1] === String(pid))
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

const isAlive = (pid: number | undefined) => pid !== undefined && identityOf(pid) !== undefined
const postmasterFile = () => join(dataDir, 'postgres', 'cluster', 'postmaster.pid')
const postmaster = () => Number(readFileSync(postmasterFile(), 'utf8').split('\n')[0])

describe.skipIf(process.platform !== 'linux')('on a machine of four cores', () => {
  it('one web and one worker process run under a parent, who greets once both are ready', async () => {
    const family = await startReady()
    expect(greetings(family)).toEqual([
      expect.stringMatching(/ready at \S+ · become its owner: \S+\/owner\/\S+/),
    ])
    const [web, worker] = [processOf(family, 'web'), processOf(family, 'worker')]
    expect([isAlive(web), isAlive(worker)]).toEqual([true, true])
    expect(childrenOf(family.parent.pid).sort()).toEqual([web, worker, postmaster()].sort())
    for (const pid of childrenOf(family.parent.pid)) expect(readProc(pid, 'cmdline')).not.toContain(secretKey)
  })

  it('the parent is asked twice to stop, drains both once, ends the database last and answers 0', async () => {
    const family = await startReady()
    const database = postmaster()
    const both = [processOf(family, 'web'), processOf(family, 'worker')]
    family.parent.kill('SIGTERM')
    family.parent.kill('SIGTERM')
    expect(await family.ended).toBe(0)
    expect([...both, database].map(isAlive)).toEqual([false, false, false])
    expect(existsSync(postmasterFile())).toBe(false)
    expect(family.output()).not.toContain('is started again')
  })

  it('Ctrl-C, which reaches all of them, drains them as well', async () => {
    const family = await startReady()
    for (const pid of [processOf(family, 'web'), processOf(family, 'worker'), family.parent.pid])
      process.kill(pid ?? 0, 'SIGINT')
    expect(await family.ended).toBe(0)
    expect(existsSync(postmasterFile())).toBe(false)
  })

  it.each(['web', 'worker'] as const)('a %s process that is killed is replaced', async (role) => {
    const family = await startReady()
    const killed = processOf(family, role)
    process.kill(killed ?? 0, 'SIGKILL')
    await expect.poll(() => isAlive(killed)).toBe(false)
    await expect.poll(() => processOf(family, role)).toBeDefined()
    await expect.poll(() => statusOf('/readyz')).toBe(200)
    expect(processOf(family, role)).not.toBe(killed)
    // Who is there already needs no second greeting, and no second owner.
    expect(greetings(family)).toHaveLength(1)
  })

  it('is not ready while nobody works on jobs', async () => {
    const family = await startReady()
    const worker = processOf(family, 'worker')
    process.kill(worker ?? 0, 'SIGSTOP')
    process.kill(worker ?? 0, 'SIGKILL')
    await expect.poll(async () => (await ask('/readyz'))?.text()).toBe('the worker takes no jobs')
    await expect.poll(() => statusOf('/readyz')).toBe(200)
  })

  it('a killed parent leaves no child, and a database that the next one takes over', async () => {
    const family = await startReady()
    const both = [processOf(family, 'web'), processOf(family, 'worker')]
    family.parent.kill('SIGKILL')
    await family.ended
    await expect.poll(() => both.map(isAlive)).toEqual([false, false])
    const next = await startReady()
    expect(greetings(next)).toHaveLength(1)
  })

  it('what stands in the way of both is said once, and ends all', async () => {
    await (async () => {
      const first = await startReady()
      first.parent.kill('SIGTERM')
      await first.ended
    })()
    const second = start({ SECRET_KEY: 'another secret of thirty-two characters' })
    expect(await second.ended).toBe(1)
    expect(second.output().match(/SECRET_KEY: /g)).toHaveLength(1)
    expect(existsSync(postmasterFile())).toBe(false)
  })

  it('a port that is taken is said in words', async () => {
    await startReady()
    const folder = mkdtempSync(join(tmpdir(), 'pinxit-parent-'))
    const second = start({ DATA_DIR: folder })
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain('HOST and PORT: nothing can be served there')
    rmSync(folder, { recursive: true, force: true })
  })
})
