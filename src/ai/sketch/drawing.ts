import { type Colour, toHex } from './colour.ts'
import type { Palette } from './palette.ts'
import type { Random } from './random.ts'

export type Point = readonly [x: number, y: number]

export type Command =
  | readonly ['M' | 'L', x: number, y: number]
  | readonly ['C', x1: number, y1: number, x2: number, y2: number, x: number, y: number]
  | readonly ['Z']

export type Gradient = {
  kind: 'linear' | 'radial'
  /** Linear: from and to. Radial: centre, and a point on the rim. */
  from: Point
  to: Point
  stops: readonly { at: number; colour: Colour; opacity?: number }[]
}

export type Style = {
  fill?: Colour | Gradient
  stroke?: Colour
  strokeWidth?: number
  opacity?: number
}

type Shape = Style & ({ commands: readonly Command[] } | { centre: Point; radius: number })

/** Previews show the first stages: 0 the ground, 1 the forms, 2 the details. */
export type Stage = 0 | 1 | 2

/** A picture in the making. It is data, so that nothing but numbers can reach the SVG. */
export type Drawing = {
  width: number
  height: number
  /** A hundredth of the shorter edge. */
  unit: number
  random: Random
  palette: Palette
  path(stage: Stage, commands: readonly Command[], style: Style): void
  circle(stage: Stage, centre: Point, radius: number, style: Style): void
  /** The picture so far as SVG, of `path`, `circle` and gradients alone. */
  svg(upTo: Stage): string
}

// A scene that went wild must not make the renderer work for minutes.
const maxShapes = 4000

export function createDrawing(
  size: { width: number; height: number },
  random: Random,
  palette: Palette,
): Drawing {
  const shapes: { stage: Stage; shape: Shape }[] = []
  const add = (stage: Stage, shape: Shape) => {
    if (shapes.length < maxShapes) shapes.push({ stage, shape })
  }
  return {
    width: size.width,
    height: size.height,
    unit: Math.min(size.width, size.height) / 100,
    random,
    palette,
    path: (stage, commands, style) => add(stage, { ...style, commands }),
    circle: (stage, centre, radius, style) => add(stage, { ...style, centre, radius }),
    svg: (upTo) =>
      toSvg(
        size,
        shapes.filter(({ stage }) => stage <= upTo).map(({ shape }) => shape),
      ),
  }
}

function toSvg({ width, height }: { width: number; height: number }, shapes: readonly Shape[]): string {
  const gradients: string[] = []
  const elements = shapes.map((shape) => element(shape, gradients))
  const [w, h] = [decimal(width), decimal(height)]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"><defs>${gradients.join('')}</defs>${elements.join('')}</svg>`
}

function element(shape: Shape, gradients: string[]): string {
  const style = styleText(shape, gradients)
  if ('commands' in shape) return `<path d="${shape.commands.map(commandText).join('')}"${style}/>`
  const [x, y] = shape.centre
  return `<circle cx="${decimal(x)}" cy="${decimal(y)}" r="${decimal(shape.radius)}"${style}/>`
}

function styleText({ fill, stroke, strokeWidth, opacity }: Style, gradients: string[]): string {
  let text = ` fill="${fillText(fill, gradients)}"`
  if (stroke) {
    text += ` stroke="${toHex(stroke)}" stroke-width="${decimal(strokeWidth ?? 1)}" stroke-linecap="round" stroke-linejoin="round"`
  }
  if (opacity !== undefined) text += ` opacity="${decimal(opacity)}"`
  return text
}

function fillText(fill: Colour | Gradient | undefined, gradients: string[]): string {
  if (!fill) return 'none'
  if (!('stops' in fill)) return toHex(fill)
  const id = `g${gradients.length}`
  gradients.push(gradientText(id, fill))
  return `url(#${id})`
}

function gradientText(id: string, { kind, from, to, stops }: Gradient): string {
  const inside = stops
    .map(
      ({ at, colour, opacity = 1 }) =>
        `<stop offset="${decimal(at)}" stop-color="${toHex(colour)}" stop-opacity="${decimal(opacity)}"/>`,
    )
    .join('')
  const [x1, y1, x2, y2] = [...from, ...to].map(decimal)
  if (kind === 'linear') {
    return `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}">${inside}</linearGradient>`
  }
  const radius = decimal(Math.hypot(to[0] - from[0], to[1] - from[1]))
  return `<radialGradient id="${id}" gradientUnits="userSpaceOnUse" cx="${x1}" cy="${y1}" r="${radius}">${inside}</radialGradient>`
}

function commandText([letter, ...numbers]: Command): string {
  return letter + numbers.map(decimal).join(' ')
}

function decimal(value: number): string {
  if (!Number.isFinite(value)) throw new Error('A drawing holds a number that is none.')
  return String(Math.round(value * 100) / 100)
}
