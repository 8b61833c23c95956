import { lighten, mix } from './colour.ts'
import type { Command, Drawing, Point } from './drawing.ts'
import {
  birds,
  fillSky,
  heavenlyLight,
  land,
  leaf,
  polygon,
  rectangle,
  smooth,
  stars,
  vertical,
} from './shapes.ts'

/** Mountain ranges that fade into the distance. */
export function ridges(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  fillSky(drawing)
  if (palette.isDark) stars(drawing, 160, height * 0.6)
  const light: Point = [width * random.between(0.2, 0.8), height * random.between(0.2, 0.38)]
  heavenlyLight(drawing, light, unit * random.between(6, 11), palette.light)
  const ranges = 6
  for (let range = 0; range < ranges; range += 1) {
    const share = range / (ranges - 1)
    const base = height * (0.42 + 0.46 * share)
    const lift = height * (0.2 - 0.07 * share) * random.between(0.8, 1.15)
    const curve = random.curve(6)
    const offset = random.between(0, 20)
    const y = (x: number) => base - lift * curve(offset + x * (2.2 + share)) * 0.9
    const near = palette.tones[Math.min(4, range)] ?? palette.ink
    const colour = range === 5 ? palette.ink : near
    const haze = mix(colour, palette.sky[1], 0.55 - 0.35 * share)
    const commands = land(drawing, y, range > 1, range > 3 ? 130 : 90)
    const fill = vertical(base - lift * 0.7, base + height * 0.16, colour, haze)
    drawing.path(range < 2 ? 0 : 1, commands, { fill })
    if (range === 4) firs(drawing, y, colour)
  }
  birds(drawing, [light[0] + unit * 18, light[1] + unit * 3], random.whole(4, 8), {
    stage: 2,
    stroke: palette.ink,
  })
}

function firs(drawing: Drawing, y: (x: number) => number, colour: Drawing['palette']['ink']): void {
  const { width, unit, random } = drawing
  for (let tree = 0; tree < 70; tree += 1) {
    const x = random.between(-0.02, 1.02)
    fir(drawing, [x * width, y(x) + unit * 1.5], unit * random.between(2.5, 6.5), lighten(colour, -0.03))
  }
}

function fir(
  drawing: Drawing,
  [x, y]: Point,
  tall: number,
  colour: Drawing['palette']['ink'],
  stage: 1 | 2 = 2,
) {
  const tiers = 5
  const points: Point[] = [[x, y - tall]]
  const side = (direction: 1 | -1) =>
    Array.from({ length: tiers }, (_, tier): Point[] => {
      const down = y - tall + (tall * (tier + 1)) / tiers
      const reach = tall * 0.06 * (tier + 1.4)
      return [
        [x + direction * reach, down],
        [x + direction * reach * 0.5, down - tall * 0.02],
      ]
    }).flat()
  drawing.path(stage, polygon([...points, ...side(1), ...side(-1).reverse()]), { fill: colour })
}

/** Rows of waves under a low sun, and a boat. */
export function sea(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  fillSky(drawing)
  if (palette.isDark) stars(drawing, 140, height * 0.45)
  const horizon = height * random.between(0.4, 0.5)
  const sunX = width * random.between(0.28, 0.72)
  const radius = unit * random.between(8, 13)
  heavenlyLight(drawing, [sunX, horizon - radius * random.between(0.2, 1.3)], radius, palette.light)
  const water = vertical(horizon, height, palette.tones[1], palette.tones[4])
  drawing.path(0, rectangle(0, horizon, width, height - horizon), { fill: water })
  const rows = 7
  for (let row = 0; row < rows; row += 1) {
    const share = row / (rows - 1)
    const base = horizon + (height - horizon) * (0.16 + 0.8 * share ** 1.25)
    const swell = unit * (0.8 + 3.4 * share)
    const colour = mix(palette.tones[1], palette.tones[4], 0.1 + 0.85 * share)
    const curve = random.curve(3)
    const pitch = 7 - 4 * share
    const y = (x: number) => base + swell * (0.7 * Math.sin(x * pitch * 2 + row * 1.9) + curve(x * pitch))
    drawing.path(1, land(drawing, y, false, 64), { fill: colour })
    drawing.path(2, crest(drawing, y), {
      stroke: palette.light,
      strokeWidth: unit * (0.12 + 0.3 * share),
      opacity: 0.5,
    })
  }
  glitter(drawing, sunX, horizon)
  const afloat = horizon + (height - horizon) * random.between(0.16, 0.3)
  boat(drawing, [width * random.between(0.15, 0.85), afloat])
  birds(drawing, [sunX, horizon - unit * 24], random.whole(3, 7), { stage: 2, stroke: palette.ink })
}

