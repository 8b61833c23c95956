// BAD-INPUT 21 to 24: whatever a file claims to be, it is refused in words or re-encoded, and the next one comes.
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type PictureRefusal, refusalMessages } from '#src/media/picture.ts'
import { createPictureProcessor } from '#src/media/process.ts'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import { gifOfFrames, pngChunk, pngOfClaimedSize, softPicture, withJpegSegments } from './pictures.ts'

const processor = createPictureProcessor({ maxChildren: 1 })
const upload = { source: 'upload' } as const
let jpeg: Buffer

beforeAll(async () => {
  jpeg = await softPicture(320, 240).jpeg().toBuffer()
})
afterEach(async () => {
  const control = await processor.processPicture(jpeg, upload)
  expect(control).toMatchObject({ outcome: 'processed', width: 320, height: 240 })
})
afterAll(() => processor.close())

async function expectRefused(bytes: Uint8Array, ...reasons: PictureRefusal[]) {
  const result = await processor.processPicture(bytes, upload)
  if (result.outcome !== 'refused') throw new Error('was processed')
  expect(reasons).toContain(result.reason)
}

async function expectProcessed(bytes: Uint8Array) {
  const result = await processor.processPicture(bytes, upload)
  if (result.outcome === 'refused') throw new Error(refusalMessages[result.reason])
  return result
}

describe('anything but what it claims', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'
  const uses = Array.from({ length: 20 }, (_, n) => {
    const target = `<use href="#u${n}"/>`
    return `<g id="u${n + 1}">${target.repeat(10)}</g>`
  })
  const nestedSvg = `<svg xmlns="http://www.w3.org/2000/svg"><rect id="u0" width="1" height="1"/>${uses.join('')}</svg>`
  const strangers: [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['text', Buffer.from('a picture, I promise')],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['JSON', Buffer.from('{"@context":"https://www.w3.org/ns/activitystreams","type":"Note"}')],
    ['SVG', Buffer.from(svg)],
    ['SVG with an XML prologue', Buffer.from(`<?xml version="1.0"?><!DOCTYPE svg>${svg}`)],
    ['gzipped SVG', gzipSync(svg)],
    ['SVG with use nested twenty deep', Buffer.from(nestedSvg)],
    ['PDF', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj')],
    ['ZIP', Buffer.from('PK\x03\x04 and more', 'latin1')],
    ['MP4', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1')],
  ]
  test.each(strangers)('%s is no picture', async (_name, bytes) => {
    await expectRefused(bytes, 'notAPicture')
  })

  test('TIFF, which the library could decode, is switched off', async () => {
    const bytes = await softPicture(10, 10).tiff().toBuffer()
    expect((await sharp(bytes).metadata()).format).toBe('tiff')
    await expectRefused(bytes, 'notAPicture')
  })

  test('script that begins like a GIF is refused', async () => {
    await expectRefused(Buffer.from('GIF89a/*<svg onload=alert(1)>*/=1;alert(1)'), 'notAPicture', 'damaged')
  })

  test('a page or an archive behind a picture does not survive', async () => {
    const page = '<script>alert("polyglot")</script>'
    const inComment = withJpegSegments(jpeg, 0xfe, [Buffer.from(page)])
    const picture = await expectProcessed(Buffer.concat([inComment, Buffer.from(`${page}PK\x03\x04`)]))
    for (const file of [picture.original, picture.derivative, picture.small]) {
      expect(Buffer.from(file.bytes).includes('polyglot')).toBe(false)
    }
  })
})

describe('bombs', () => {
  test.each([
    [50_000, 50_000],
    [10_000, 5_001],
    [4_000_000_000, 1],
    [16_384, 1],
  ])('a PNG that claims %i × %i is refused', async (width, height) => {
    await expectRefused(pngOfClaimedSize(width, height), 'tooManyPixels', 'damaged')
  })

  test("a provider's picture of 9,000 × 9,000 is refused, as an upload is", async () => {
    const request = { source: 'painting', digitalSourceType: digitalSourceTypes.painting } as const
    const result = await processor.processPicture(pngOfClaimedSize(9000, 9000), request)
    expect(result).toEqual({ outcome: 'refused', reason: 'tooManyPixels' })
  })

  test('ten thousand frames cost no more than one', async () => {
    const bytes = gifOfFrames(10_000)
    expect((await sharp(bytes, { pages: 1 }).metadata()).pages).toBe(10_000)
    expect(await expectProcessed(bytes)).toMatchObject({ width: 8, height: 8 })
  })

  test('megabytes of metadata are left behind', async () => {
    const body = Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), Buffer.alloc(60_000, 'x')])
    const bytes = withJpegSegments(jpeg, 0xe1, Array(120).fill(body))
    expect(bytes.byteLength).toBeGreaterThan(7_000_000)
    const picture = await expectProcessed(bytes)
    expect(picture.original.bytes.byteLength).toBeLessThan(100_000)
  })

  test('text and colour profiles that unpack to a hundred megabytes do no harm', async () => {
    const packed = deflateSync(Buffer.alloc(100_000_000))
    const text = pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), packed]))
    const profile = pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), packed]))
    for (const chunk of [text, profile]) {
      const picture = await expectProcessed(pngOfClaimedSize(100, 100, [chunk]))
      expect(picture.original.bytes.byteLength).toBeLessThan(10_000)
    }
  })
})

test('where a picture was taken, with what and by whom, is removed', async () => {
  const bytes = await sharp(jpeg)
    .withExif({
      IFD0: { Make: 'SecretCamera', Artist: 'SecretName' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1', GPSLongitude: '0/1 7/1 0/1' },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/" x:GPSLatitude="SecretPlace"/>')
    .toBuffer()
  expect(bytes.includes('SecretCamera') && bytes.includes('SecretPlace')).toBe(true)
  const picture = await expectProcessed(bytes)
  for (const file of [picture.original, picture.derivative, picture.small]) {
    const metadata = await sharp(file.bytes).metadata()
    expect([metadata.exif, metadata.xmp, metadata.iptc, metadata.icc]).toEqual(Array(4).fill(undefined))
    expect(Buffer.from(file.bytes).includes('Secret')).toBe(false)
  }
})

describe('damaged files', () => {
  const formats = ['jpeg', 'png', 'webp', 'gif', 'avif'] as const
  test.each(formats)('a truncated %s is refused at every length', async (format) => {
    const whole = await softPicture(160, 120).toFormat(format).toBuffer()
    await expectProcessed(whole)
    for (const part of [0.02, 0.1, 0.3, 0.5, 0.7, 0.9]) {
      const bytes = whole.subarray(0, Math.floor(whole.length * part))
      await expectRefused(bytes, 'damaged', 'notAPicture')
    }
  })

  test.each(formats)('a fuzzed %s is processed or refused, never worse', async (format) => {
    const whole = await softPicture(96, 64).toFormat(format).toBuffer()
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.integer({ min: 0, max: 255 }) })
    const nearTheStart = fc.record({ at: fc.nat(64), byte: fc.integer({ min: 0, max: 255 }) })
    const changes = fc.array(fc.oneof(change, nearTheStart), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = Buffer.from(whole)
        for (const { at, byte } of list) bytes[at] = byte
        const result = await processor.processPicture(bytes, upload)
        if (result.outcome === 'processed') return
        expect(['damaged', 'notAPicture', 'tooManyPixels']).toContain(result.reason)
      }),
      { seed: 20_260_801, numRuns: 60 },
    )
  })
})
