import { decode, isBlurhashValid } from 'blurhash'
import { encodePng } from '#src/base/png.ts'

const edge = 8

/**
 * A blurhash as a PNG of 8 × 8 pixels in a data URL: the strictest content policy lets it through, where a style
 * would not pass, and browsers smooth it. Undefined for a hash that is none.
 */
export function placeholderUrl(blurhash: string | null): string | undefined {
  if (!blurhash || !isBlurhashValid(blurhash).result) return undefined
  // Of red, green, blue and opacity the first three.
  const rgb = Uint8Array.from(decode(blurhash, edge, edge).filter((_, index) => index % 4 < 3))
  return `data:image/png;base64,${encodePng(edge, edge, rgb).toString('base64')}`
}
