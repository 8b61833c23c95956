import type { MiddlewareHandler } from 'hono'
import type { App } from '#src/app.ts'

/** What a browser may do with our pages: run and load our own files, show pictures, and nothing else. */
export function securityHeaders(app: App): MiddlewareHandler {
  const policy = contentSecurityPolicy(app)
  return async (c, next) => {
    // Before the answer: to touch it afterwards would turn its text into a stream.
    c.header('content-security-policy', policy)
    c.header('x-content-type-options', 'nosniff')
    c.header('x-frame-options', 'DENY')
    // Not no-referrer: with it, browsers say `Origin: null` when a form is sent.
    c.header('referrer-policy', 'same-origin')
    c.header('cross-origin-opener-policy', 'same-origin')
    c.header('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    await next()
  }
}

function contentSecurityPolicy(app: App): string {
  // Other servers' media come through our own proxy.
  const ours = app.config.mediaUrl ? ` ${new URL(app.config.mediaUrl).origin}` : ''
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data:${ours}`,
    `media-src 'self'${ours}`,
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
