import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { AppError } from '#src/base/errors.ts'
import {
  type ByteRange,
  isMediaKey,
  type MediaStat,
  type MediaStorage,
  mediaTypeOfKey,
  requireMediaKey,
  type StoredMedia,
} from './storage.ts'

export type S3Settings = {
  endpoint: string
  bucket: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  /** What keys are appended to in public addresses, without a trailing slash. */
  mediaUrl: string
}

type S3 = { client: AwsClient; bucketUrl: string }
type S3Request = { method: string; headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer> }

// Until the answer's headers; a body that stalls is ended by fetch itself.
const ANSWER_TIMEOUT_MS = 30_000
const RETRIES = 3

/** Any S3-compatible object store, by path-style addresses and Signature Version 4. Failures are `unavailable`. */
export function createS3Storage(settings: S3Settings): MediaStorage {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey, mediaUrl } = settings
  const s3 = {
    client: new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES }),
    bucketUrl: `${endpoint.replace(/\/+$/, '')}/${bucket}`,
  }
  return {
    put: (key, bytes) => put(s3, key, bytes),
    stat: (key) => statOf(s3, key),
    get: (key, range) => get(s3, key, range),
    delete: (key) => remove(s3, key),
    // A store shows an object whole or not at all.
    deleteUnfinished: async () => undefined,
    urlOf: (key) => `${mediaUrl}/${key}`,
  }
}

async function put(s3: S3, key: string, bytes: Uint8Array): Promise<void> {
  requireMediaKey(key)
  const answer = await send(s3, key, {
    method: 'PUT',
    body: new Uint8Array(bytes),
    headers: {
      'content-type': mediaTypeOfKey(key),
      'cache-control': 'public, max-age=31536000, immutable',
      // The store compares it, so what it holds is what we sent.
      'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex'),
    },
  })
  await finish(answer)
  if (answer.status !== 200) throw failed('PUT', answer)
}

async function statOf(s3: S3, key: string): Promise<MediaStat | undefined> {
  if (!isMediaKey(key)) return undefined
  const answer = await send(s3, key, { method: 'HEAD' })
  await finish(answer)
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw failed('HEAD', answer)
  return { size: Number(answer.headers.get('content-length')), mediaType: mediaTypeOfKey(key) }
}

async function get(s3: S3, key: string, range?: ByteRange): Promise<StoredMedia | undefined> {
  if (!isMediaKey(key)) return undefined
  const headers: Record<string, string> = range ? { range: `bytes=${range.first}-${range.last}` } : {}
  const answer = await send(s3, key, { method: 'GET', headers })
  if (answer.status === (range ? 206 : 200) && answer.body) {
    return { stream: answer.body, size: wholeSize(answer), mediaType: mediaTypeOfKey(key) }
  }
  await finish(answer)
  if (answer.status === 404) return undefined
  throw failed('GET', answer)
}

async function remove(s3: S3, key: string): Promise<void> {
  requireMediaKey(key)
  const answer = await send(s3, key, { method: 'DELETE' })
  await finish(answer)
  if (answer.status !== 204 && answer.status !== 200 && answer.status !== 404) throw failed('DELETE', answer)
}

async function send(s3: S3, key: string, request: S3Request): Promise<Response> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), ANSWER_TIMEOUT_MS)
  try {
    // A redirected request would carry its signature to another host.
    const init = { ...request, redirect: 'manual', signal: timeout.signal } as const
    return await s3.client.fetch(`${s3.bucketUrl}/${key}`, init)
  } catch (cause) {
    throw new AppError('unavailable', 'Media storage does not answer', { cause })
  } finally {
    clearTimeout(timer)
  }
}

/** Frees the connection of an answer whose body nobody wants. */
async function finish(answer: Response): Promise<void> {
  await answer.body?.cancel()
}

function wholeSize(answer: Response): number {
  const total = answer.headers.get('content-range')?.split('/')[1]
  return Number(total ?? answer.headers.get('content-length'))
}

function failed(method: string, answer: Response): AppError {
  const cause = new Error(`${method} answered ${answer.status}`)
  return new AppError('unavailable', 'Media storage failed', { cause })
}
