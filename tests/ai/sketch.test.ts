import { createHash } from 'node:crypto'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { compose } from '#src/ai/sketch/compose.ts'
import { createRandom } from '#src/ai/sketch/random.ts'
import { createSketchRenderer } from '#src/ai/sketch/render.ts'
import { createSketchImages } from '#src/ai/sketch.ts'
import { paintedBy, paintRequest, paintWith, refusedBy } from '#tests/support/painting.ts'

const sha = (bytes: Uint8Array | undefined) =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
const svgOf = (prompt: string) =>
  compose(prompt, { width: 512, height: 256 }, createRandom(prompt, '0')).svg(2)

/** One word for each of the ten scenes. */
const sceneWords = 'sea mountain forest bouquet town desert paper bauhaus wind rainbow'.split(' ')

describe('a sketch', () => {
  test('is a PNG of the size asked for, and no AI', async () => {
    const sketch = createSketchImages()
    const { outcome } = await paintWith(sketch, { size: { width: 512, height: 256 } })
    const { format, width, height } = await sharp(paintedBy(outcome).pictures[0]?.bytes).metadata()
    expect({ format, width, height }).toEqual({ format: 'png', width: 512, height: 256 })
    expect(sketch).toMatchObject({ name: 'sketch', isAi: false })
  })

  test('is the same for the same prompt and another for another', async () => {
    const sketch = createSketchImages()
    const prompts = ['a quiet harbour', 'a quiet harbour', 'a quiet harbor']
    const pictures = []
    for (const prompt of prompts) {
      pictures.push(sha(paintedBy((await paintWith(sketch, { prompt })).outcome).pictures[0]?.bytes))
    }
    expect(pictures[1]).toBe(pictures[0])
    expect(pictures[2]).not.toBe(pictures[0])
  })

  test('comes in several versions, each with three previews that grow', async () => {
    const { outcome, partials } = await paintWith(createSketchImages(), { count: 3 })
    expect(new Set(paintedBy(outcome).pictures.map(({ bytes }) => sha(bytes))).size).toBe(3)
    expect(partials.map(({ index, step }) => `${index}.${step}`)).toEqual(
      [0, 1, 2].flatMap((index) => [0, 1, 2].map((step) => `${index}.${step}`)),
    )
    expect(new Set(partials.map(({ bytes }) => sha(bytes))).size).toBe(9)
    expect((await sharp(partials[0]?.bytes).metadata()).format).toBe('jpeg')
  })

  test('takes its colours from a reference', async () => {
    const reference = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c01020' } })
      .png()
      .toBuffer()
    const { outcome } = await paintWith(createSketchImages(), { prompt: 'dunes', references: [reference] })
    const { dominant } = await sharp(paintedBy(outcome).pictures[0]?.bytes).stats()
    expect(dominant.r).toBeGreaterThan(dominant.g * 2)
    expect(dominant.r).toBeGreaterThan(dominant.b * 2)
  })

  test('with a damaged reference is refused, and the next is drawn', async () => {
    const references = [Buffer.from('\x89PNG\r\n\x1a\nnot really', 'latin1')]
    expect(refusedBy((await paintWith(createSketchImages(), { references })).outcome).code).toBe(
      'unavailable',
    )
    paintedBy((await paintWith(createSketchImages())).outcome)
  })

  test('can be cancelled', async () => {
    const cancel = new AbortController()
    const outcome = await createSketchImages().paint(
      { ...paintRequest, count: 4 },
      { signal: cancel.signal, onPartial: () => cancel.abort() },
    )
    expect(outcome.outcome).toBe('cancelled')
  })

  test('ends by its deadline', async () => {
    const { outcome } = await paintWith(createSketchImages({ deadlineMs: 1 }))
    expect(refusedBy(outcome).code).toBe('unavailable')
  })

  test('lets an error of our own through', async () => {
    const failure = new Error('disk full')
    const painting = createSketchImages().paint(paintRequest, {
      signal: new AbortController().signal,
      onPartial: () => Promise.reject(failure),
    })
    await expect(painting).rejects.toBe(failure)
  })
})

describe('the SVG of a sketch', () => {
  test.each(sceneWords)('of a %s holds shapes and numbers only', (word) => {
    const svg = svgOf(word)
    const elements = new Set([...svg.matchAll(/<(\w+)/g)].map(([, name]) => name))
    const allowed = ['svg', 'defs', 'linearGradient', 'radialGradient', 'stop', 'path', 'circle']
    expect([...elements].filter((name) => !allowed.includes(String(name)))).toEqual([])
    expect(svg).not.toContain(word)
    expect(svg.length).toBeLessThan(2_000_000)
  })

  test('never holds a word of the prompt, whatever the prompt', () => {
    const hostile = fc.constantFrom(
      '"/><script>',
      '<use href="#a"/>',
      ']]>',
      '&xxe;',
      'url(http://x)',
      '\0',
      '﷽',
    )
    const prompts = fc
      .tuple(hostile, fc.constantFrom(...sceneWords), fc.string())
      .map((parts) => parts.join(' '))
    fc.assert(
      fc.property(prompts, (prompt) => {
        const svg = svgOf(prompt)
        // As booleans, for a failure would print the whole picture.
        expect(/^[\w\s<>/="#.:()-]+$/.test(svg)).toBe(true)
        expect(/script|href|<use|xxe|url\([^#]/.test(svg)).toBe(false)
      }),
      { numRuns: 40 },
    )
  })

  test('stays small at every size that can be asked for', () => {
    for (const [width, height] of [
      [256, 768],
      [2048, 2048],
      [2048, 688],
    ] as const) {
      for (const word of sceneWords) {
        const svg = compose(word, { width, height }, createRandom(word, '0')).svg(2)
        expect([...svg.matchAll(/<(?:path|circle)/g)].length).toBeLessThanOrEqual(4000)
      }
    }
  })
})

test('the renderer is a process that can be killed in the midst of a bomb', async () => {
  const renderer = createSketchRenderer(500)
  const uses = (id: number) => `<g id="b${id + 1}">${`<use href="#b${id}"/>`.repeat(10)}</g>`
  const bomb = `<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><defs><circle id="b0" r="9"/>${Array.from({ length: 9 }, (_, id) => uses(id)).join('')}</defs><use href="#b9"/></svg>`
  const rendering = renderer.run({ task: 'render', svg: bomb, grain: new Uint8Array(65_536), isFinal: false })
  await expect(rendering).rejects.toThrow('The renderer was ended.')
  renderer.close()
})
