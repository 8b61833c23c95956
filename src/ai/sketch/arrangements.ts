import { type Colour, lighten, mix } from './colour.ts'
import type { Command, Drawing, Point } from './drawing.ts'
import { blob, fillSky, leaf, polygon, rectangle, smooth, vertical } from './shapes.ts'

/** A vase of flowers before a coloured wall. */
export function bouquet(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  const table = height * random.between(0.76, 0.82)
  drawing.path(0, rectangle(0, 0, width, height), { fill: vertical(0, height, ...palette.sky) })
  const halo: Point = [width * random.between(0.4, 0.6), height * 0.42]
  drawing.path(0, blob(drawing, halo, unit * 37, 0.07), { fill: mix(palette.tones[0], palette.sky[1], 0.35) })
  drawing.path(0, rectangle(0, table, width, height - table), { fill: palette.tones[2] })
  const shadow = lighten(palette.tones[2], -0.08)
  const mouth: Point = [width / 2, table - unit * 17]
  drawing.path(0, blob(drawing, [mouth[0] + unit * 9, table + unit * 5], unit * 9, 0.1), { fill: shadow })
  const stems = random.whole(9, 13)
  for (let stem = 0; stem < stems; stem += 1) {
    const spread = (stem / (stems - 1) - 0.5) * 2
    const angle = -Math.PI / 2 + spread * 0.95 + random.between(-0.08, 0.08)
    const length = unit * random.between(32, 54) * (1 - Math.abs(spread) * 0.25)
    const head: Point = [mouth[0] + Math.cos(angle) * length, mouth[1] + Math.sin(angle) * length]
    spray(drawing, mouth, head, angle)
    if (stem % 3 !== 1) flower(drawing, head, unit * random.between(5, 9.5))
    else berries(drawing, head, angle)
  }
  vase(drawing, mouth, table + unit * 6)
}

/** A stem with leaves on both sides. */
function spray(drawing: Drawing, from: Point, to: Point, angle: number): void {
  const { unit, random, palette } = drawing
  const sway = random.between(-5, 5) * unit
  const bend: Point = [(from[0] * 2 + to[0]) / 3 + sway * 0.4, (from[1] + to[1]) / 2]
  const green = random.pick([palette.tones[3], palette.tones[4], palette.ink])
  drawing.path(1, smooth([from, bend, to]), { stroke: green, strokeWidth: unit * 0.55 })
  for (let side = 0; side < 7; side += 1) {
    const share = 0.3 + side * 0.09
    const base: Point = [
      from[0] * (1 - share) ** 2 + 2 * bend[0] * share * (1 - share) + to[0] * share ** 2,
      from[1] * (1 - share) ** 2 + 2 * bend[1] * share * (1 - share) + to[1] * share ** 2,
    ]
    const turn = angle + (side % 2 ? 0.85 : -0.85)
    const commands = leaf(base, turn, unit * random.between(4, 7.5), unit * 1.6, random.between(-0.4, 0.4))
    drawing.path(1, commands, { fill: lighten(green, random.between(-0.03, 0.09)) })
  }
}

function flower(drawing: Drawing, centre: Point, radius: number): void {
  const { random, palette } = drawing
  const colour = random.pick([
    palette.accent,
    palette.tones[1],
    palette.light,
    palette.tones[0],
    palette.accent,
  ])
  const petals = random.whole(6, 11)
  const turn = random.between(0, Math.PI)
  for (const [ring, tint] of [1, 0.66].entries()) {
    for (let petal = 0; petal < petals; petal += 1) {
      const angle = turn + ring * 0.3 + (petal / petals) * Math.PI * 2
      const fill = lighten(colour, (ring ? -0.07 : 0) + random.between(-0.03, 0.03))
      drawing.path(2, leaf(centre, angle, radius * tint, radius * 0.42 * tint, 0.15), { fill })
    }
  }
  drawing.circle(2, centre, radius * 0.2, { fill: palette.ink })
  drawing.circle(2, centre, radius * 0.12, { fill: palette.light })
}

