import { randomBytes } from 'node:crypto'
import { isPictureMediaType, type PictureMediaType, pictureExtensions } from './picture.ts'

/** First and last byte, both included, as in HTTP. */
export type ByteRange = { first: number; last: number }

export type MediaStat = {
  /** Of the whole, in bytes, whatever range was asked for. */
  size: number
  mediaType: string
}

/** Must be read to its end or cancelled. */
export type StoredMedia = MediaStat & { stream: ReadableStream<Uint8Array> }

/**
 * Where media files lie. Keys come from `newMediaKey`; what a file is follows from its key's extension alone.
 * Files never change, so a key may be cached for ever.
 */
export type MediaStorage = {
  /** Resolves once the file is durably stored. */
  put(key: string, bytes: Uint8Array): Promise<void>
  stat(key: string): Promise<MediaStat | undefined>
  /** Undefined when there is no such file, or could never be one. `range` must lie within the file. */
  get(key: string, range?: ByteRange): Promise<StoredMedia | undefined>
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>
  /** Deletes what a crash left of files that were being written before then. */
  deleteUnfinished(before: Date): Promise<void>
  /** The address a browser or another server fetches the file from. */
  urlOf(key: string): string
}

// Nothing a person or a server sent is ever part of a key, and no other string reaches a file system or a bucket.
const keyPattern = /^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{32}\.[a-z0-9]{1,8}$/

/** A key nobody can guess: two folders to spread the files, then 128 random bits. */
export function newMediaKey(extension: string): string {
  const name = randomBytes(16).toString('hex')
  const folders = randomBytes(2).toString('hex')
  const key = `${folders.slice(0, 2)}/${folders.slice(2)}/${name}.${extension}`
  requireMediaKey(key)
  return key
}

export function isMediaKey(key: string): boolean {
  return keyPattern.test(key)
}

/** Keys are made here, so a wrong one is a fault in the program, not in a request. */
export function requireMediaKey(key: string): void {
  if (!isMediaKey(key)) throw new TypeError(`not a media key: ${JSON.stringify(key)}`)
}

/** A picture type, or `application/octet-stream`: nothing is ever stored as HTML, SVG or JSON. */
export function mediaTypeOfKey(key: string): PictureMediaType | 'application/octet-stream' {
  const extension = key.slice(key.lastIndexOf('.') + 1)
  const mediaType = Object.entries(pictureExtensions).find((entry) => entry[1] === extension)?.[0]
  return isPictureMediaType(mediaType) ? mediaType : 'application/octet-stream'
}
