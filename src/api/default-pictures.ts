import { Hono } from 'hono'
import {
  defaultAvatarPath,
  defaultHeaderPath,
  drawDefaultAvatar,
  drawDefaultHeader,
} from '#src/accounts/default-pictures.ts'

/** What is shown of people who chose no picture. Drawn when first asked for, the same on every server. */
export function defaultPictureRoutes() {
  return new Hono({ strict: false })
    .get(defaultAvatarPath, pictureHandler(drawDefaultAvatar))
    .get(defaultHeaderPath, pictureHandler(drawDefaultHeader))
}

function pictureHandler(draw: () => Buffer) {
  let drawn: Uint8Array<ArrayBuffer> | undefined
  return () => {
    drawn ??= new Uint8Array(draw())
    return new Response(drawn, {
      headers: {
        'content-type': 'image/png',
        'cache-control': 'public, max-age=86400',
        'x-content-type-options': 'nosniff',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      },
    })
  }
}
