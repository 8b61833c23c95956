import { cors } from 'hono/cors'

/** Web apps on any origin may speak to the API: what they may do is decided by their token, never by a cookie. */
export const openToWebApps = () =>
  cors({
    origin: '*',
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    exposeHeaders: [
      'Link',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      'Retry-After',
      'Idempotency-Key',
    ],
    maxAge: 86_400,
  })
