import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type ByteRange,
  isMediaKey,
  type MediaStat,
  type MediaStorage,
  mediaTypeOfKey,
  requireMediaKey,
  type StoredMedia,
} from './storage.ts'

const CHUNK_BYTES = 64 * 1024

/** @param baseUrl what keys are appended to, without a trailing slash */
export function createDiskStorage({ dir, baseUrl }: { dir: string; baseUrl: string }): MediaStorage {
  return {
    put: (key, bytes) => put(dir, key, bytes),
    stat: (key) => statOf(dir, key),
    get: (key, range) => get(dir, key, range),
    async delete(key) {
      requireMediaKey(key)
      await rm(join(dir, key), { force: true })
    },
    deleteUnfinished: (before) => deleteUnfinished(incomingOf(dir), before),
    urlOf: (key) => `${baseUrl}/${key}`,
  }
}

const incomingOf = (dir: string): string => join(dir, 'incoming')

/** Whole or absent, even after a power cut: written aside, synced, renamed, and the folders synced. */
async function put(dir: string, key: string, bytes: Uint8Array): Promise<void> {
  requireMediaKey(key)
  const path = join(dir, key)
  const incoming = incomingOf(dir)
  const temporary = join(incoming, randomBytes(16).toString('hex'))
  await Promise.all([mkdir(dirname(path), { recursive: true }), mkdir(incoming, { recursive: true })])
  try {
    await writeSynced(temporary, bytes)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  for (const folder of [dirname(path), dirname(dirname(path)), dir]) await syncFolder(folder)
}

async function deleteUnfinished(incoming: string, before: Date): Promise<void> {
  for (const name of await namesIn(incoming)) {
    const path = join(incoming, name)
    // Finished meanwhile, and so moved away.
    const found = await stat(path).catch(() => undefined)
    if (found && found.mtime < before) await rm(path, { force: true })
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o640)
  await file.writeFile(bytes)
  await file.sync()
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}

async function statOf(dir: string, key: string): Promise<MediaStat | undefined> {
  if (!isMediaKey(key)) return undefined
  try {
    const found = await stat(join(dir, key))
    return found.isFile() ? { size: found.size, mediaType: mediaTypeOfKey(key) } : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function get(dir: string, key: string, range?: ByteRange): Promise<StoredMedia | undefined> {
  const found = await statOf(dir, key)
  if (!found) return undefined
  const { first, last } = range ?? { first: 0, last: found.size - 1 }
  return { ...found, stream: fileStream(join(dir, key), first, last) }
}

/** Opens the file at the first read, so that an answer nobody reads (HEAD) holds no file open. */
function fileStream(path: string, first: number, last: number): ReadableStream<Uint8Array> {
  const chunks = readChunks(path, first, last)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}

async function* readChunks(path: string, first: number, last: number): AsyncGenerator<Uint8Array, void> {
  await using file = await open(path, 'r')
  for (let position = first; position <= last; ) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, last + 1 - position))
    const { bytesRead } = await file.read(chunk, 0, chunk.byteLength, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield chunk.subarray(0, bytesRead)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
