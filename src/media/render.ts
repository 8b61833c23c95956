import { createHash } from 'node:crypto'
import { encode as encodeBlurhash } from 'blurhash'
import sharp, { type Sharp } from 'sharp'
import {
  EMOJI_MAX_SIDE,
  FEDERATED_MAX_BYTES,
  FEDERATED_MAX_SIDE,
  isPictureMediaType,
  PICTURE_MAX_PIXELS,
  PICTURE_MAX_SIDE,
  type PictureFile,
  type PictureMediaType,
  type PictureRefusal,
  type PictureRequest,
  type PictureResult,
  type ProcessedPicture,
  pictureExtensions,
  SMALL_MAX_SIDE,
} from './picture.ts'
import { type DigitalSourceType, digitalSourceTypeOfXmp, xmpPacket } from './provenance.ts'

// 'error' and not 'warning': phones write JPEGs that libjpeg grumbles about and everyone shows. Only the first
// frame of an animation is ever read (sharp's default), so a thousand frames cost no more than one.
const INPUT = { failOn: 'error', limitInputPixels: PICTURE_MAX_PIXELS } as const

const MASTER_QUALITY = 92
// Below the least, pixels are given up instead.
const BEST_QUALITY = 90
const QUALITIES_BETWEEN = [85, 80, 75, 70, 64, 58, 52]
const LEAST_QUALITY = 45

/** The decoded first frame: 8-bit sRGB, upright, no larger than federates. */
type Frame = { pixels: Buffer; width: number; height: number; channels: 3 | 4; isOpaque: boolean }

type Source = {
  bytes: Uint8Array
  mediaType: PictureMediaType
  width: number
  height: number
  digitalSourceType: DigitalSourceType | undefined
}

class RefusedPicture extends Error {
  readonly reason: PictureRefusal
  constructor(reason: PictureRefusal) {
    super(reason)
    this.reason = reason
  }
}

