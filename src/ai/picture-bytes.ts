import sharp from 'sharp'
import { ProviderFault } from './provider-fault.ts'
import { isRasterFormat } from './raster-format.ts'

const maxPixels = 50_000_000

/** Decodes base64 (with or without a `data:` prefix). What it means is for `checkPicture` to say. */
export function decodeBase64(text: string): Uint8Array {
  const start = text.startsWith('data:') ? text.indexOf(',') + 1 : 0
  return Buffer.from(start ? text.slice(start) : text, 'base64')
}

/**
 * Throws a ProviderFault unless `bytes` is a whole PNG, JPEG or WebP of at most 50 megapixels. Every pixel is
 * decoded, because a truncated file has a good header.
 */
export async function checkPicture(bytes: Uint8Array): Promise<void> {
  if (!isRasterFormat(bytes)) throw notAPicture()
  const { width, height } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error) => {
      throw notAPicture(error)
    })
  if (width * height > maxPixels) {
    throw new ProviderFault('unavailable', 'The provider’s picture is larger than 50 megapixels.')
  }
  await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'truncated', sequentialRead: true })
    .resize(64, 64, { fit: 'fill', fastShrinkOnLoad: false })
    .raw()
    .toBuffer()
    .catch((error) => {
      throw notAPicture(error)
    })
}

function notAPicture(cause?: unknown): ProviderFault {
  const detail = cause === undefined ? undefined : String(cause)
  return new ProviderFault('unavailable', 'The provider’s answer is not a picture.', detail)
}
