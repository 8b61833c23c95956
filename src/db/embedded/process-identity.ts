import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Names one process for good: a pid alone is given out again. */
export type ProcessIdentity = { pid: number; startedAt: string; bootId: string }

export function identityOf(pid: number): ProcessIdentity | undefined {
  const startedAt = startTime(pid)
  return startedAt === undefined ? undefined : { pid, startedAt, bootId: bootId() }
}

export function isAlive(process: ProcessIdentity): boolean {
  const now = identityOf(process.pid)
  return now?.startedAt === process.startedAt && now.bootId === process.bootId
}

/** The command line of a living process, undefined when there is none of that pid. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform === 'linux') return readOrUndefined(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ')
  return runOrUndefined('/bin/ps', ['-ww', '-o', 'command=', '-p', String(pid)])
}

function startTime(pid: number): string | undefined {
  if (process.platform !== 'linux') return runOrUndefined('/bin/ps', ['-o', 'lstart=', '-p', String(pid)])
  const stat = readOrUndefined(`/proc/${pid}/stat`)
  // The second field is the program's name in parentheses and may hold spaces; fields are counted behind it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie has ended, though its parent has not yet asked.
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}

function bootId(): string {
  const id =
    process.platform === 'linux'
      ? readOrUndefined('/proc/sys/kernel/random/boot_id')
      : runOrUndefined('/usr/sbin/sysctl', ['-n', 'kern.boottime'])
  return id ?? 'unknown'
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function runOrUndefined(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
