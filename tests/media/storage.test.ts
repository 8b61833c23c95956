import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDiskStorage } from '#src/media/disk-storage.ts'
import { createS3Storage } from '#src/media/s3-storage.ts'
import { type MediaStorage, newMediaKey } from '#src/media/storage.ts'
import { startS3StandIn } from './s3-stand-in.ts'

const content = Buffer.from('0123456789'.repeat(20_000))

async function diskStorage() {
  const dir = await mkdtemp(join(tmpdir(), 'pinxit-media-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return { dir, storage: createDiskStorage({ dir, baseUrl: 'http://localhost:3000/media' }) }
}

async function s3Storage() {
  const standIn = await startS3StandIn()
  onTestFinished(() => standIn.close())
  const { endpoint, settings } = standIn
  const storage = createS3Storage({ endpoint, ...settings, mediaUrl: 'https://media.example' })
  return { standIn, storage, settings }
}

async function read(storage: MediaStorage, key: string, range?: { first: number; last: number }) {
  const media = await storage.get(key, range)
  return media && { ...media, stream: Buffer.from(await new Response(media.stream).arrayBuffer()) }
}

const hostileKeys = [
  '',
  '.',
  '..',
  '../../etc/passwd',
  '/etc/passwd',
  'ab/cd/../../../../etc/passwd',
  'ab/cd/0123456789abcdef0123456789abcdef.jpg/../x',
  'ab/cd/0123456789abcdef0123456789abcdef.jpg\0.png',
  'ab/cd/0123456789abcdef0123456789abcdef.jpg\n',
  'ab/cd/0123456789ABCDEF0123456789ABCDEF.jpg',
  'ab\\cd\\0123456789abcdef0123456789abcdef.jpg',
  '%2e%2e/%2e%2e/0123456789abcdef0123456789abcdef.jpg',
  'incoming/0123456789abcdef0123456789abcdef',
  'ab/cd/.hidden',
  'x'.repeat(100_000),
]

describe.each([
  ['disk', diskStorage],
  ['S3', s3Storage],
])('%s storage', (_name, create) => {
  test('gives back what was put, whole and in parts', async () => {
    const { storage } = await create()
    const key = newMediaKey('jpg')
    await storage.put(key, content)
    const whole = { size: 200_000, mediaType: 'image/jpeg' }
    expect(await storage.stat(key)).toEqual(whole)
    expect(await read(storage, key)).toEqual({ ...whole, stream: content })
    for (const range of [
      { first: 0, last: 0 },
      { first: 65_530, last: 65_540 },
      { first: 100_000, last: 199_999 },
    ]) {
      const stream = content.subarray(range.first, range.last + 1)
      expect(await read(storage, key, range)).toEqual({ ...whole, stream })
    }
  })

  test('holds an empty file', async () => {
    const { storage } = await create()
    const key = newMediaKey('bin')
    await storage.put(key, Buffer.alloc(0))
    expect((await read(storage, key))?.stream).toEqual(Buffer.alloc(0))
  })

  test('has nothing under a key never put, or deleted; deleting twice is no error', async () => {
    const { storage } = await create()
    const key = newMediaKey('webp')
    expect(await storage.stat(key)).toBeUndefined()
    expect(await storage.get(key)).toBeUndefined()
    await storage.put(key, content)
    expect(await storage.stat(key)).toBeDefined()
    await storage.delete(key)
    await storage.delete(key)
    expect(await storage.get(key)).toBeUndefined()
  })

  test.each(hostileKeys)('never touches a name that climbs or hides: %j', async (key) => {
    const { storage } = await create()
    expect(await storage.stat(key)).toBeUndefined()
    expect(await storage.get(key)).toBeUndefined()
    await expect(storage.put(key, content)).rejects.toThrow(TypeError)
    await expect(storage.delete(key)).rejects.toThrow(TypeError)
  })

  test('a stream nobody wants to the end can be cancelled', async () => {
    const { storage } = await create()
    const key = newMediaKey('png')
    await storage.put(key, content)
    const reader = (await storage.get(key))?.stream.getReader()
    expect((await reader?.read())?.value?.byteLength).toBeGreaterThan(0)
    await reader?.cancel()
    await (await storage.get(key))?.stream.cancel()
  })
})

test('keys are random and keep the extension', () => {
  const keys = Array.from({ length: 1000 }, () => newMediaKey('webp'))
  expect(new Set(keys).size).toBe(1000)
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{32}\.webp$/)
  for (const extension of ['', '../x', 'JPG', 'a/b', 'a.b', 'muchtoolong']) {
    expect(() => newMediaKey(extension)).toThrow(TypeError)
  }
})

test('addresses are the key behind the base', async () => {
  const key = newMediaKey('jpg')
  expect((await diskStorage()).storage.urlOf(key)).toBe(`http://localhost:3000/media/${key}`)
  expect((await s3Storage()).storage.urlOf(key)).toBe(`https://media.example/${key}`)
})

describe('on disk', () => {
  test('a file lies under its key and nothing stays behind from writing it', async () => {
    const { dir, storage } = await diskStorage()
    const key = newMediaKey('jpg')
    await storage.put(key, content)
    expect(await readFile(join(dir, key))).toEqual(content)
    expect(await readdir(join(dir, 'incoming'))).toEqual([])
  })

  test('a file that cannot be written leaves nothing and says so', async () => {
    const { dir, storage } = await diskStorage()
    const key = newMediaKey('jpg')
    await writeFile(join(dir, key.slice(0, 2)), 'a file where a folder should be')
    await expect(storage.put(key, content)).rejects.toThrow()
    expect(await storage.get(key)).toBeUndefined()
    const other = newMediaKey('jpg')
    await storage.put(other, content)
    expect(await storage.stat(other)).toBeDefined()
  })

  test('a folder with the name of a key is no file', async () => {
    const { dir, storage } = await diskStorage()
    const key = newMediaKey('jpg')
    await storage.put(key, content)
    await storage.delete(key)
    await symlink('/', join(dir, key))
    expect(await storage.get(key)).toBeUndefined()
  })
})

describe('in a bucket', () => {
  test('a file is put with its type, and every request is signed', async () => {
    const { standIn, storage } = await s3Storage()
    const key = newMediaKey('webp')
    await storage.put(key, content)
    expect(standIn.objects.get(key)).toEqual({ bytes: content, mediaType: 'image/webp' })
    expect(standIn.refusedSignatures).toBe(0)
  })

  test('a wrong secret is refused and stores nothing', async () => {
    const { standIn, settings } = await s3Storage()
    const wrong = {
      ...settings,
      secretAccessKey: 'wrong',
      endpoint: standIn.endpoint,
      mediaUrl: 'https://m.example',
    }
    const storage = createS3Storage(wrong)
    await expect(storage.put(newMediaKey('jpg'), content)).rejects.toMatchObject({ kind: 'unavailable' })
    expect([standIn.objects.size, standIn.refusedSignatures]).toEqual([0, 1])
  })

  test('a store that stumbles is asked again; one that stays down is unavailable', async () => {
    const { standIn, storage } = await s3Storage()
    const key = newMediaKey('jpg')
    standIn.faults.push(500, 503)
    await storage.put(key, content)
    expect(standIn.objects.has(key)).toBe(true)
    for (const ask of [() => storage.put(key, content), () => storage.get(key), () => storage.stat(key)]) {
      standIn.faults.splice(0, Number.POSITIVE_INFINITY, 503, 503, 503, 503)
      await expect(ask()).rejects.toMatchObject({ kind: 'unavailable' })
    }
    standIn.faults.length = 0
    await standIn.close()
    await expect(storage.get(key)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('a redirect is not followed: it would carry the signature elsewhere', async () => {
    const { standIn, storage } = await s3Storage()
    standIn.faults.push(307)
    await expect(storage.get(newMediaKey('jpg'))).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

test('what a crash left half written is cleared away, and what is being written now is not', async () => {
  const { dir, storage } = await diskStorage()
  const key = newMediaKey('png')
  await storage.deleteUnfinished(new Date())
  await storage.put(key, content)
  const leftover = join(dir, 'incoming', '0123456789abcdef0123456789abcdef')
  await writeFile(leftover, 'half')
  await storage.deleteUnfinished(new Date(Date.now() - 60_000))
  expect(await readdir(join(dir, 'incoming'))).toHaveLength(1)
  await storage.deleteUnfinished(new Date(Date.now() + 60_000))
  expect(await readdir(join(dir, 'incoming'))).toEqual([])
  expect((await read(storage, key))?.stream).toEqual(content)
})