function glitter({ path, unit, height, random, palette }: Drawing, x: number, horizon: number): void {
  for (let strip = 0; strip < 26; strip += 1) {
    const share = strip / 26
    const y = horizon + (height - horizon) * (0.02 + share * 0.8)
    const half = unit * (2 + 10 * share) * random.between(0.4, 1)
    const middle = x + random.between(-1, 1) * unit * 5 * share
    const thick = unit * (0.18 + 0.5 * share)
    const commands: Command[] = [
      ['M', middle - half, y],
      ['C', middle - half * 0.4, y - thick, middle + half * 0.4, y - thick, middle + half, y],
      ['C', middle + half * 0.4, y + thick, middle - half * 0.4, y + thick, middle - half, y],
      ['Z'],
    ]
    path(2, commands, { fill: palette.light, opacity: 0.75 - 0.6 * share })
  }
}

function crest({ width }: Drawing, y: (x: number) => number): Command[] {
  return smooth(
    Array.from(
      { length: 65 },
      (_, step): Point => [(step / 64) * (width + 40) - 20, y(((step / 64) * (width + 40) - 20) / width)],
    ),
  )
}

function boat({ path, unit, palette }: Drawing, [x, y]: Point): void {
  const sail = polygon([
    [x, y - unit * 9],
    [x, y - unit * 1.6],
    [x + unit * 5, y - unit * 1.6],
  ])
  const jib = polygon([
    [x - unit * 0.5, y - unit * 8],
    [x - unit * 0.5, y - unit * 1.6],
    [x - unit * 3.2, y - unit * 1.6],
  ])
  const hull: Command[] = [
    ['M', x - unit * 4.2, y - unit * 1.1],
    ['L', x + unit * 5.4, y - unit * 1.1],
    ['C', x + unit * 4.4, y + unit, x + unit * 3, y + unit * 1.2, x, y + unit * 1.2],
    ['C', x - unit * 2.6, y + unit * 1.2, x - unit * 3.6, y + unit * 0.4, x - unit * 4.2, y - unit * 1.1],
    ['Z'],
  ]
  path(2, sail, { fill: palette.light })
  path(2, jib, { fill: palette.accent })
  path(2, hull, { fill: palette.ink })
}

/** Sand in light and shade. */
export function dunes(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  fillSky(drawing)
  if (palette.isDark) stars(drawing, 180, height * 0.5)
  const fromLeft = random.chance(0.5)
  const sunX = width * (fromLeft ? random.between(0.15, 0.35) : random.between(0.65, 0.85))
  heavenlyLight(
    drawing,
    [sunX, height * random.between(0.16, 0.28)],
    unit * random.between(6, 10),
    palette.light,
  )
  for (let dune = 0; dune < 5; dune += 1) {
    const base = height * (0.5 + 0.12 * dune)
    const peak = random.between(0.15, 0.85)
    const rise = height * random.between(0.08, 0.19)
    const curve = random.curve(2)
    const slope = (x: number) => Math.exp(-(((x - peak) / (x < peak ? 0.5 : 0.34)) ** 2))
    const y = (x: number) => base - rise * slope(x) + unit * 2 * curve(x * 2)
    const colour = palette.tones[dune] ?? palette.ink
    const lit = lighten(mix(colour, palette.light, 0.28), 0.02)
    drawing.path(dune < 2 ? 0 : 1, land(drawing, y), {
      fill: vertical(base - rise, base + height * 0.25, lit, colour),
    })
    drawing.path(1, shade(drawing, y, peak, base), { fill: lighten(colour, -0.09), opacity: 0.75 })
    for (let ripple = 1; dune > 2 && ripple < 9; ripple += 1) {
      const drop = unit * ripple * (1.8 + ripple * 0.16)
      const points = Array.from({ length: 40 }, (_, step): Point => {
        const x = (step / 39) * 1.04 - 0.02
        return [x * width, y(x) + drop + unit * 0.5 * Math.sin(x * 34 + ripple * 1.3 + dune)]
      })
      drawing.path(2, smooth(points), { stroke: lit, strokeWidth: unit * 0.16, opacity: 0.32 })
    }
  }
  if (random.chance(0.7)) birds(drawing, [width / 2, height * 0.3], 5, { stage: 2, stroke: palette.ink })
}

/** The side of a dune that the sun does not reach: from the peak down in a long curve. */
function shade(
  { width, height, unit }: Drawing,
  y: (x: number) => number,
  peak: number,
  base: number,
): Command[] {
  const edge = Array.from({ length: 20 }, (_, step): Point => {
    const x = peak + (step / 19) * (1.04 - peak)
    return [x * width, y(x)]
  })
  const [px, py] = [peak * width, y(peak)]
  const foot = base + height * 0.22
  return [
    ...smooth(edge),
    ['L', width * 1.04, foot],
    ['L', px + unit * 16, foot],
    ['C', px + unit * 2, foot - unit * 8, px + unit * 14, py + unit * 12, px, py],
    ['Z'],
  ]
}

