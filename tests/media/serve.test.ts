import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDiskStorage } from '#src/media/disk-storage.ts'
import { mediaResponse } from '#src/media/serve.ts'
import { type MediaStorage, newMediaKey } from '#src/media/storage.ts'

const content = '0123456789'
const jpegKey = newMediaKey('jpg')
const otherKey = newMediaKey('html')
let dir: string
let storage: MediaStorage

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pinxit-media-'))
  storage = createDiskStorage({ dir, baseUrl: 'http://localhost/media' })
  await storage.put(jpegKey, Buffer.from(content))
  await storage.put(otherKey, Buffer.from('<script>alert(1)</script>'))
})
afterAll(() => rm(dir, { recursive: true }))

function ask(key: string, headers: Record<string, string> = {}, method = 'GET') {
  return mediaResponse(storage, key, new Request('http://localhost/media', { method, headers }))
}

test('a picture is served as its type, for ever, and can run nothing', async () => {
  const response = await ask(jpegKey, { accept: 'application/activity+json, text/html' })
  expect(response.status).toBe(200)
  expect(await response.text()).toBe(content)
  expect(Object.fromEntries(response.headers)).toEqual({
    'content-type': 'image/jpeg',
    'content-length': '10',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'public, max-age=31536000, immutable',
    'accept-ranges': 'bytes',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    etag: expect.stringMatching(/^"[0-9a-f]{32}\.jpg"$/),
  })
})

test('anything that is no picture is a download of unknown type', async () => {
  const { headers } = await ask(otherKey)
  expect(headers.get('content-type')).toBe('application/octet-stream')
  expect(headers.get('content-disposition')).toBe('attachment')
  expect(headers.get('content-security-policy')).toContain('sandbox')
})

test.each(['', 'x', '../../etc/passwd', newMediaKey('jpg'), `${jpegKey}/..`, jpegKey.toUpperCase()])(
  'no such file: %j',
  async (key) => {
    expect((await ask(key)).status).toBe(404)
  },
)

test('HEAD says the same as GET, without the bytes', async () => {
  const [get, head] = [await ask(jpegKey), await ask(jpegKey, {}, 'HEAD')]
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers))
})

test('who has it already is told so', async () => {
  const etag = (await ask(jpegKey)).headers.get('etag') ?? ''
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const response = await ask(jpegKey, { 'if-none-match': tag })
    expect([response.status, await response.text()]).toEqual([304, ''])
  }
  expect((await ask(jpegKey, { 'if-none-match': '"other"' })).status).toBe(200)
})

describe('byte ranges', () => {
  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', content, 'bytes 0-9/10'],
    ['bytes=8-99999999999999999999999999', '89', 'bytes 8-9/10'],
    ['BYTES=9-9', '9', 'bytes 9-9/10'],
  ])('%s is a part', async (range, text, contentRange) => {
    const response = await ask(jpegKey, { range })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(contentRange)
    expect(response.headers.get('content-length')).toBe(String(text.length))
    expect(await response.text()).toBe(text)
  })

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', `bytes=${'9'.repeat(4000)}-`])(
    '%s cannot be satisfied',
    async (range) => {
      const response = await ask(jpegKey, { range })
      expect([response.status, await response.text()]).toEqual([416, ''])
      expect(response.headers.get('content-range')).toBe('bytes */10')
      expect(response.headers.get('cache-control')).toBe('no-store')
    },
  )

  test.each([
    'bytes=5-2',
    'bytes=-',
    'bytes=abc',
    'bytes=1.5-3',
    'bytes=0x1-0x2',
    'lines=1-2',
    `bytes=${'0-0,'.repeat(10_000)}1-1`,
  ])('%s is ignored', async (range) => {
    const response = await ask(jpegKey, { range })
    expect([response.status, await response.text()]).toEqual([200, content])
  })

  test('a part of another version is not wanted', async () => {
    const etag = (await ask(jpegKey)).headers.get('etag') ?? ''
    expect((await ask(jpegKey, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
    expect((await ask(jpegKey, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
  })

  test('no header at all breaks it', async () => {
    const piece = fc.constantFrom('bytes=', '-', ',', '0', '5', '99999999999999999999', ' ', '=', 'x')
    const range = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    await fc.assert(
      fc.asyncProperty(range, async (value) => {
        const response = await ask(jpegKey, { range: value })
        expect([200, 206, 416]).toContain(response.status)
        const length = response.status === 416 ? '0' : response.headers.get('content-length')
        expect(String((await response.text()).length)).toBe(length)
      }),
      { seed: 20_260_801, numRuns: 200 },
    )
  })
})
