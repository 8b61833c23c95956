/** Whether the bytes begin as PNG, JPEG or WebP do. SVG, which sharp would read too, must never reach it. */
export function isRasterFormat(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  const isPng = start.startsWith('\x89PNG\r\n\x1a\n')
  const isJpeg = start.startsWith('\xff\xd8\xff')
  const isWebp = start.startsWith('RIFF') && start.endsWith('WEBP') && start.length === 12
  return isPng || isJpeg || isWebp
}
