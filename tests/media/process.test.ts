import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { FEDERATED_MAX_BYTES, type ProcessedPicture, UPLOAD_MAX_BYTES } from '#src/media/picture.ts'
import { createPictureProcessor, type PictureProcessorSettings } from '#src/media/process.ts'
import { digitalSourceTypes } from '#src/media/provenance.ts'
import { readDigitalSourceType } from '#src/media/render.ts'
import { halfTransparentPng, noisePicture, softPicture } from './pictures.ts'

const shared = createPictureProcessor()
afterAll(() => shared.close())

const upload = { source: 'upload' } as const
const painting = { source: 'painting', digitalSourceType: digitalSourceTypes.painting } as const

async function processed(bytes: Uint8Array, request: typeof upload | typeof painting = upload) {
  const result = await shared.processPicture(bytes, request)
  if (result.outcome !== 'processed') throw new Error(`refused: ${result.reason}`)
  return result
}

function ownProcessor(settings: Partial<PictureProcessorSettings>) {
  const processor = createPictureProcessor(settings)
  onTestFinished(() => processor.close())
  return processor
}

function onlyPid(processor: ReturnType<typeof createPictureProcessor>): number {
  const pid = processor.children()[0]?.pid
  if (pid === undefined) throw new Error('no child')
  return pid
}

