import { readdirSync, readFileSync } from 'node:fs'

// Linux tells what each process used in /proc: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html

/** CPU seconds, or MB, of a server: the process itself with its helpers, and its database. */
export type Usage = { server: number; database: number }

type Process = { pid: number; parent: number; name: string; cpuSeconds: number }

const ticksPerSecond = 100
const bytesPerMb = 1_000_000

/**
 * What a process and everything it started used since they began, those that ended included.
 * @param except pids that do not count, such as the backend of our own connection
 */
export function cpuSeconds(pid: number, except: readonly number[] = []): Usage {
  return sumUp(familyOf(pid, except), (one) => one.cpuSeconds)
}

/** Memory in MB: proportional shares (PSS) where the system lets us read them, else what is resident. */
export function memoryMb(pid: number, except: readonly number[] = []): Usage {
  return sumUp(familyOf(pid, except), (one) => memoryOf(one.pid) / bytesPerMb)
}

/** The process and its descendants, parents first. */
export function familyOf(pid: number, except: readonly number[] = []): Process[] {
  const all = listProcesses()
  const family = all.filter((one) => one.pid === pid)
  for (const parent of family) family.push(...all.filter((one) => one.parent === parent.pid))
  return family.filter((one) => !except.includes(one.pid))
}

export function totalOf({ server, database }: Usage): number {
  return server + database
}

export function difference(after: Usage, before: Usage): Usage {
  return { server: after.server - before.server, database: after.database - before.database }
}

function sumUp(family: Process[], of: (one: Process) => number): Usage {
  const usage: Usage = { server: 0, database: 0 }
  for (const one of family) usage[one.name === 'postgres' ? 'database' : 'server'] += of(one)
  return usage
}

function listProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((one) => one !== undefined)
}

function readProcess(pid: number): Process | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  const parts = stat && /^\d+ \((.*)\) \S (.*)$/s.exec(stat)
  if (!parts) return undefined
  const [, name = '', rest = ''] = parts
  const fields = rest.split(' ').map(Number)
  // User and system time of the process, then of its children that ended.
  const ticks = fields.slice(10, 14).reduce((sum, value) => sum + value, 0)
  return { pid, parent: fields[0] ?? 0, name, cpuSeconds: ticks / ticksPerSecond }
}

function memoryOf(pid: number): number {
  const shares = readIfThere(`/proc/${pid}/smaps_rollup`)
  const found =
    /^Pss:\s+(\d+) kB/m.exec(shares ?? '') ??
    /^VmRSS:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/status`) ?? '')
  return Number(found?.[1] ?? 0) * 1024
}

/** Undefined for a process that ended meanwhile, or that is not ours to look into. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
