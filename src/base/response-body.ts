import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { FetchRefused } from './fetch-errors.ts'

/**
 * Reads and decompresses a body, giving up as soon as the decoded bytes pass the cap: a compression bomb costs
 * no more than an honest body of that size. What is cut ends there, when its beginning is enough.
 * @throws FetchRefused for size or for an encoding we did not ask for
 */
export async function readBody(
  source: Readable,
  headers: Headers,
  { maxBytes, isBeginningEnough = false }: { maxBytes: number; isBeginningEnough?: boolean },
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Destroying an unfinished body makes it emit an error, which without a listener would end the process.
  source.on('error', () => {})
  try {
    const decoded = decode(source, headers.get('content-encoding'))
    const isTooLong = Number(headers.get('content-length')) > maxBytes
    if (isTooLong && !isBeginningEnough) throw new FetchRefused('size')
    for await (const chunk of decoded) {
      if (!(chunk instanceof Uint8Array)) continue
      const room = maxBytes - size
      if (chunk.byteLength > room && !isBeginningEnough) throw new FetchRefused('size')
      chunks.push(chunk.subarray(0, room))
      size += Math.min(chunk.byteLength, room)
      if (chunk.byteLength > room) break
    }
  } finally {
    // Ends the connection too when something is left on it.
    source.destroy()
  }
  return joined(chunks, size)
}

function decode(source: Readable, encoding: string | null): Readable {
  const name = encoding?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') return source
  const decoder = decoderFor(name)
  if (!decoder) throw new FetchRefused('encoding')
  source.on('error', (error) => decoder.destroy(error))
  return source.pipe(decoder)
}

function decoderFor(encoding: string) {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip()
  if (encoding === 'br') return createBrotliDecompress()
  return undefined
}

function joined(chunks: Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}
