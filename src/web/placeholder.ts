import { crc32, deflateSync } from 'node:zlib'
import { decode, isBlurhashValid } from 'blurhash'

const edge = 8

/**
 * A blurhash as a PNG of 8 × 8 pixels in a data URL: the strictest content policy lets it through, where a style
 * would not pass, and browsers smooth it. Undefined for a hash that is none.
 */
export function placeholderUrl(blurhash: string | null): string | undefined {
  if (!blurhash || !isBlurhashValid(blurhash).result) return undefined
  const pixels = decode(blurhash, edge, edge)
  const rows = Buffer.alloc(edge * (1 + edge * 3))
  for (let y = 0; y < edge; y += 1) {
    for (let x = 0; x < edge; x += 1) {
      const from = (y * edge + x) * 4
      rows.set(pixels.subarray(from, from + 3), y * (1 + edge * 3) + 1 + x * 3)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(edge, 0)
  header.writeUInt32BE(edge, 4)
  // Eight bits a channel, red, green and blue.
  header.set([8, 2], 8)
  const png = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
  return `data:image/png;base64,${png.toString('base64')}`
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(content.length, 0)
  named.copy(framed, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
