import { aspects } from './aspects.ts'
import type { ImageProvider, PaintedPicture, PaintHooks, PaintOutcome, PaintRequest } from './provider.ts'
import { noUsage } from './provider.ts'
import { isRasterFormat } from './raster-format.ts'
import { compose } from './sketch/compose.ts'
import type { Stage } from './sketch/drawing.ts'
import { paletteOfPixels } from './sketch/palette.ts'
import { grainSide } from './sketch/protocol.ts'
import { createRandom } from './sketch/random.ts'
import { createSketchRenderer, type SketchRenderer } from './sketch/render.ts'

const stages: readonly Stage[] = [0, 1, 2]
const maxReferences = 4

/**
 * Procedural pictures without any AI: the same prompt, size and references give the same bytes. References lend
 * their colours. `deadlineMs` is for a whole painting, after which its process is killed.
 */
export function createSketchImages(options: { deadlineMs?: number } = {}): ImageProvider {
  const { deadlineMs = 30_000 } = options
  return {
    name: 'sketch',
    isAi: false,
    model: 'sketch-1',
    capabilities: { aspects, maxCount: 4, edit: true, stream: true },
    paint: (request, hooks) => paint(request, hooks, deadlineMs),
  }
}

async function paint(request: PaintRequest, hooks: PaintHooks, deadlineMs: number): Promise<PaintOutcome> {
  if (hooks.signal.aborted) return { outcome: 'cancelled', usage: noUsage }
  const renderer = createSketchRenderer(deadlineMs)
  hooks.signal.addEventListener('abort', renderer.close, { once: true })
  const inHand: { thrown?: unknown } = {}
  try {
    const pictures = await paintAll(request, hooks, renderer, inHand)
    return { outcome: 'painted', pictures, usage: { ...noUsage, images: pictures.length }, requestIds: [] }
  } catch (error) {
    if ('thrown' in inHand) throw inHand.thrown
    if (hooks.signal.aborted) return { outcome: 'cancelled', usage: noUsage }
    const message = 'The sketch could not be drawn.'
    return { outcome: 'refused', code: 'unavailable', message, detail: String(error), usage: noUsage }
  } finally {
    hooks.signal.removeEventListener('abort', renderer.close)
    renderer.close()
  }
}

async function paintAll(
  request: PaintRequest,
  hooks: PaintHooks,
  renderer: SketchRenderer,
  inHand: { thrown?: unknown },
): Promise<PaintedPicture[]> {
  const references = (request.references ?? []).filter(isRasterFormat).slice(0, maxReferences)
  const palette = await paletteOfReferences(renderer, references)
  const grain = paperGrain()
  const pictures: PaintedPicture[] = []
  for (let index = 0; index < request.count; index += 1) {
    const random = createRandom(request.prompt, String(index), ...references)
    const drawing = compose(request.prompt, request.size, random, palette)
    for (const stage of stages) {
      const bytes = await render(renderer, { svg: drawing.svg(stage), grain, isFinal: false })
      try {
        await hooks.onPartial({ index, step: stage, bytes })
      } catch (error) {
        inHand.thrown = error
        throw error
      }
    }
    pictures.push({ index, bytes: await render(renderer, { svg: drawing.svg(2), grain, isFinal: true }) })
  }
  return pictures
}

async function paletteOfReferences(renderer: SketchRenderer, references: readonly Uint8Array[]) {
  if (references.length === 0) return undefined
  const results = []
  for (const bytes of references) results.push(await renderer.run({ task: 'colours', bytes }))
  return paletteOfPixels(results.flatMap((result) => (result.result === 'colours' ? result.colours : [])))
}

async function render(
  renderer: SketchRenderer,
  drawn: { svg: string; grain: Uint8Array; isFinal: boolean },
): Promise<Uint8Array> {
  const result = await renderer.run({ task: 'render', ...drawn })
  if (result.result !== 'rendered') throw new Error('The renderer answered something else.')
  return result.bytes
}

/** Faint, even noise around middle grey, the same for every picture: soft light turns it into paper. */
function paperGrain(): Uint8Array {
  const random = createRandom('paper')
  const middle = 128
  const strength = 26
  return Uint8Array.from({ length: grainSide ** 2 }, () =>
    Math.round(middle + strength * (random.next() + random.next() + random.next() - 1.5)),
  )
}
