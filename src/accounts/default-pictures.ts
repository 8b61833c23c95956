import { encodePng } from '#src/base/png.ts'

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

/** With two by two samples a pixel for smooth edges. */
function drawPng(width: number, height: number, painter: Painter): Buffer {
  const rgb = Buffer.alloc(width * height * 3)
  let offset = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const samples = [0.25, 0.75].flatMap((dy) =>
        [0.25, 0.75].map((dx) => painter((x + dx) / width, (y + dy) / height)),
      )
      for (const channel of [0, 1, 2] as const) {
        rgb[offset++] = Math.round(samples.reduce((sum, colour) => sum + colour[channel], 0) / samples.length)
      }
    }
  }
  return encodePng(width, height, rgb)
}
