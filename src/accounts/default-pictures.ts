import { crc32, deflateSync } from 'node:zlib'

// Mastodon's paths: apps know by `missing.png` that nobody chose a picture.
export const defaultAvatarPath = '/avatars/original/missing.png'
export const defaultHeaderPath = '/headers/original/missing.png'

type Colour = [red: number, green: number, blue: number]
/** The colour at a place; both coordinates lie between 0 and 1. */
type Painter = (x: number, y: number) => Colour

const paper: Colour = [233, 226, 214]
const dusk: Colour = [196, 178, 166]
const ink: Colour = [126, 111, 108]

/** Head and shoulders on paper. */
export function drawDefaultAvatar(): Buffer {
  return drawPng(240, 240, (x, y) => {
    const isHead = Math.hypot(x - 0.5, y - 0.4) < 0.17
    const isBody = Math.hypot((x - 0.5) / 0.36, (y - 1.02) / 0.38) < 1
    return isHead || isBody ? ink : blend(paper, dusk, y)
  })
}

/** A wash that darkens downwards, with two hills. */
export function drawDefaultHeader(): Buffer {
  return drawPng(900, 300, (x, y) => {
    if (y > 0.78 + 0.1 * Math.sin(x * 5 + 2)) return blend(dusk, ink, 0.75)
    if (y > 0.62 + 0.12 * Math.sin(x * 3.4)) return blend(dusk, ink, 0.35)
    return blend(paper, dusk, y)
  })
}

function blend(from: Colour, to: Colour, share: number): Colour {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ]
}

/** An opaque PNG (ISO/IEC 15948), with two by two samples a pixel for smooth edges. */
function drawPng(width: number, height: number, painter: Painter): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3))
  let offset = 0
  for (let y = 0; y < height; y++) {
    rows[offset++] = 0
    for (let x = 0; x < width; x++) {
      const samples = [0.25, 0.75].flatMap((dy) =>
        [0.25, 0.75].map((dx) => painter((x + dx) / width, (y + dy) / height)),
      )
      for (const channel of [0, 1, 2] as const) {
        rows[offset++] = Math.round(
          samples.reduce((sum, colour) => sum + colour[channel], 0) / samples.length,
        )
      }
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits a channel, red, green and blue.
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, body: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  checksum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, checksum])
}
