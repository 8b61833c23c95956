import type { Colour } from './colour.ts'
import type { Command, Drawing, Gradient, Point, Stage, Style } from './drawing.ts'

export function polygon(points: readonly Point[]): Command[] {
  return [...points.map(([x, y], index): Command => [index ? 'L' : 'M', x, y]), ['Z']]
}

export function rectangle(x: number, y: number, width: number, height: number): Command[] {
  return polygon([
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ])
}

/** A smooth line through all points (Catmull-Rom). */
export function smooth(points: readonly Point[], isClosed = false): Command[] {
  const last = points.length - 1
  const at = (index: number): Point => {
    const wrapped = isClosed ? (index + points.length) % points.length : Math.min(Math.max(index, 0), last)
    return points[wrapped] ?? [0, 0]
  }
  const commands: Command[] = [['M', ...at(0)]]
  for (let index = 0; index < (isClosed ? points.length : last); index += 1) {
    const [before, from, to, after] = [at(index - 1), at(index), at(index + 1), at(index + 2)]
    commands.push([
      'C',
      from[0] + (to[0] - before[0]) / 6,
      from[1] + (to[1] - before[1]) / 6,
      to[0] - (after[0] - from[0]) / 6,
      to[1] - (after[1] - from[1]) / 6,
      ...to,
    ])
  }
  return isClosed ? [...commands, ['Z']] : commands
}

/** Everything under the line y(x), with a soft or, where `isJagged`, a cut edge. */
export function land(drawing: Drawing, y: (x: number) => number, isJagged = false, steps = 48): Command[] {
  const { width, height } = drawing
  const line = Array.from({ length: steps + 1 }, (_, step): Point => {
    const x = (step / steps) * (width + 40) - 20
    return [x, y(x / width)]
  })
  const edge: Command[] = isJagged ? polygon(line).slice(0, -1) : smooth(line)
  return [...edge, ['L', width + 20, height + 20], ['L', -20, height + 20], ['Z']]
}

/** A round thing that was cut by hand. */
export function blob(drawing: Drawing, [x, y]: Point, radius: number, wobble = 0.2, corners = 9): Command[] {
  const { random } = drawing
  const turn = random.between(0, Math.PI * 2)
  const points = Array.from({ length: corners }, (_, corner): Point => {
    const angle = turn + (corner / corners) * Math.PI * 2
    const reach = radius * (1 + random.between(-wobble, wobble))
    return [x + Math.cos(angle) * reach, y + Math.sin(angle) * reach]
  })
  return smooth(points, true)
}

/** A leaf or petal from its stalk at `base` along `angle`; `bend` curves it. */
export function leaf(base: Point, angle: number, length: number, width: number, bend = 0): Command[] {
  const along = (share: number, side: number): Point => {
    const a = angle + bend * share
    return [
      base[0] + Math.cos(a) * length * share - Math.sin(a) * side,
      base[1] + Math.sin(a) * length * share + Math.cos(a) * side,
    ]
  }
  const tip = along(1, 0)
  return [
    ['M', ...base],
    ['C', ...along(0.25, width * 0.7), ...along(0.7, width * 0.75), ...tip],
    ['C', ...along(0.7, -width * 0.75), ...along(0.25, -width * 0.7), ...base],
    ['Z'],
  ]
}

export function vertical(top: number, bottom: number, from: Colour, to: Colour): Gradient {
  const stops = [
    { at: 0, colour: from },
    { at: 1, colour: to },
  ]
  return { kind: 'linear', from: [0, top], to: [0, bottom], stops }
}

/** A colour that fades to nothing away from its centre. */
function glow(centre: Point, radius: number, colour: Colour, opacity: number): Gradient {
  const stops = [
    { at: 0, colour, opacity },
    { at: 0.4, colour, opacity: opacity * 0.45 },
    { at: 1, colour, opacity: 0 },
  ]
  return { kind: 'radial', from: centre, to: [centre[0] + radius, centre[1]], stops }
}

export function fillSky(drawing: Drawing): void {
  const { width, height, palette } = drawing
  drawing.path(0, rectangle(0, 0, width, height), { fill: vertical(0, height * 0.75, ...palette.sky) })
}

/** Sun or moon with its halo. */
export function heavenlyLight(drawing: Drawing, centre: Point, radius: number, colour: Colour): void {
  for (const reach of [7, 3.2]) {
    drawing.circle(0, centre, radius * reach, { fill: glow(centre, radius * reach, colour, 0.4) })
  }
  drawing.circle(0, centre, radius, { fill: colour })
}

export function stars(drawing: Drawing, count: number, lowest: number): void {
  const { random, unit, width, palette } = drawing
  for (let star = 0; star < count; star += 1) {
    const centre: Point = [random.between(0, width), random.between(0, lowest) * random.between(0.4, 1)]
    const radius = unit * random.between(0.06, 0.2) * (random.chance(0.08) ? 2.4 : 1)
    drawing.circle(0, centre, radius, { fill: palette.light, opacity: random.between(0.35, 1) })
  }
}

/** Two strokes of a brush: a bird far away. */
export function birds(drawing: Drawing, around: Point, count: number, style: Style & { stage: Stage }): void {
  const { random, unit } = drawing
  for (let bird = 0; bird < count; bird += 1) {
    const x = around[0] + random.between(-12, 12) * unit
    const y = around[1] + random.between(-6, 6) * unit
    const span = unit * random.between(1.1, 2.4)
    const lift = span * random.between(0.35, 0.6)
    drawing.path(
      style.stage,
      [
        ['M', x - span, y - lift],
        ['C', x - span * 0.6, y - lift, x - span * 0.2, y - lift * 0.6, x, y],
        ['C', x + span * 0.2, y - lift * 0.7, x + span * 0.6, y - lift * 1.1, x + span, y - lift * 0.9],
      ],
      { ...style, strokeWidth: unit * 0.28 },
    )
  }
}
