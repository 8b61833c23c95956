import { createHash } from 'node:crypto'
import { notFound } from '#src/base/errors.ts'
import { isId, type PageContext } from '../session.ts'

const immutable = 'public, max-age=31536000, immutable'

/** Whoever chose no picture gets a small abstract painting of their own, always the same. */
export function defaultAvatar(c: PageContext) {
  const id = (c.req.param('file') ?? '').replace(/\.svg$/, '')
  if (!isId(id)) throw notFound()
  return svg(c, drawAvatar(id), immutable)
}

export function favicon(c: PageContext) {
  return svg(c, mark, 'public, max-age=86400')
}

function svg(c: PageContext, text: string, cacheControl: string) {
  return c.body(text, 200, {
    'content-type': 'image/svg+xml',
    'cache-control': cacheControl,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  })
}

function drawAvatar(id: string): string {
  const bytes = createHash('sha256').update(id).digest()
  const between = (index: number, least: number, most: number) =>
    Math.round(least + ((bytes[index] ?? 0) / 255) * (most - least))
  const hue = between(0, 0, 359)
  const second = (hue + between(1, 25, 70)) % 360
  // The sun is warm over whatever land.
  const third = between(2, 8, 52)
  const [x, y, r] = [between(3, 22, 74), between(4, 18, 44), between(5, 14, 24)]
  const [a, b, d] = [between(6, 46, 66), between(7, 50, 82), between(8, 44, 70)]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">
<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl(${hue} 48% 78%)"/><stop offset="1" stop-color="hsl(${second} 52% 64%)"/></linearGradient></defs>
<rect width="96" height="96" fill="url(#g)"/>
<circle cx="${x}" cy="${y}" r="${r}" fill="hsl(${third} 62% 62%)"/>
<path d="M0 ${a}C24 ${b - 18} 40 ${a + 14} 60 ${d}S88 ${b - 14} 96 ${a - 6}V96H0Z" fill="hsl(${second} 38% 42%)"/>
<path d="M0 ${b}C20 ${a + 8} 52 ${b + 16} 70 ${b - 4}S90 ${d + 8} 96 ${b + 2}V96H0Z" fill="hsl(${hue} 42% 27%)"/></svg>`
}

const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">
<rect width="24" height="24" rx="6" fill="#9a3f17"/>
<path d="M4.5 19.5c4.7-.8 5.3-4.8 7.5-7.3L18.7 5.1c.7-.7 1.7.2 1.1 1L13.6 13c-2.4 2.8-4.7 5.6-9.1 6.5Z" fill="#fff"/></svg>`
