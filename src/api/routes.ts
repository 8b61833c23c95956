import { Hono } from 'hono'
import type { App } from '#src/app.ts'

/** The client API, OAuth and our own endpoints. */
export function apiRoutes(_app: App) {
  return new Hono({ strict: false })
}
