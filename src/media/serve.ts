import { isKnown } from '#src/base/etag.ts'
import { isPictureMediaType } from './picture.ts'
import { type ByteRange, isMediaKey, type MediaStorage } from './storage.ts'

/**
 * Answers GET and HEAD for one media file (RFC 9110: conditional by ETag, one byte range). What lies in a file is
 * never believed: the type follows from the key, and a browser may neither guess another nor run anything.
 */
export async function mediaResponse(
  storage: MediaStorage,
  key: string,
  request: Pick<Request, 'method' | 'headers'>,
): Promise<Response> {
  const found = isMediaKey(key) ? await storage.stat(key) : undefined
  if (!found) return new Response('Not found', { status: 404, headers: { 'cache-control': 'no-store' } })

  const etag = `"${key.slice(key.lastIndexOf('/') + 1)}"`
  const headers = mediaHeaders(found.mediaType)
  headers.set('etag', etag)
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })

  const range = requestedRange(request, etag, found.size)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${found.size}`)
    headers.set('cache-control', 'no-store')
    return new Response(null, { status: 416, headers })
  }
  const { first, last } = range ?? { first: 0, last: found.size - 1 }
  headers.set('content-length', String(last + 1 - first))
  if (range) headers.set('content-range', `bytes ${first}-${last}/${found.size}`)
  if (request.method === 'HEAD') return new Response(null, { status: range ? 206 : 200, headers })

  const media = await storage.get(key, range)
  if (!media) return new Response('Not found', { status: 404, headers: { 'cache-control': 'no-store' } })
  return new Response(media.stream, { status: range ? 206 : 200, headers })
}

/** What keeps a browser from taking a file for anything else than a picture, a film or a sound. */
export function mediaHeaders(mediaType: string): Headers {
  const headers = new Headers({
    'content-type': mediaType,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'public, max-age=31536000, immutable',
    'accept-ranges': 'bytes',
    // Clients on other origins show pictures, and read them into a canvas.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  })
  if (!isPictureMediaType(mediaType)) headers.set('content-disposition', 'attachment')
  return headers
}

/** Malformed and multiple ranges are ignored, as RFC 9110 §14.2 lets us: the answer is the whole file. */
function requestedRange(
  request: Pick<Request, 'method' | 'headers'>,
  etag: string,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const ifRange = request.headers.get('if-range')
  if (ifRange !== null && ifRange !== etag) return undefined
  const parts = /^bytes=(\d*)-(\d*)$/i.exec(request.headers.get('range')?.trim() ?? '')
  const [start, end] = [parts?.[1] ?? '', parts?.[2] ?? '']
  if (start === '' && end === '') return undefined
  if (start === '') {
    const length = Math.min(Number(end), size)
    return length > 0 ? { first: size - length, last: size - 1 } : 'unsatisfiable'
  }
  const first = Number(start)
  const last = end === '' ? size - 1 : Number(end)
  if (last < first && end !== '') return undefined
  return first < size ? { first, last: Math.min(last, size - 1) } : 'unsatisfiable'
}
