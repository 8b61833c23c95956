import { Hono } from 'hono'
import { type Env, requireScope } from '../bearer.ts'

/**
 * Lists that apps ask for of themselves and fail without. They are empty because there are none of these things
 * here: each goes from this file when it comes into being. Mounted at `/api`.
 */
export function emptyListRoutes() {
  const routes = new Hono<Env>()
  const ofPeople = {
    '/v1/scheduled_statuses': 'read:statuses',
    '/v2/suggestions': 'read',
  }
  for (const [path, scope] of Object.entries(ofPeople)) {
    routes.get(path, requireScope(scope), (c) => c.json([]))
  }
  return routes
}
