import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { drawDefaultAvatar } from '#src/accounts/default-pictures.ts'
import { encodePng } from '#src/base/png.ts'
import { placeholderUrl } from '#src/web/placeholder.ts'

describe('a PNG of ours', () => {
  test('holds the pixels it was made of', async () => {
    const rgb = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90])
    const { data, info } = await sharp(encodePng(3, 2, rgb))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 3, height: 2, channels: 3 })
    expect(data).toEqual(rgb)
  })

  test('shows someone without a picture', async () => {
    expect(await sharp(drawDefaultAvatar()).stats()).toMatchObject({ isOpaque: true })
  })

  test('is what a blurhash becomes, and nothing where it is none', async () => {
    const url = placeholderUrl('LEHV6nWB2yk8pyo0adR*.7kCMdnj') ?? ''
    const png = Buffer.from(url.replace('data:image/png;base64,', ''), 'base64')
    expect(await sharp(png).metadata()).toMatchObject({ width: 8, height: 8, format: 'png', hasAlpha: false })
    expect(placeholderUrl('no hash')).toBeUndefined()
    expect(placeholderUrl(null)).toBeUndefined()
  })
})
