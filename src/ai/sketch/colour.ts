/** sRGB, 0 to 255 each. */
export type Colour = readonly [red: number, green: number, blue: number]

type Lab = readonly [lightness: number, a: number, b: number]

export function fromHex(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

export function toHex(colour: Colour): string {
  return `#${colour.map((part) => clampByte(part).toString(16).padStart(2, '0')).join('')}`
}

/** Mixed as the eye does it, in Oklab (https://bottosson.github.io/posts/oklab/). */
export function mix(from: Colour, to: Colour, share: number): Colour {
  const a = toLab(from)
  const b = toLab(to)
  const part = (index: 0 | 1 | 2) => a[index] + (b[index] - a[index]) * share
  return fromLab([part(0), part(1), part(2)])
}

/** Lighter by a share of full lightness; negative is darker. */
export function lighten(colour: Colour, amount: number): Colour {
  const [lightness, a, b] = toLab(colour)
  return fromLab([Math.min(1, Math.max(0, lightness + amount)), a, b])
}

/** Turned on the colour wheel, in radians. */
export function turnHue(colour: Colour, angle: number): Colour {
  const [lightness, a, b] = toLab(colour)
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  return fromLab([lightness, a * cos - b * sin, a * sin + b * cos])
}

export function lightness(colour: Colour): number {
  return toLab(colour)[0]
}

export function chroma(colour: Colour): number {
  const [, a, b] = toLab(colour)
  return Math.hypot(a, b)
}

function toLab([red, green, blue]: Colour): Lab {
  const [r, g, b] = [linear(red), linear(green), linear(blue)]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function fromLab([lightness, a, b]: Lab): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

function linear(byte: number): number {
  const value = byte / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function encoded(value: number): number {
  return clampByte(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055))
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)))
}