function berries({ circle, unit, random, palette }: Drawing, [x, y]: Point, angle: number): void {
  for (let berry = 0; berry < 9; berry += 1) {
    const reach = unit * (berry * 0.75)
    const side = (berry % 2 ? 1 : -1) * unit * random.between(0.6, 1.9)
    const centre: Point = [
      x - Math.cos(angle) * reach - Math.sin(angle) * side,
      y - Math.sin(angle) * reach + Math.cos(angle) * side,
    ]
    circle(2, centre, unit * random.between(0.7, 1.15), { fill: palette.accent })
  }
}

function vase({ path, unit, random, palette }: Drawing, [x, top]: Point, bottom: number): void {
  const neck = unit * random.between(4, 5.5)
  const belly = unit * random.between(9, 13)
  const foot = unit * random.between(4.5, 7)
  const tall = bottom - top
  const half = (side: 1 | -1): Command[] => [
    [
      'C',
      x + side * neck * 0.7,
      top + tall * 0.2,
      x + side * belly * 1.15,
      top + tall * 0.3,
      x + side * belly,
      top + tall * 0.58,
    ],
    [
      'C',
      x + side * belly * 0.9,
      top + tall * 0.8,
      x + side * foot * 1.2,
      top + tall * 0.9,
      x + side * foot,
      bottom,
    ],
  ]
  const body: Command[] = [
    ['M', x + neck, top],
    ...half(1),
    ['L', x - foot, bottom],
    ['L', x - neck, top],
    ['Z'],
  ]
  const left: Command[] = [['M', x - neck, top], ...half(-1), ['L', x, bottom], ['L', x, top], ['Z']]
  path(1, body, { fill: palette.light })
  path(1, left, { fill: palette.light })
  path(1, left, { fill: palette.tones[0], opacity: 0.45 })
  for (const share of [0.46, 0.56, 0.66]) {
    const reach = belly * 0.97
    const stripe: Point[] = [-1, -0.5, 0, 0.5, 1].map((at) => [
      x + at * reach * (share > 0.6 ? 0.94 : 0.97),
      top + tall * share + (1 - at * at) * unit * 1.4,
    ])
    path(2, smooth(stripe), { stroke: palette.tones[3], strokeWidth: unit * (share === 0.56 ? 1.6 : 0.5) })
  }
}

/** Coloured paper, cut with scissors: fields, fronds, pebbles. */
export function cutouts(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  const [far, hazy, middle, close] = palette.tones
  const colours: [Colour, ...Colour[]] = [
    palette.sky[0],
    far,
    hazy,
    middle,
    close,
    palette.accent,
    palette.light,
    palette.ink,
  ]
  const columns = width >= height ? 4 : 3
  const rows = width > height ? 3 : Math.round((columns * height) / width)
  const [cellWidth, cellHeight] = [width / columns, height / rows]
  drawing.path(0, rectangle(0, 0, width, height), { fill: palette.sky[1] })
  let before: Colour = palette.ink
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const [x, y] = [(cell % columns) * cellWidth, Math.floor(cell / columns) * cellHeight]
    const ground = random.pick(colours)
    const different = colours.filter((colour) => colour !== ground && colour !== before)
    const shape = different[random.whole(0, different.length - 1)] ?? palette.light
    before = ground
    const slack = unit * 0.9
    const edge = () => random.between(-slack, slack)
    const paper = polygon([
      [x + edge(), y + edge()],
      [x + cellWidth + edge(), y + edge()],
      [x + cellWidth + edge(), y + cellHeight + edge()],
      [x + edge(), y + cellHeight + edge()],
    ])
    drawing.path(0, paper, { fill: lighten(ground, random.between(-0.015, 0.015)) })
    const centre: Point = [x + cellWidth / 2, y + cellHeight / 2]
    const size = Math.min(cellWidth, cellHeight) * 0.44
    random.pick([frond, frond, pebbles, sunburst, frond])(drawing, centre, size, shape)
  }
}

type Motif = (drawing: Drawing, centre: Point, size: number, colour: Colour) => void

