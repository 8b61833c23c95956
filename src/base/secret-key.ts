import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/**
 * The root secret kept in `dataDir`, made on first use. Two processes starting at once agree on one: the file is
 * written whole and then linked into place, which only one of them can do.
 */
export function loadSecretKey(dataDir: string): string {
  const file = join(dataDir, 'secret-key')
  return read(file) ?? create(dataDir, file)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function create(dataDir: string, file: string): string {
  mkdirSync(dataDir, { recursive: true })
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const handle = openSync(own, 'wx', 0o600)
  writeSync(handle, `${randomBytes(32).toString('base64url')}\n`)
  fsyncSync(handle)
  closeSync(handle)
  try {
    linkSync(own, file)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    unlinkSync(own)
  }
  return readFileSync(file, 'utf8').trim()
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Puts the secret of a backup in the place of the one kept in `dataDir`. */
export function replaceSecretKey(dataDir: string, secretKey: string): void {
  const draft = join(dataDir, `secret-key.${process.pid}.${randomBytes(4).toString('hex')}`)
  writeFileSync(draft, `${secretKey}\n`, { mode: 0o600, flush: true })
  renameSync(draft, join(dataDir, 'secret-key'))
}
