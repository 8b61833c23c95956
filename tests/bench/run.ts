import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfChanged } from '#src/build.ts'
import { type Bare, measureBare } from './bare.ts'
import { measureInbound } from './inbound.ts'
import { measureInboundGrowth } from './inbound-growth.ts'
import { measureMemory } from './memory.ts'
import { measureOutbound } from './outbound.ts'
import { measureOutboundGrowth } from './outbound-growth.ts'
import { measurePost } from './post.ts'
import { measureActor, measureHome } from './reads.ts'
import { type Row, ratioOf, tableOf } from './report.ts'
import { type Stage, setStage } from './stage.ts'
import { measureStart } from './start.ts'

const root = join(import.meta.dirname, '..', '..')

type Hall = {
  folder: string
  dist: string
  atEnd(step: () => Promise<void>): void
  /** Made by the first that asks for it. */
  stage(): Promise<Stage>
  bare(): Promise<Bare>
}

// In this order: what is measured later finds the server warm, and memory comes after all load but the heaviest.
const measurements: Record<string, (hall: Hall) => Promise<Row[]>> = {
  start: async (hall) => measureStart(hall, await hall.bare()),
  home: async ({ stage }) => measureHome(await stage()),
  actor: async ({ stage }) => measureActor(await stage()),
  post: async ({ stage }) => measurePost(await stage()),
  inbound: async ({ stage }) => measureInbound(await stage()),
  outbound: async ({ stage }) => measureOutbound(await stage()),
  memory: async ({ stage, bare }) => measureMemory(await stage(), await bare()),
  'outbound-growth': async ({ stage }) => measureOutboundGrowth(await stage()),
  'inbound-growth': async ({ stage }) => measureInboundGrowth(await stage()),
}

const help = `npm run bench -- [--only NAME]… [--json] [--profile FOLDER]

Prints ratios of what this server does to what the same machine can do at most, measured in one run, on loopback.
Takes up to eight minutes. tests/bench/README.md says what is measured and how.

  --only NAME       ${Object.keys(measurements).join(', ')}; may be given several times
  --json            rows as JSON instead of the table
  --profile FOLDER  has V8 write a CPU profile of the server there (.cpuprofile); its figures are then too low
  --help            this`

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'boolean' },
    profile: { type: 'string' },
    help: { type: 'boolean' },
  },
})

if (values.help) console.log(help)
else if (process.platform !== 'linux') {
  console.error('The bench reads the CPU time of the server and its database from /proc: it needs Linux.')
} else await bench(chosen(values.only))

function chosen(only: string[] | undefined): string[] {
  const unknown = only?.find((name) => !Object.hasOwn(measurements, name))
  if (unknown !== undefined) {
    console.error(`There is no measurement called ${unknown}.\n\n${help}`)
    process.exit(2)
  }
  return Object.keys(measurements).filter((name) => only?.includes(name) ?? true)
}

async function bench(names: string[]): Promise<void> {
  const steps: (() => Promise<void>)[] = []
  const folder = mkdtempSync(join(tmpdir(), 'pinxit-bench-'))
  const rows: Row[] = []
  const faults: string[] = []
  const hall = openHall(folder, (step) => steps.push(step))
  const measuring = measureAll(names, hall, rows, faults)
  const wasStopped = await Promise.race([measuring.then(() => false), interrupted()])
  say('Cleaning up')
  for (const step of steps.reverse()) await step().catch((error: unknown) => faults.push(String(error)))
  rmSync(folder, { recursive: true, force: true })
  say('')
  show(rows)
  if (wasStopped) console.error('Stopped before the end.')
  // What stopping breaks is no fault.
  else for (const fault of faults) console.error(fault)
  process.exit(faults.length > 0 && !wasStopped ? 1 : 0)
}

async function measureAll(names: string[], hall: Hall, rows: Row[], faults: string[]): Promise<void> {
  say('Building')
  await buildIfChanged(root, { log: () => undefined })
  hall.dist = realpathSync(join(root, 'dist'))
  for (const [index, name] of names.entries()) {
    say(`${index + 1} of ${names.length}: ${name}`)
    try {
      rows.push(...((await measurements[name]?.(hall)) ?? []))
    } catch (error) {
      faults.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

function openHall(folder: string, atEnd: Hall['atEnd']): Hall {
  let stage: Promise<Stage> | undefined
  let bare: Promise<Bare> | undefined
  if (values.profile) mkdirSync(values.profile, { recursive: true })
  const hall: Hall = {
    folder,
    dist: '',
    atEnd,
    stage: () =>
      (stage ??= setStage({
        dist: hall.dist,
        dataDir: join(folder, 'data'),
        profileDir: values.profile,
        atEnd,
      })),
    bare: () => (bare ??= measureBare({ folder, atEnd })),
  }
  return hall
}

function interrupted(): Promise<true> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(true))
  })
}

/** One line that is overwritten in a terminal. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else if (text) process.stderr.write(`${text}\n`)
}

function show(rows: readonly Row[]): void {
  if (values.json) {
    const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model }
    console.log(
      JSON.stringify({ machine, rows: rows.map((row) => ({ ...row, ratio: ratioOf(row) })) }, null, 2),
    )
  } else if (rows.length > 0) console.log(tableOf(rows))
}