describe('what is made of a picture', () => {
  const formats = [
    ['image/jpeg', 'image/jpeg', () => softPicture(300, 200).jpeg()],
    ['image/png', 'image/png', () => softPicture(300, 200).png()],
    ['image/gif', 'image/png', () => softPicture(300, 200).gif()],
    ['image/webp', 'image/webp', () => softPicture(300, 200).webp()],
    ['image/avif', 'image/webp', () => softPicture(300, 200).avif({ effort: 0 })],
  ] as const
  test.each(formats)('%s is sniffed and decoded', async (_type, masterType, make) => {
    const picture = await processed(await make().toBuffer())
    expect(picture).toMatchObject({ width: 300, height: 200 })
    expect(picture.original).toMatchObject({ mediaType: masterType, width: 300, height: 200 })
    expect(picture.derivative).toMatchObject({ mediaType: 'image/jpeg', extension: 'jpg', width: 300 })
    expect(picture.small).toMatchObject({ mediaType: 'image/webp', extension: 'webp', width: 300 })
    expect(picture.blurhash).toMatch(/^[\w#$%*+,.:;=?@[\]^{|}~-]{28}$/)
    expect(picture.dominantColor).toMatch(/^#[0-9a-f]{6}$/)
    expect(picture.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  const red = () => sharp({ create: { width: 40, height: 40, channels: 3, background: '#ff0000' } })
  const colours = [
    ['grey', () => red().grayscale().png()],
    ['16-bit', () => red().toColourspace('rgb16').png()],
    ['palette', () => red().png({ palette: true })],
    ['CMYK', () => red().toColourspace('cmyk').jpeg()],
  ] as const
  test.each(colours)('%s pixels become sRGB', async (_name, make) => {
    const picture = await processed(await make().toBuffer())
    expect(await sharp(picture.derivative.bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3 })
  })

  test('a transparent picture federates as WebP and keeps its transparency', async () => {
    const picture = await processed(await halfTransparentPng(80, 60))
    expect(picture.derivative).toMatchObject({ mediaType: 'image/webp', extension: 'webp' })
    const { data, info } = await sharp(picture.derivative.bytes).raw().toBuffer({ resolveWithObject: true })
    expect([info.channels, data[3], data[79 * 4 + 3]]).toEqual([4, 255, 0])
  })

  test('an alpha channel that hides nothing does not keep a picture from being a JPEG', async () => {
    const picture = await processed(await softPicture(50, 50).ensureAlpha().png().toBuffer())
    expect(picture.derivative.mediaType).toBe('image/jpeg')
  })

  test('the federated picture is at most 4,000 pixels on a side, the preview 640', async () => {
    const picture = await processed(await softPicture(5000, 1000).jpeg().toBuffer())
    expect(picture).toMatchObject({ width: 5000, height: 1000 })
    expect(picture.original).toMatchObject({ width: 5000, height: 1000 })
    expect(picture.derivative).toMatchObject({ width: 4000, height: 800 })
    expect(picture.small).toMatchObject({ width: 640, height: 128 })
  })

  test.each([
    [1600, 'the quality goes down', 1600],
    [3600, 'pixels are given up', undefined],
  ])('what compresses badly at %i pixels still fits into 2 MB: %s', async (side, _how, width) => {
    const { derivative } = await processed(await noisePicture(side, side).jpeg({ quality: 60 }).toBuffer())
    expect(derivative.bytes.byteLength).toBeLessThanOrEqual(FEDERATED_MAX_BYTES)
    expect(derivative.bytes.byteLength).toBeGreaterThan(FEDERATED_MAX_BYTES / 2)
    expect(derivative.width).toBe(width ?? derivative.width)
    expect(derivative.width).toBeGreaterThan(1000)
  })

  test('EXIF orientation is applied to everything', async () => {
    const bytes = await softPicture(300, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const picture = await processed(bytes)
    expect(picture).toMatchObject({ width: 200, height: 300 })
    for (const file of [picture.original, picture.derivative, picture.small]) {
      expect(file).toMatchObject({ width: 200, height: 300 })
      expect((await sharp(file.bytes).metadata()).orientation).toBeUndefined()
    }
  })

  test('an animation becomes its first frame', async () => {
    const frames = [softPicture(64, 64).png().toBuffer(), softPicture(64, 64).png().toBuffer()]
    const bytes = await sharp(await Promise.all(frames), { join: { animated: true } })
      .webp()
      .toBuffer()
    expect((await sharp(bytes).metadata()).pages).toBe(2)
    const { derivative, original } = await processed(bytes)
    expect(derivative).toMatchObject({ width: 64, height: 64 })
    expect((await sharp(original.bytes).metadata()).pages).toBeUndefined()
  })
})

describe('provenance', () => {
  test("a painting's original stays byte for byte, and what is derived says what it is", async () => {
    const bytes = await softPicture(300, 200).png().toBuffer()
    const picture = await processed(bytes, painting)
    expect(Buffer.compare(picture.original.bytes, bytes)).toBe(0)
    expect(picture.original).toMatchObject({ mediaType: 'image/png', extension: 'png' })
    expect(await readDigitalSourceType(picture.derivative.bytes)).toBe(digitalSourceTypes.painting)
    expect(await readDigitalSourceType(picture.small.bytes)).toBe(digitalSourceTypes.painting)
    expect(picture.digitalSourceType).toBe(digitalSourceTypes.painting)
  })

  test('a photograph claims nothing', async () => {
    const picture = await processed(await softPicture(100, 100).jpeg().toBuffer())
    expect(picture.digitalSourceType).toBeUndefined()
    expect(await readDigitalSourceType(picture.derivative.bytes)).toBeUndefined()
  })

  test('an upload that says it was painted elsewhere goes on saying so', async () => {
    const { derivative } = await processed(await softPicture(100, 100).png().toBuffer(), painting)
    const picture = await processed(derivative.bytes)
    expect(picture.digitalSourceType).toBe(digitalSourceTypes.painting)
    for (const file of filesOf(picture)) {
      expect(await readDigitalSourceType(file)).toBe(digitalSourceTypes.painting)
    }
  })

  const hasExiftool = isInstalled('exiftool')
  if (!hasExiftool) console.warn('exiftool is not installed: the cross-check of XMP is skipped')
  test.skipIf(!hasExiftool)('exiftool reads the same digital source type', async () => {
    const picture = await processed(await halfTransparentPng(80, 80), painting)
    const opaque = await processed(await softPicture(80, 80).png().toBuffer(), painting)
    for (const file of [picture.derivative, picture.small, opaque.derivative]) {
      const args = ['-n', '-s3', '-XMP-iptcExt:DigitalSourceType', '-']
      const said = execFileSync('exiftool', args, { input: file.bytes, encoding: 'utf8' })
      expect(said.trim()).toBe(digitalSourceTypes.painting)
    }
  })
})

describe('the child process', () => {
  test('does the work: while it stands still, so does the picture', async () => {
    const processor = ownProcessor({ maxChildren: 1 })
    await processor.processPicture(await softPicture(16, 16).png().toBuffer(), upload)
    const pid = onlyPid(processor)
    expect(pid).not.toBe(process.pid)
    process.kill(pid, 'SIGSTOP')
    const bytes = await softPicture(16, 16).png().toBuffer()
    const result = processor.processPicture(bytes, upload).then(({ outcome }) => outcome)
    expect(await Promise.race([result, wait(200, 'waiting')])).toBe('waiting')
    process.kill(pid, 'SIGCONT')
    expect(await result).toBe('processed')
  })

  test.each([0, 60, 200])('killed %i ms into a picture, that picture and the next still come', async (ms) => {
    const processor = ownProcessor({ maxChildren: 1 })
    const small = await softPicture(16, 16).png().toBuffer()
    await processor.processPicture(small, upload)
    const pid = onlyPid(processor)
    const large = processor.processPicture(await softPicture(4000, 3000).jpeg().toBuffer(), upload)
    const next = processor.processPicture(small, upload)
    await wait(ms)
    process.kill(pid, 'SIGKILL')
    expect((await large).outcome).toBe('processed')
    expect((await next).outcome).toBe('processed')
    // A quick machine may have been done with both before.
    await processor.processPicture(small, upload)
    expect(onlyPid(processor)).not.toBe(pid)
  })

  test('killed twice over the same picture, the picture is refused and the next comes', async () => {
    const processor = ownProcessor({ maxChildren: 2 })
    const bytes = await softPicture(16, 16).png().toBuffer()
    const process16 = () => processor.processPicture(bytes, upload)
    await Promise.all([process16(), process16()])
    const pids = processor.children().flatMap(({ pid }) => pid ?? [])
    expect(pids).toHaveLength(2)
    for (const pid of pids) process.kill(pid, 'SIGSTOP') // they take the picture and never answer
    const refused = process16()
    for (const pid of pids) {
      expect(processor.children().find((child) => child.isBusy)?.pid).toBe(pid)
      process.kill(pid, 'SIGKILL')
      await expect.poll(() => processor.children().map((child) => child.pid)).not.toContain(pid)
    }
    expect(await refused).toEqual({ outcome: 'refused', reason: 'unprocessable' })
    expect((await process16()).outcome).toBe('processed')
  })

  test('hanging, is ended at the deadline, and the next picture comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const processor = ownProcessor({ maxChildren: 1, deadlineMs: 20_000 })
    const bytes = await softPicture(16, 16).png().toBuffer()
    await processor.processPicture(bytes, upload)
    process.kill(onlyPid(processor), 'SIGSTOP')
    const hung = processor.processPicture(bytes, upload)
    const next = processor.processPicture(bytes, upload)
    vi.advanceTimersByTime(20_000)
    expect(await hung).toEqual({ outcome: 'refused', reason: 'tooSlow' })
    expect((await next).outcome).toBe('processed')
  })

  test('that grows beyond its memory ends itself and the picture is refused', async () => {
    const bytes = await softPicture(4000, 3000).jpeg().toBuffer()
    const tight = ownProcessor({ maxRssBytes: 64 * 1024 * 1024 })
    expect(await tight.processPicture(bytes, upload)).toEqual({ outcome: 'refused', reason: 'tooMuchMemory' })
    expect((await shared.processPicture(bytes, upload)).outcome).toBe('processed')
  })

  test('twenty pictures at once are worked on by two children', async () => {
    const processor = ownProcessor({ maxChildren: 2 })
    const bytes = await softPicture(600, 400).jpeg().toBuffer()
    const seen: number[] = []
    const results = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const result = await processor.processPicture(bytes, upload)
        seen.push(processor.children().length)
        return result.outcome
      }),
    )
    expect(new Set(results)).toEqual(new Set(['processed']))
    expect(Math.max(...seen)).toBe(2)
  })

  test('more pictures than may wait are told to come back, the others are processed', async () => {
    const processor = ownProcessor({ maxChildren: 1, maxWaiting: 2 })
    const bytes = await softPicture(64, 64).jpeg().toBuffer()
    const settled = await Promise.allSettled(
      Array.from({ length: 5 }, () => processor.processPicture(bytes, upload)),
    )
    expect(settled.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    const rejected = settled.find((one) => one.status === 'rejected')
    expect(rejected?.reason).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 10 })
  })

  test('goes away when idle, and comes back when needed', async () => {
    const processor = ownProcessor({ idleMs: 20 })
    const bytes = await softPicture(16, 16).png().toBuffer()
    expect(processor.children()).toEqual([])
    await processor.processPicture(bytes, upload)
    await expect.poll(() => processor.children()).toEqual([])
    expect((await processor.processPicture(bytes, upload)).outcome).toBe('processed')
  })

  test('ends with a server that was killed', async () => {
    const program = `
      const { createPictureProcessor } = await import('#src/media/process.ts')
      const processor = createPictureProcessor()
      await processor.processPicture(Buffer.from('no picture'), { source: 'upload' })
      console.log(processor.children()[0].pid)
      setInterval(() => {}, 1000)`
    const server = spawn(process.execPath, ['--input-type=module', '-e', program])
    const [line] = await once(server.stdout, 'data')
    const pid = Number(String(line))
    expect(isAlive(pid)).toBe(true)
    server.kill('SIGKILL')
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  test.runIf(process.platform === 'linux')('is told nothing of our environment', async () => {
    const processor = ownProcessor({})
    await processor.processPicture(Buffer.from('no picture'), upload)
    const environment = readFileSync(`/proc/${onlyPid(processor)}/environ`, 'latin1')
    expect(environment).toContain('MALLOC_ARENA_MAX')
    expect(environment).not.toContain('PATH=')
  })

  test('closing answers those who wait', async () => {
    const processor = createPictureProcessor({ maxChildren: 1 })
    const bytes = await softPicture(16, 16).png().toBuffer()
    const waiting = [processor.processPicture(bytes, upload), processor.processPicture(bytes, upload)]
    const settled = Promise.allSettled(waiting)
    await processor.close()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(processor.processPicture(bytes, upload)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(processor.children()).toEqual([])
  })
})

test('an upload over the limit is refused before any child sees it', async () => {
  const processor = ownProcessor({})
  const result = await processor.processPicture(new Uint8Array(UPLOAD_MAX_BYTES + 1), upload)
  expect(result).toEqual({ outcome: 'refused', reason: 'tooManyBytes' })
  expect(processor.children()).toEqual([])
})

function filesOf(picture: ProcessedPicture): Uint8Array[] {
  return [picture.original.bytes, picture.derivative.bytes, picture.small.bytes]
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function isInstalled(command: string): boolean {
  try {
    execFileSync(command, ['-ver'])
    return true
  } catch {
    return false
  }
}
