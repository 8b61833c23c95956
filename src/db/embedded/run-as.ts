import { chownSync, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '#src/base/errors.ts'

/** How Postgres' programs are started: under which user, and by which program when plain spawning is not enough. */
export type RunAs = {
  uid: number | undefined
  gid: number | undefined
  /** Put before the command, as `setpriv … --`. */
  prefix: string[]
}

/**
 * Postgres refuses to run as root. When we are root it runs as the user who owns `folder` already, or else
 * as `nobody`, who then owns it. `needed` are the paths that user must reach.
 */
export function chooseRunAs(folder: string, needed: string[]): RunAs {
  if (process.getuid?.() !== 0) return { uid: undefined, gid: undefined, prefix: [] }
  const owner = statSync(folder)
  const user = owner.uid === 0 ? nobody() : { uid: owner.uid, gid: owner.gid }
  chownSync(folder, user.uid, user.gid)
  const closed = needed.map((path) => closedPart(path, user.uid)).find((path) => path !== undefined)
  if (closed === undefined) return { ...user, prefix: [] }
  return { uid: undefined, gid: undefined, prefix: passThrough(closed, user) }
}

function nobody(): { uid: number; gid: number } {
  const line = existsSync('/etc/passwd')
    ? readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(-?\d+):(-?\d+):/m)
    : null
  return { uid: Number(line?.[1] ?? 65534), gid: Number(line?.[2] ?? 65534) }
}

/** The path itself, or the folder on the way to it, that the user may not enter or run. */
function closedPart(path: string, uid: number): string | undefined {
  for (let part = path; ; part = dirname(part)) {
    const stat = statSync(part)
    const open = (stat.mode & 0o001) !== 0 || (stat.uid === uid && (stat.mode & 0o100) !== 0)
    if (!open) return part
    if (part === dirname(part)) return undefined
  }
}

// A clone in /root is closed to everyone else. Rather than open it, the database user is lent the one
// capability that lets it pass.
function passThrough(closed: string, user: { uid: number; gid: number }): string[] {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
  const capability = passingCapability(statSync(closed).isDirectory())
  if (!setpriv || !capability) {
    throw new AppError(
      'unavailable',
      `Postgres does not run as root, and its user (${user.uid}) cannot enter ${closed}. ` +
        'Start Pinxit as an ordinary user, move it and DATA_DIR elsewhere (as /srv), or set DATABASE_URL.',
    )
  }
  return [
    setpriv,
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    `--bounding-set=-all,+${capability}`,
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    // Or else access(2), by which initdb looks for its companions, disregards the capability.
    '--securebits=+no_setuid_fixup',
    '--',
  ]
}

function passingCapability(isFolder: boolean): string | undefined {
  if (process.platform !== 'linux') return undefined
  const effective = readFileSync('/proc/self/status', 'utf8').match(/^CapEff:\s*([0-9a-f]+)/m)?.[1] ?? '0'
  const has = (bit: bigint): boolean => ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n
  // The first only walks and reads, so it runs no program that a strict umask closed; container engines
  // leave only the second.
  if (isFolder && has(2n)) return 'dac_read_search'
  return has(1n) ? 'dac_override' : undefined
}
