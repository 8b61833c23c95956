import { type ErrorHandler, Hono, type MiddlewareHandler } from 'hono'
import type { App } from '#src/app.ts'
import { bearer, type Env } from './bearer.ts'
import { openToWebApps } from './cors.ts'
import { errorHandler, notFoundHandler } from './errors.ts'
import { limits } from './limits.ts'

type FrameOptions = {
  /** How failures are told; the Mastodon API's way unless given. */
  errors?: ErrorHandler
  /** Whether a browser's session opens these routes as a token does. */
  allowSession?: boolean
}

/**
 * What every route of an API stands in: cross-origin access, who is asking, limits, errors. Trailing slashes
 * are tolerated when this is the router that a request enters, or when the one it is mounted on is not strict.
 */
export function createApiFrame(app: App, { errors = errorHandler, allowSession = false }: FrameOptions = {}) {
  const frame = new Hono<Env>({ strict: false })
  frame.onError(errors)
  frame.notFound(notFoundHandler)
  frame.use('*', openToWebApps(), privately, bearer(app, { allowSession }), limits(app))
  return frame
}

/** An answer is for whoever asked: nothing on the way may keep it for another. */
const privately: MiddlewareHandler = async (c, next) => {
  // Before the answer: to touch it afterwards would turn its text into a stream.
  c.header('cache-control', 'private, no-store')
  await next()
}
