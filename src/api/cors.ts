import type { MiddlewareHandler } from 'hono'

const allowedMethods = 'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS'
const exposedHeaders =
  'Link,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,Retry-After,Idempotency-Key'
const rememberedForSeconds = '86400'

/**
 * Web apps on any origin may speak to the API: what they may do is decided by their token, never by a cookie.
 * Hono's own middleware puts its headers on the finished answer, which turns every text into a stream first.
 */
export function openToWebApps(): MiddlewareHandler {
  return async (c, next) => {
    c.header('access-control-allow-origin', '*')
    c.header('access-control-expose-headers', exposedHeaders)
    if (c.req.method !== 'OPTIONS') return next()
    c.header('access-control-max-age', rememberedForSeconds)
    c.header('access-control-allow-methods', allowedMethods)
    const wanted = c.req.header('access-control-request-headers')
    if (wanted) c.header('access-control-allow-headers', wanted)
    c.header('vary', 'Access-Control-Request-Headers')
    return c.body(null, 204)
  }
}
