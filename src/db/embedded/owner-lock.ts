import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { AppError } from '#src/base/errors.ts'
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts'

const ownerSchema = z.object({ pid: z.number(), startedAt: z.string(), bootId: z.string() })

export type OwnerLock = { release(): void }

/**
 * Makes this process the owner of a folder by a lock file. Throws an `unavailable` AppError that names the
 * owner when one is alive; the lock of a dead one is taken over.
 */
export function takeOwnership(lockFile: string, folder: string): OwnerLock {
  const own = JSON.stringify({ ...identityOf(process.pid), nonce: randomUUID() })
  for (let attempt = 0; attempt < 10; attempt++) {
    if (linkWhole(lockFile, own)) return { release: () => releaseIfOurs(lockFile, own) }
    const found = readLock(lockFile)
    const owner = parseOwner(found)
    if (owner && isAlive(owner)) throw inUse(folder, owner)
    if (found !== undefined) removeIfStill(lockFile, found)
  }
  throw new AppError('unavailable', `The folder ${folder} is being taken by other processes; try again.`)
}

/** The living process that owns the folder of this lock file. */
export function livingOwner(lockFile: string): ProcessIdentity | undefined {
  const owner = parseOwner(readLock(lockFile))
  return owner && isAlive(owner) ? owner : undefined
}

function inUse(folder: string, owner: ProcessIdentity): AppError {
  return new AppError(
    'unavailable',
    `The folder ${folder} is in use by another Pinxit (process ${owner.pid}). ` +
      'Stop that one first, or give this one a DATA_DIR of its own.',
  )
}

// A link appears with its content or not at all, so that no one ever reads half a lock.
function linkWhole(lockFile: string, content: string): boolean {
  const draft = `${lockFile}.${randomUUID()}`
  writeFileSync(draft, content, { mode: 0o600 })
  try {
    linkSync(draft, lockFile)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

// Two starts may both find the same dead owner. Whoever moves away a lock that is no longer the one it
// judged puts it back.
function removeIfStill(lockFile: string, judged: string): void {
  const aside = `${lockFile}.${randomUUID()}`
  try {
    renameSync(lockFile, aside)
  } catch {
    return
  }
  if (readLock(aside) !== judged) {
    try {
      linkSync(aside, lockFile)
    } catch {
      // A third start was quicker; Postgres' own postmaster.pid decides between it and the second.
    }
  }
  rmSync(aside, { force: true })
}

function releaseIfOurs(lockFile: string, own: string): void {
  if (readLock(lockFile) === own) rmSync(lockFile, { force: true })
}

function readLock(lockFile: string): string | undefined {
  try {
    return readFileSync(lockFile, 'utf8')
  } catch {
    return undefined
  }
}

function parseOwner(content: string | undefined): ProcessIdentity | undefined {
  if (content === undefined) return undefined
  try {
    return ownerSchema.safeParse(JSON.parse(content)).data
  } catch {
    return undefined
  }
}
