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

/**
 * Memory in MB, as it were if nothing else ran on the machine: what processes of the server share, such as the program
 * itself, counts once, and nobody else takes a share of it. What is resident, where the system does not tell more.
 */
export function memoryMb(pid: number, except: readonly number[] = []): Usage {
  const parts = Map.groupBy(familyOf(pid, except), partOf)
  const of = (part: keyof Usage) => memoryOf((parts.get(part) ?? []).map((one) => one.pid)) / bytesPerMb
  return { server: of('server'), database: of('database') }
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
  for (const one of family) usage[partOf(one)] += of(one)
  return usage
}

function partOf({ name }: Process): keyof Usage {
  return name === 'postgres' ? 'database' : 'server'
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

/** In bytes, of several processes of one program. */
function memoryOf(pids: number[]): number {
  const files = new Map<string, number>()
  let bytes = 0
  for (const pid of pids) {
    const shares = readIfThere(`/proc/${pid}/smaps_rollup`) ?? ''
    const mappings = readIfThere(`/proc/${pid}/smaps`) ?? ''
    if (!shares.includes('Pss_Anon') || mappings === '') bytes += residentOf(pid)
    // Between forked processes alone, and so shares add up to what there is.
    else bytes += bytesIn(shares, 'Pss_Anon') + bytesIn(shares, 'Pss_Shmem')
    for (const [file, size] of filesIn(mappings)) files.set(file, Math.max(files.get(file) ?? 0, size))
  }
  return [...files.values()].reduce((sum, size) => sum + size, bytes)
}

/**
 * How much of each file is in memory, by device and inode, without what was changed of it.
 * @param mappings as /proc/PID/smaps has them
 */
export function filesIn(mappings: string): Map<string, number> {
  const files = new Map<string, number>()
  for (const mapping of mappings.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, device, inode, path = ''] = /^\S+ \S+ \S+ (\S+) (\d+) *(.*)$/m.exec(mapping) ?? []
    if (inode === undefined || inode === '0' || /^\/(dev|memfd|SYSV)/.test(path)) continue
    const name = `${device} ${inode}`
    const size = bytesIn(mapping, 'Rss') - bytesIn(mapping, 'Anonymous')
    files.set(name, (files.get(name) ?? 0) + size)
  }
  return files
}

function residentOf(pid: number): number {
  return bytesIn(readIfThere(`/proc/${pid}/status`) ?? '', 'VmRSS')
}

function bytesIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
}

/** Undefined for a process that ended meanwhile, or that is not ours to look into. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
