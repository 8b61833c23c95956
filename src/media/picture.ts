import type { DigitalSourceType } from './provenance.ts'

export const UPLOAD_MAX_BYTES = 16 * 1024 * 1024
/** A provider's lossless picture may be larger than what people may upload. */
export const PAINTING_MAX_BYTES = 48 * 1024 * 1024
export const PICTURE_MAX_PIXELS = 50_000_000
/** WebP can hold no more. */
export const PICTURE_MAX_SIDE = 16_383
/** What Bluesky's bridge passes on; decimal megabytes. */
export const FEDERATED_MAX_BYTES = 2_000_000
export const FEDERATED_MAX_SIDE = 4_000
export const SMALL_MAX_SIDE = 640
export const EMOJI_MAX_SIDE = 128

/** Every media type that is stored and served as a picture, with its file extension. */
export const pictureExtensions = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
} as const

export type PictureMediaType = keyof typeof pictureExtensions

export function isPictureMediaType(value: string | undefined): value is PictureMediaType {
  return value !== undefined && Object.hasOwn(pictureExtensions, value)
}

/**
 * Uploads are re-encoded without their metadata; a painting's original stays byte for byte. A preview is a painting
 * whose derivative is the small picture, which takes a third of the time. An emoji is a tiny PNG and nothing else.
 */
export type PictureRequest =
  | { source: 'upload' | 'emoji' }
  | { source: 'painting' | 'preview'; digitalSourceType: DigitalSourceType }
  /** Of a stranger's file: re-encoded no larger than `side` pixels, or as large as federates, and nothing else. */
  | { source: 'copy'; side: number | null }

export type PictureFile = {
  bytes: Uint8Array
  mediaType: PictureMediaType
  extension: string
  width: number
  height: number
}

export type ProcessedPicture = {
  outcome: 'processed'
  /** The best we keep: a painting's untouched bytes, or an upload at full size without its metadata. */
  original: PictureFile
  /** What federates: JPEG, or WebP when there is transparency. */
  derivative: PictureFile
  /** A WebP preview. */
  small: PictureFile
  /** Of the original, after its orientation is applied. */
  width: number
  height: number
  blurhash: string
  /** `#rrggbb` */
  dominantColor: string
  /** Of the bytes as they came, in hex. */
  sha256: string
  /** Given for a painting; for an upload what its own XMP declared, if anything. */
  digitalSourceType: DigitalSourceType | undefined
}

/** Why a picture was not taken, in words for the person who sent it (English; pages translate by the key). */
export const refusalMessages = {
  tooManyBytes: 'The file is too large',
  notAPicture: 'The file is not a JPEG, PNG, WebP, GIF or AVIF picture',
  tooManyPixels: 'The picture has too many pixels: at most 50 million, and 16,383 on a side',
  damaged: 'The picture is damaged or incomplete',
  tooSlow: 'The picture took too long to process',
  tooMuchMemory: 'The picture needed too much memory to process',
  unprocessable: 'The picture could not be processed',
} as const

export type PictureRefusal = keyof typeof refusalMessages

export type PictureResult = ProcessedPicture | { outcome: 'refused'; reason: PictureRefusal }