/** Only what we accept can be decoded at all in this process: SVG, TIFF and the rest are switched off. */
export function allowOnlyPictureLoaders(): void {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`),
  })
}

/** Decodes, measures and re-encodes one picture in this process; the pool in process.ts runs it in a child. */
export async function renderPicture(bytes: Uint8Array, request: PictureRequest): Promise<PictureResult> {
  try {
    return await render(bytes, request)
  } catch (error) {
    return { outcome: 'refused', reason: refusalOf(error) }
  }
}

/** What the XMP of a picture file declares, in any format we serve. */
export async function readDigitalSourceType(bytes: Uint8Array): Promise<DigitalSourceType | undefined> {
  const { xmpAsString } = await sharp(bytes, INPUT).metadata()
  return xmpAsString === undefined ? undefined : digitalSourceTypeOfXmp(xmpAsString)
}

async function render(bytes: Uint8Array, request: PictureRequest): Promise<ProcessedPicture> {
  const source = await inspect(bytes)
  if (request.source === 'emoji') return renderEmoji(source)
  const digitalSourceType =
    'digitalSourceType' in request ? request.digitalSourceType : source.digitalSourceType
  const xmp = digitalSourceType && xmpPacket(digitalSourceType)
  const frame = await decode(source)
  return {
    outcome: 'processed',
    ...(await encodeFiles(source, frame, { request, xmp })),
    width: source.width,
    height: source.height,
    ...(await placeholders(frame)),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    digitalSourceType,
  }
}

/** PNG, which every server takes for an emoji; of an animation the first frame. */
async function renderEmoji(source: Source): Promise<ProcessedPicture> {
  const frame = await decode(source)
  const size = { width: EMOJI_MAX_SIDE, height: EMOJI_MAX_SIDE } as const
  const image = pipeline(frame).resize({ ...size, fit: 'inside', withoutEnlargement: true })
  const file = await encode(image.png(), 'image/png', undefined)
  return {
    outcome: 'processed',
    original: file,
    derivative: file,
    small: file,
    width: source.width,
    height: source.height,
    ...(await placeholders(frame)),
    sha256: createHash('sha256').update(source.bytes).digest('hex'),
    digitalSourceType: undefined,
  }
}

type How = { request: PictureRequest; xmp: string | undefined }

async function encodeFiles(source: Source, frame: Frame, { request, xmp }: How) {
  const isSmallEnough = request.source === 'preview' || (request.source === 'copy' && request.side !== null)
  const side = request.source === 'copy' && request.side !== null ? request.side : SMALL_MAX_SIDE
  const small = await encodeSmall(frame, side, xmp)
  const derivative = isSmallEnough ? small : await encodeToFit(frame, xmp)
  if (request.source === 'copy') return { original: derivative, derivative, small }
  const original = request.source === 'upload' ? await encodeMaster(source, frame, xmp) : fileOf(source)
  return { original, derivative, small }
}

/** Believes the header, never a claim; the pixels are proved by `decode`. */
async function inspect(bytes: Uint8Array): Promise<Source> {
  const metadata = await sharp(bytes, INPUT).metadata()
  if (!isPictureMediaType(metadata.mediaType)) throw new RefusedPicture('notAPicture')
  const { width, height } = metadata.autoOrient
  if (width * height > PICTURE_MAX_PIXELS || Math.max(width, height) > PICTURE_MAX_SIDE) {
    throw new RefusedPicture('tooManyPixels')
  }
  const { mediaType, xmpAsString } = metadata
  const digitalSourceType = xmpAsString === undefined ? undefined : digitalSourceTypeOfXmp(xmpAsString)
  return { bytes, mediaType, width, height, digitalSourceType }
}

async function decode(source: Source): Promise<Frame> {
  const { data, info } = await sharp(source.bytes, INPUT)
    .autoOrient()
    .resize({
      width: FEDERATED_MAX_SIDE,
      height: FEDERATED_MAX_SIDE,
      fit: 'inside',
      withoutEnlargement: true,
    })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels !== 3 && channels !== 4) throw new RefusedPicture('damaged')
  return { pixels: data, width, height, channels, isOpaque: channels === 3 || !hasTransparency(data) }
}

function hasTransparency(rgba: Buffer): boolean {
  for (let index = 3; index < rgba.length; index += 4) if (rgba[index] !== 255) return true
  return false
}

function pipeline(frame: Frame): Sharp {
  const { width, height, channels } = frame
  const image = sharp(frame.pixels, { raw: { width, height, channels } })
  return frame.isOpaque ? image.removeAlpha() : image
}

async function encode(image: Sharp, mediaType: PictureMediaType, xmp: string | undefined) {
  const marked = xmp === undefined ? image : image.withXmp(xmp)
  const { data, info } = await marked.toBuffer({ resolveWithObject: true })
  return fileOf({ bytes: data, mediaType, width: info.width, height: info.height })
}

function fileOf(source: Omit<PictureFile, 'extension'>): PictureFile {
  const { bytes, mediaType, width, height } = source
  return { bytes, mediaType, extension: pictureExtensions[mediaType], width, height }
}

/** The largest picture, then the highest quality, whose file fits. */
async function encodeToFit(frame: Frame, xmp: string | undefined): Promise<PictureFile> {
  let side = Math.max(frame.width, frame.height)
  for (;;) {
    const attempt = (quality: number) => encodeDerivative(frame, side, quality, xmp)
    const best = await attempt(BEST_QUALITY)
    if (fits(best)) return best
    const least = await attempt(LEAST_QUALITY)
    if (fits(least)) return (await searchBetween(attempt)) ?? least
    // A file grows about as its area does.
    const scale = Math.min(0.75, Math.sqrt(FEDERATED_MAX_BYTES / least.bytes.byteLength))
    side = Math.max(1, Math.floor(side * scale))
  }
}

function fits(file: PictureFile): boolean {
  return file.bytes.byteLength <= FEDERATED_MAX_BYTES
}

function encodeDerivative(frame: Frame, side: number, quality: number, xmp: string | undefined) {
  const image = pipeline(frame).resize({ width: side, height: side, fit: 'inside' })
  return frame.isOpaque
    ? encode(image.jpeg({ quality }), 'image/jpeg', xmp)
    : encode(image.webp({ quality, effort: 2 }), 'image/webp', xmp)
}

/** The best file that fits at the qualities between, by binary search; undefined when none does. */
async function searchBetween(attempt: (quality: number) => Promise<PictureFile>) {
  let best: PictureFile | undefined
  let [low, high] = [0, QUALITIES_BETWEEN.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const file = await attempt(QUALITIES_BETWEEN[middle] ?? LEAST_QUALITY)
    if (fits(file)) {
      best = file
      high = middle
    } else {
      low = middle + 1
    }
  }
  return best
}

function encodeSmall(frame: Frame, side: number, xmp: string | undefined): Promise<PictureFile> {
  const image = pipeline(frame).resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
  return encode(image.webp({ quality: 80 }), 'image/webp', xmp)
}

/** Full size, without what the camera wrote. Lossless stays lossless, GIF's first frame included. */
function encodeMaster(source: Source, frame: Frame, xmp: string | undefined): Promise<PictureFile> {
  const isWhole = frame.width === source.width && frame.height === source.height
  const image = isWhole ? pipeline(frame) : sharp(source.bytes, INPUT).autoOrient()
  switch (source.mediaType) {
    case 'image/png':
    case 'image/gif':
      return encode(image.png(), 'image/png', xmp)
    case 'image/jpeg':
      return encode(image.jpeg({ quality: MASTER_QUALITY }), 'image/jpeg', xmp)
    default:
      return encode(image.webp({ quality: MASTER_QUALITY, effort: 2 }), 'image/webp', xmp)
  }
}

/** What is shown while the picture loads. Colours behind transparency are those of a white page. */
async function placeholders(frame: Frame): Promise<{ blurhash: string; dominantColor: string }> {
  const side = 32
  const rgb = await pipeline(frame)
    .resize({ width: side, height: side, fit: 'fill' })
    .flatten({ background: '#ffffff' })
    .raw()
    .toBuffer()
  const image = sharp(rgb, { raw: { width: side, height: side, channels: 3 } })
  const rgba = await image.clone().ensureAlpha().raw().toBuffer()
  const { dominant } = await image.stats()
  const [across, down] = frame.width >= frame.height ? [4, 3] : [3, 4]
  return {
    blurhash: encodeBlurhash(new Uint8ClampedArray(rgba), side, side, across, down),
    dominantColor: `#${[dominant.r, dominant.g, dominant.b].map(hexByte).join('')}`,
  }
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0')
}

// libvips tells its failures apart only by their words.
function refusalOf(error: unknown): PictureRefusal {
  if (error instanceof RefusedPicture) return error.reason
  const message = error instanceof Error ? error.message : ''
  if (/unsupported image format|is empty/i.test(message)) return 'notAPicture'
  if (/pixel limit/i.test(message)) return 'tooManyPixels'
  return 'damaged'
}
