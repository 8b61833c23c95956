import { type Colour, chroma, fromHex, lighten, lightness, mix, turnHue } from './colour.ts'
import type { Random } from './random.ts'

export type Palette = {
  isDark: boolean
  sky: readonly [top: Colour, bottom: Colour]
  /** Sun, moon, windows, foam. */
  light: Colour
  /** Five, from the far and pale to the near and deep. */
  tones: readonly [Colour, Colour, Colour, Colour, Colour]
  accent: Colour
  ink: Colour
}

type Hexes = {
  words: RegExp
  sky: [string, string]
  light: string
  tones: [string, string, string, string, string]
  accent: string
  ink: string
}

const palettes: readonly [Hexes, ...Hexes[]] = [
  {
    words: /\b(dawn|morning|sunrise|spring|peach|pastel)/,
    sky: ['#f2b5a0', '#fbe3c8'],
    light: '#fff6e0',
    tones: ['#e9a79b', '#c97f8a', '#94637f', '#5f4a6e', '#33304f'],
    accent: '#e8634a',
    ink: '#2a2640',
  },
  {
    words: /\b(sunset|evening|fire|dusk|orange|warm|volcano|lava)/,
    sky: ['#ee7b3a', '#fbcb74'],
    light: '#fff0c2',
    tones: ['#e8674a', '#c1443f', '#8d2f48', '#58264b', '#2b1a38'],
    accent: '#ffd166',
    ink: '#1f1230',
  },
  {
    words: /\b(night|moon|star|stars|midnight|dark|galaxy|space|dream|planet)/,
    sky: ['#0d1b3d', '#3a4a88'],
    light: '#f6efd0',
    tones: ['#4a5a9a', '#33427c', '#222f60', '#151f45', '#0a102b'],
    accent: '#f2c14e',
    ink: '#060a1c',
  },
  {
    words: /\b(sea|ocean|wave|waves|harbou?r|boat|ship|coast|blue|water|lake|river|fish|whale)/,
    sky: ['#bfe3e6', '#f5f0dc'],
    light: '#fffaf0',
    tones: ['#8cc7cb', '#4fa3ae', '#277f93', '#165d77', '#0c3a55'],
    accent: '#ef6f53',
    ink: '#0a2b40',
  },
  {
    words: /\b(forest|tree|trees|green|wood|woods|jungle|moss|meadow|fern|summer|frog)/,
    sky: ['#dbe7cf', '#f6f1da'],
    light: '#fff7df',
    tones: ['#a9c3a0', '#7aa47d', '#4c8060', '#2c5b49', '#173a35'],
    accent: '#e2a03f',
    ink: '#102825',
  },
  {
    words: /\b(autumn|fall|harvest|coffee|brown|wine|fox|book|library)/,
    sky: ['#f3d9b1', '#fbeed6'],
    light: '#fff6e0',
    tones: ['#e5b25d', '#d98032', '#b8502a', '#7f3427', '#47231f'],
    accent: '#2f6f6d',
    ink: '#2c1714',
  },
  {
    words: /\b(snow|winter|ice|frost|arctic|cold|glacier|fog|mist|rain|cloud)/,
    sky: ['#cbd9e8', '#f4f2ee'],
    light: '#ffffff',
    tones: ['#b9c9da', '#92a9c2', '#6a86a6', '#45617f', '#27405c'],
    accent: '#d8504d',
    ink: '#1a2c42',
  },
  {
    words: /\b(desert|sand|dune|dunes|canyon|mars|camel|sahara|clay)/,
    sky: ['#f5c896', '#fdeacb'],
    light: '#fff4dd',
    tones: ['#efb27a', '#dd8c56', '#bd6642', '#8c4637', '#4f2a2b'],
    accent: '#3d8f8c',
    ink: '#35191d',
  },
  {
    words: /\b(rose|pink|love|cherry|blossom|flower|flowers|heart|bird|ballet)/,
    sky: ['#f6c6cf', '#fdeae6'],
    light: '#fff6f0',
    tones: ['#ec9fb0', '#d76f8d', '#a94a74', '#713358', '#3d1e3c'],
    accent: '#3b8f7b',
    ink: '#2b142b',
  },
  {
    words: /\b(violet|purple|lavender|magic|lilac|music|mystic)/,
    sky: ['#c9bdf0', '#f7dcea'],
    light: '#fff1e6',
    tones: ['#a992dc', '#8668c4', '#6547a4', '#43307d', '#261e52'],
    accent: '#f4a259',
    ink: '#1a143b',
  },
  {
    words: /\b(bauhaus|abstract|poster|geometry|modern|jazz|machine|robot|city|train)/,
    sky: ['#f1e5cd', '#f8f1e1'],
    light: '#fffaf0',
    tones: ['#e9bd47', '#dc5a33', '#2f6db3', '#1e4b7a', '#20242c'],
    accent: '#d23a2e',
    ink: '#1b1d22',
  },
  {
    words: /\b(tropical|beach|palm|island|parrot|garden|fruit|lemon|cactus|tea)/,
    sky: ['#fcdcab', '#fff3d9'],
    light: '#fff8ea',
    tones: ['#8fd0b5', '#3fae95', '#17847f', '#0f5a66', '#0c3947'],
    accent: '#f26b5b',
    ink: '#0a2a36',
  },
]

/** Words that name a light or a place choose the colours; otherwise chance does. Never quite the same twice. */
export function paletteOf(prompt: string, random: Random): Palette {
  const words = prompt.toLowerCase()
  const chosen = palettes.find((palette) => palette.words.test(words)) ?? random.pick(palettes)
  const angle = random.between(-0.14, 0.14)
  const colour = (hex: string) => turnHue(fromHex(hex), angle)
  const [far, hazy, middle, close, near] = chosen.tones
  return {
    isDark: lightness(fromHex(chosen.sky[0])) < 0.5,
    sky: [colour(chosen.sky[0]), colour(chosen.sky[1])],
    light: colour(chosen.light),
    tones: [colour(far), colour(hazy), colour(middle), colour(close), colour(near)],
    accent: colour(chosen.accent),
    ink: colour(chosen.ink),
  }
}

/** The colours of a picture that is remixed, put into the same roles. At least one pixel. */
export function paletteOfPixels(pixels: readonly Colour[]): Palette {
  const byLightness = pixels.toSorted((a, b) => lightness(b) - lightness(a))
  const at = (share: number): Colour =>
    byLightness[Math.floor(share * (byLightness.length - 1))] ?? [128, 128, 128]
  const accent = pixels.reduce((best, pixel) => (chroma(pixel) > chroma(best) ? pixel : best), at(0.5))
  const isDark = lightness(at(0.5)) < 0.45
  const pale = at(isDark ? 0.75 : 0.2)
  return {
    isDark,
    sky: [pale, mix(pale, at(0.05), 0.6)],
    light: lighten(at(0), 0.06),
    tones: [at(0.3), at(0.45), at(0.6), at(0.75), lighten(at(0.92), -0.05)],
    accent,
    ink: lighten(at(1), -0.06),
  }
}