/** Trunks in mist, dark towards us. */
export function forest(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  fillSky(drawing)
  if (palette.isDark) stars(drawing, 90, height * 0.5)
  const light: Point = [width * random.between(0.3, 0.7), height * random.between(0.26, 0.4)]
  heavenlyLight(drawing, light, unit * random.between(7, 11), palette.light)
  for (let row = 0; row < 5; row += 1) {
    const colour = mix(palette.tones[row] ?? palette.ink, palette.sky[1], 0.3 - 0.07 * row)
    const base = height * (0.56 + 0.1 * row)
    const curve = random.curve(3)
    const y = (x: number) => base + unit * 3 * curve(x * 3 + row)
    const trees = 30 - row * 4
    for (let tree = 0; tree < trees; tree += 1) {
      const x = (tree + random.between(0.1, 0.9)) / trees
      // A clearing in front of the light.
      const isInClearing = row > 2 && Math.abs(x * width - light[0]) < unit * (8 + row * 4)
      const tall = unit * random.between(11, 19) * (0.75 + row * 0.3) * (isInClearing ? 0.4 : 1)
      fir(
        drawing,
        [x * width, y(x) + unit],
        tall,
        lighten(colour, random.between(-0.025, 0.025)),
        row < 4 ? 1 : 2,
      )
    }
    const fill = vertical(base - unit * 4, base + height * 0.16, colour, mix(colour, palette.sky[1], 0.4))
    drawing.path(row < 2 ? 0 : 1, land(drawing, y), { fill })
  }
  grass(drawing)
}

function grass({ path, width, height, unit, random, palette }: Drawing): void {
  for (let blade = 0; blade < 220; blade += 1) {
    const base: Point = [random.between(-0.02, 1.02) * width, height + unit]
    const angle = -Math.PI / 2 + random.between(-0.35, 0.35)
    const commands = leaf(base, angle, unit * random.between(4, 13), unit * 0.5, random.between(-0.5, 0.5))
    path(2, commands, { fill: random.chance(0.07) ? palette.accent : palette.ink, opacity: 0.92 })
  }
}

/** Houses up a hill, with lamps lit. */
export function town(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  fillSky(drawing)
  if (palette.isDark) stars(drawing, 120, height * 0.5)
  const light: Point = [width * random.between(0.2, 0.8), height * random.between(0.14, 0.26)]
  heavenlyLight(drawing, light, unit * random.between(5, 9), palette.light)
  const curve = random.curve(3)
  for (let row = 0; row < 5; row += 1) {
    const base = height * (0.6 + row * 0.115)
    const y = (x: number) => base - unit * 9 * curve(x * 1.6 + 3) * (1 - row / 5)
    for (let x = -0.03; x < 1.03; ) {
      const wide = (unit * random.between(6, 11) * (0.75 + row * 0.12)) / width
      house(drawing, [x * width, y(x + wide / 2)], wide * width, row)
      x += wide * random.between(0.86, 1)
    }
    const colour = mix(palette.tones[row] ?? palette.ink, palette.ink, 0.25)
    drawing.path(
      1,
      land(drawing, (x) => y(x) + unit * 4),
      { fill: colour },
    )
  }
  birds(drawing, [width - light[0], light[1] + unit * 8], 5, { stage: 2, stroke: palette.ink })
}

function house(drawing: Drawing, [x, y]: Point, wide: number, row: number): void {
  const { height, unit, random, palette } = drawing
  const tall = unit * random.between(9, 20)
  const top = y - tall
  const base = palette.tones[random.whole(Math.max(0, row - 1), Math.min(4, row + 1))] ?? palette.ink
  const wall = lighten(random.chance(0.1) ? palette.accent : base, random.between(-0.03, 0.05))
  const roof = lighten(wall, -0.11)
  drawing.path(1, rectangle(x, top, wide, height - top), { fill: wall })
  const ridge = random.between(0.3, 0.7)
  const eaves = unit * 0.5
  drawing.path(
    1,
    polygon([
      [x - eaves, top],
      [x + wide * ridge, top - unit * random.between(2.5, 6)],
      [x + wide + eaves, top],
    ]),
    { fill: roof },
  )
  const columns = Math.max(2, Math.floor(wide / (unit * 2.6)))
  const pane = wide / (columns * 2 + 1)
  for (let storey = 0; storey < 3; storey += 1) {
    for (let column = 0; column < columns; column += 1) {
      const isLit = random.chance(0.55)
      const window = rectangle(x + pane * (1 + column * 2), top + unit * (1.6 + storey * 4), pane, pane * 1.5)
      drawing.path(2, window, { fill: isLit ? palette.light : roof, opacity: isLit ? 0.95 : 0.7 })
    }
  }
}
