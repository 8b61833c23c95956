import { arches, bouquet, currents, cutouts, tiles } from './arrangements.ts'
import { createDrawing, type Drawing } from './drawing.ts'
import { dunes, forest, ridges, sea, town } from './landscapes.ts'
import { type Palette, paletteOf } from './palette.ts'
import type { Random } from './random.ts'

type Scene = { draw: (drawing: Drawing) => void; words: RegExp }

const scenes: readonly [Scene, ...Scene[]] = [
  {
    draw: sea,
    words:
      /\b(sea|ocean|waves?|harbou?r|boats?|ships?|sail|coast|water|lake|river|fish|fishing|whales?|beach|island|lighthouse)\b/,
  },
  {
    draw: ridges,
    words:
      /\b(mountains?|hills?|alps?|valley|peaks?|snow|volcano|eagle|glacier|horizon|sky|sunrise|sunset)\b/,
  },
  { draw: forest, words: /\b(forest|trees?|woods?|pine|fir|deer|fox|bear|owl|meadow|fog|mist)\b/ },
  {
    draw: bouquet,
    words: /\b(flowers?|bouquet|vase|garden|rose|tulips?|still life|blossom|plants?|kitchen|tea)\b/,
  },
  {
    draw: town,
    words: /\b(city|town|village|houses?|street|night market|roofs?|windows?|castle|caf[eé]|market)\b/,
  },
  { draw: dunes, words: /\b(desert|dunes?|sand|camel|canyon|mars|planet|sahara)\b/ },
  { draw: cutouts, words: /\b(matisse|paper|cut-?outs?|collage|jungle|leaf|leaves|dance|fruit)\b/ },
  { draw: tiles, words: /\b(bauhaus|abstract|geometry|geometric|poster|pattern|machine|robot|jazz|grid)\b/ },
  {
    draw: currents,
    words: /\b(wind|storm|dream|galaxy|hair|fire|music|swirl|van gogh|stars?|space|cat|dog)\b/,
  },
  { draw: arches, words: /\b(rainbow|arch|arches|child|circus|playful|sun|moon|toys?|festival)\b/ },
]

/**
 * Draws what a prompt's words suggest, or what chance does. The prompt is only matched and hashed: no part of it
 * comes into the drawing.
 */
export function compose(
  prompt: string,
  size: { width: number; height: number },
  random: Random,
  paletteOfReference?: Palette,
): Drawing {
  const words = prompt.toLowerCase()
  const named = scenes.filter((scene) => scene.words.test(words))
  const [first, ...rest] = named
  const scene = first ? random.pick([first, ...rest]) : random.pick(scenes)
  const drawing = createDrawing(size, random, paletteOfReference ?? paletteOf(prompt, random))
  scene.draw(drawing)
  return drawing
}
