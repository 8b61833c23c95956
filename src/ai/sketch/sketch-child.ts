// The process in which sketches become pixels. It holds no secret and no connection; render.ts starts it for one
// painting, bounds it in time and ends it.
import sharp from 'sharp'
import type { Colour } from './colour.ts'
import { grainSide, isSketchTask, type SketchResult, type SketchTask } from './protocol.ts'

const maxPixels = 50_000_000
const previewSide = 768
const colourSide = 16

async function run(task: SketchTask): Promise<SketchResult> {
  if (task.task === 'colours') return { result: 'colours', colours: await coloursOf(task.bytes) }
  const drawn = sharp(Buffer.from(task.svg), { limitInputPixels: maxPixels }).removeAlpha()
  if (!task.isFinal) {
    const preview = drawn
      .resize({ width: previewSide, height: previewSide, fit: 'inside' })
      .jpeg({ quality: 70 })
    return { result: 'rendered', bytes: await preview.toBuffer() }
  }
  const grain = await sharp(task.grain, { raw: { width: grainSide, height: grainSide, channels: 1 } })
    .toColourspace('srgb')
    .png()
    .toBuffer()
  const onPaper = drawn.composite([{ input: grain, tile: true, blend: 'soft-light' }]).removeAlpha()
  return { result: 'rendered', bytes: await onPaper.png({ compressionLevel: 7 }).toBuffer() }
}

async function coloursOf(bytes: Uint8Array): Promise<Colour[]> {
  const pixels = await sharp(bytes, { limitInputPixels: maxPixels })
    .resize(colourSide, colourSide, { fit: 'fill' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer()
  const at = (index: number) => pixels[index] ?? 0
  return Array.from({ length: colourSide ** 2 }, (_, pixel) => [
    at(pixel * 3),
    at(pixel * 3 + 1),
    at(pixel * 3 + 2),
  ])
}

const endNow = () => process.kill(process.pid, 'SIGKILL')

// Ctrl-C reaches the whole process group, but a draining server still wants its pictures.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', endNow)
process.on('message', (message: unknown) => {
  if (!isSketchTask(message)) return
  run(message)
    .catch((error): SketchResult => ({ result: 'failed', reason: String(error) }))
    .then((result) => process.send?.(result))
})

sharp.cache(false)
sharp.concurrency(1)
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Svg', 'Jpeg', 'Png', 'Webp'].map((name) => `VipsForeignLoad${name}Buffer`),
})
