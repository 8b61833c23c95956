import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A soft, painting-like picture: noise enlarged, so that it compresses as pictures do. */
export function softPicture(width: number, height: number) {
  const background = { r: 100, g: 100, b: 100 }
  const small = { width: Math.ceil(width / 16), height: Math.ceil(height / 16), channels: 3 as const }
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
  return sharp({ create: { ...small, background, noise } }).resize(width, height, { fit: 'fill' })
}

/** The worst there is to compress. */
export function noisePicture(width: number, height: number) {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 60 }
  return sharp({ create: { width, height, channels: 3, background: { r: 1, g: 1, b: 1 }, noise } })
}

/** Left half red, right half see-through. */
export async function halfTransparentPng(width: number, height: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 4)
  for (let index = 0; index < width * height; index++) {
    if (index % width < width / 2) pixels.set([255, 0, 0, 255], index * 4)
  }
  return sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer()
}

export function pngChunk(type: string, body: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(crc32(typed), 4)
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)])
}

/** A well-formed header that promises width × height, and a few bytes of pixels. */
export function pngOfClaimedSize(width: number, height: number, extraChunks: Buffer[] = []): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...extraChunks,
    pngChunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** A GIF of 8 × 8 with very many frames of one pixel. */
export function gifOfFrames(frames: number): Buffer {
  const head = Buffer.from([
    ...Buffer.from('GIF89a', 'latin1'),
    ...[8, 0, 8, 0, 0x80, 0, 0],
    ...[255, 0, 0, 0, 0, 255],
  ])
  const frame = Buffer.from([
    ...[0x21, 0xf9, 4, 0, 1, 0, 0, 0],
    ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0],
    ...[2, 2, 0x44, 0x01, 0],
  ])
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])])
}

/** Puts APP segments after a JPEG's first marker; each body is at most 65,533 bytes. */
export function withJpegSegments(jpeg: Buffer, marker: number, bodies: Buffer[]): Buffer {
  const segments = bodies.map((body) => {
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(body.length + 2, 2)
    return Buffer.concat([head, body])
  })
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}