/** Matisse's seaweed: lobes along a stalk, one piece of paper. */
const frond: Motif = (drawing, [x, y], size, colour) => {
  const { random } = drawing
  const tilt = random.between(-0.5, 0.5) + (random.chance(0.3) ? Math.PI : 0)
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)]
  const place = (px: number, py: number): Point => [
    x + (px * cos - py * sin) * size,
    y + (px * sin + py * cos) * size,
  ]
  const stalk: Point[] = [
    [-0.06, 1],
    [-0.02, 0.3],
    [0, -0.9],
    [0.06, 0.3],
    [0.09, 1],
  ]
  drawing.path(
    1,
    smooth(
      stalk.map(([px, py]) => place(px, py)),
      true,
    ),
    { fill: colour },
  )
  const lobes = random.whole(4, 6)
  for (let lobe = 0; lobe < lobes * 2; lobe += 1) {
    const share = Math.floor(lobe / 2) / (lobes - 1)
    const side = lobe % 2 ? 1 : -1
    const length = size * (0.85 - 0.4 * share) * random.between(0.85, 1.1)
    const angle = tilt - Math.PI / 2 + side * (1.15 - 0.45 * share)
    const commands = leaf(
      place(0, 0.75 - share * 1.45),
      angle,
      length,
      size * 0.2,
      -side * random.between(0.3, 0.8),
    )
    drawing.path(1, commands, { fill: colour })
  }
}

const pebbles: Motif = (drawing, [x, y], size, colour) => {
  const { random, palette } = drawing
  for (let pebble = 0; pebble < 3; pebble += 1) {
    const centre: Point = [x + random.between(-0.45, 0.45) * size, y + (pebble - 1) * size * 0.62]
    const radius = size * random.between(0.3, 0.46)
    drawing.path(1, blob(drawing, centre, radius, 0.18, 7), { fill: colour })
    if (pebble === 1) drawing.path(2, blob(drawing, centre, radius * 0.42, 0.15, 7), { fill: palette.accent })
  }
}

const sunburst: Motif = (drawing, centre, size, colour) => {
  const { random, palette } = drawing
  const rays = random.whole(9, 14)
  for (let ray = 0; ray < rays; ray += 1) {
    drawing.path(1, leaf(centre, (ray / rays) * Math.PI * 2, size * random.between(0.8, 1), size * 0.16), {
      fill: colour,
    })
  }
  drawing.path(2, blob(drawing, centre, size * 0.3, 0.08), { fill: palette.light })
}

/** Quarter circles on a grid, as on a Bauhaus poster. */
export function tiles(drawing: Drawing): void {
  const { width, height, random, palette } = drawing
  const [far, hazy, middle, close] = palette.tones
  const colours: [Colour, ...Colour[]] = [
    palette.sky[1],
    far,
    hazy,
    middle,
    close,
    palette.accent,
    palette.light,
    palette.ink,
  ]
  const side = Math.min(width, height) / random.whole(4, 6)
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)]
  drawing.path(0, rectangle(0, 0, width, height), { fill: palette.sky[1] })
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const [x, y] = [(cell % columns) * side, Math.floor(cell / columns) * side]
    const ground = random.pick(colours)
    const others = colours.filter((colour) => colour !== ground)
    const shape = others[random.whole(0, others.length - 1)] ?? palette.ink
    const spot = others[random.whole(0, others.length - 1)] ?? palette.light
    drawing.path(0, rectangle(x, y, side + 0.6, side + 0.6), { fill: ground })
    const corner: Point = [x + (random.chance(0.5) ? side : 0), y + (random.chance(0.5) ? side : 0)]
    const centre: Point = [x + side / 2, y + side / 2]
    switch (random.whole(0, 5)) {
      case 0:
        drawing.circle(1, centre, side * 0.5, { fill: shape })
        drawing.circle(2, centre, side * 0.2, { fill: spot })
        break
      case 1:
        for (const [ring, reach] of [1, 0.75, 0.5, 0.25].entries()) {
          drawing.path(ring ? 2 : 1, quarter(centre, corner, side * reach), {
            fill: ring % 2 ? ground : shape,
          })
        }
        break
      case 2:
        drawing.path(
          1,
          polygon([corner, [x + side - (corner[0] - x), corner[1]], [corner[0], y + side - (corner[1] - y)]]),
          {
            fill: shape,
          },
        )
        break
      default:
        drawing.path(1, quarter(centre, corner, side), { fill: shape })
        if (random.chance(0.4)) drawing.path(2, quarter(centre, corner, side * 0.45), { fill: spot })
    }
  }
}

