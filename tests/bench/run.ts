import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildIfChanged } from '#src/build.ts'
import { measureBare } from './bare.ts'
import { createAuthority } from './certificates.ts'
import { createLimits } from './limits.ts'
import { type Bench, measurements } from './measurements.ts'
import { help, type Options, parseOptions, UsageError } from './options.ts'
import { createProgress } from './progress.ts'
import { jsonOf, type Row, tableOf } from './report.ts'
import { seedFolder } from './seed-folder.ts'
import type { Hall } from './site.ts'
import { setStage } from './stage.ts'

const root = join(import.meta.dirname, '..', '..')
const progress = createProgress(process.stderr)

type Order = Extract<Options, { command: 'measure' }>

const options = readOptions()
if (options.command === 'help') console.log(help)
else if (options.command === 'seed') await seedFolder({ ...options, progress })
else if (process.platform !== 'linux') {
  console.error('The bench reads the CPU time of the server and its database from /proc: it needs Linux.')
} else await measure(options)

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}. npm run -s bench -- --help lists what there is.`)
    process.exit(2)
  }
}

async function measure(order: Order): Promise<void> {
  const startedAt = performance.now()
  const steps: (() => Promise<void>)[] = []
  const folder = mkdtempSync(join(tmpdir(), 'pinxit-bench-'))
  const rows: Row[] = []
  const faults: string[] = []
  const measuring = measureAll({ order, folder, atEnd: (step) => steps.push(step), rows, faults })
  const wasStopped = await Promise.race([measuring.then(() => false), interrupted()])
  progress.step('Cleaning up')
  for (const step of steps.reverse()) await step().catch((error: unknown) => faults.push(String(error)))
  rmSync(folder, { recursive: true, force: true })
  progress.end()
  show(rows, order, Math.round((performance.now() - startedAt) / 1000))
  if (wasStopped) console.error('Stopped before the end.')
  // What stopping breaks is no fault.
  else for (const fault of faults) console.error(fault)
  process.exit(faults.length > 0 && !wasStopped ? 1 : 0)
}

type Run = {
  order: Order
  folder: string
  atEnd: Hall['atEnd']
  rows: Row[]
  faults: string[]
}

async function measureAll({ order, folder, atEnd, rows, faults }: Run): Promise<void> {
  progress.step('Building')
  await buildIfChanged(root, { log: () => undefined })
  const bench = await openBench({ order, folder, atEnd })
  for (const [index, name] of order.names.entries()) {
    progress.step(`${index + 1} of ${order.names.length}: ${name}`)
    try {
      rows.push(...((await measurements[name]?.measure(bench)) ?? []))
    } catch (error) {
      faults.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

async function openBench({ order, folder, atEnd }: Omit<Run, 'rows' | 'faults'>): Promise<Bench> {
  const authority = await createAuthority()
  const authorityFile = join(folder, 'authority.pem')
  writeFileSync(authorityFile, authority.cert)
  const { profileDir, minutes, notes } = order
  if (profileDir) mkdirSync(profileDir, { recursive: true })
  const dist = realpathSync(join(root, 'dist'))
  const hall: Hall = { folder, dist, profileDir, authority, authorityFile, progress, atEnd }
  return {
    ...hall,
    minutes,
    notes,
    limits: createLimits(hall),
    stage: once(() => setStage(hall)),
    bare: once(() => measureBare(hall)),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

function interrupted(): Promise<true> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(true))
  })
}

function show(rows: readonly Row[], { isJson }: Order, seconds: number): void {
  const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model }
  if (isJson) console.log(jsonOf(rows, { machine, seconds }))
  else if (rows.length > 0) console.log(tableOf(rows))
}
