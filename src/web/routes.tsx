import { Hono } from 'hono'
import type { App } from '#src/app.ts'

/** The pages people see, at the paths of their URLs. */
export function webRoutes(_app: App) {
  return new Hono()
}