/** The quarter disc around a corner of a tile, towards its centre. */
function quarter(centre: Point, [x, y]: Point, radius: number): Command[] {
  const [right, down] = [Math.sign(centre[0] - x), Math.sign(centre[1] - y)]
  // The usual approximation of a quarter circle by one cubic.
  const handle = radius * 0.5523
  return [
    ['M', x, y],
    ['L', x + right * radius, y],
    ['C', x + right * radius, y + down * handle, x + right * handle, y + down * radius, x, y + down * radius],
    ['Z'],
  ]
}

/** Brush strokes that follow an invisible current. */
export function currents(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  fillSky(drawing)
  const [across, down] = [random.curve(3), random.curve(3)]
  const turns = random.between(1.1, 1.9)
  const start = random.between(0, Math.PI)
  const angleAt = ([x, y]: Point) =>
    start +
    turns * (across((x / unit) * 0.016) + down((y / unit) * 0.016 + (x / unit) * 0.006)) * Math.PI * 0.8
  const centre: Point = [width * random.between(0.3, 0.7), height * random.between(0.3, 0.7)]
  const colours = [
    palette.tones[4],
    palette.tones[3],
    palette.tones[2],
    palette.tones[1],
    palette.tones[0],
    palette.light,
  ]
  for (let stroke = 0; stroke < 1300; stroke += 1) {
    const share = stroke / 1300
    const from: Point = [random.between(-0.1, 1.1) * width, random.between(-0.1, 1.1) * height]
    const distance = Math.hypot(from[0] - centre[0], from[1] - centre[1]) / (unit * 75)
    const place = Math.min(5, Math.max(0, Math.floor((1 - distance) * 5 + random.between(-0.6, 1.4))))
    const colour = random.chance(0.035) ? palette.accent : (colours[place] ?? palette.light)
    const points = [from]
    for (let step = 0; step < 7; step += 1) {
      const [x, y] = points[step] ?? from
      const angle = angleAt([x, y])
      points.push([x + Math.cos(angle) * unit * 2.1, y + Math.sin(angle) * unit * 2.1])
    }
    drawing.path(share < 0.3 ? 0 : share < 0.7 ? 1 : 2, smooth(points), {
      stroke: lighten(colour, random.between(-0.04, 0.04)),
      strokeWidth: unit * (1.9 - 1.3 * share) * random.between(0.6, 1.2),
      opacity: 0.88,
    })
  }
}

/** Rainbow arches drawn with a wide, dry brush. */
export function arches(drawing: Drawing): void {
  const { width, height, unit, random, palette } = drawing
  const colours = [
    palette.ink,
    palette.tones[3],
    palette.accent,
    palette.tones[2],
    palette.tones[1],
    palette.tones[0],
    palette.light,
  ]
  drawing.path(0, rectangle(0, 0, width, height), {
    fill: vertical(0, height, palette.sky[1], palette.sky[0]),
  })
  const sun: Point = [width * random.between(0.2, 0.8), height * random.between(0.14, 0.24)]
  drawing.path(0, blob(drawing, sun, unit * random.between(8, 12), 0.05), { fill: palette.accent })
  const hills = width > height ? 4 : 3
  for (let hill = 0; hill < hills; hill += 1) {
    const radius = unit * random.between(44, 60) * (hill % 2 ? 0.72 : 1)
    const centre: Point = [
      (width * (hill + 0.5)) / hills + random.between(-6, 6) * unit,
      height * (hill % 2 ? 1.02 : 0.98),
    ]
    const shift = random.whole(0, 6)
    colours.forEach((_, band) => {
      const colour = colours[(band + shift) % colours.length] ?? palette.ink
      const outer = radius * (1 - band / 7.5)
      drawing.circle(band < 3 ? 0 : 1, centre, outer, { fill: colour })
      for (let bristle = 0; bristle < 9; bristle += 1) {
        const reach = outer - (radius / 7.5) * random.between(0.1, 0.9)
        drawing.path(2, arc(centre, reach, random.between(-1.1, 0.6), random.between(0.3, 1.1)), {
          stroke: lighten(colour, random.between(-0.08, 0.08)),
          strokeWidth: unit * random.between(0.1, 0.35),
          opacity: 0.7,
        })
      }
    })
  }
}

function arc([x, y]: Point, radius: number, from: number, sweep: number): Command[] {
  return smooth(
    Array.from({ length: 9 }, (_, step): Point => {
      const angle = -Math.PI / 2 + from + (step / 8) * sweep
      return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius]
    }),
  )
}
