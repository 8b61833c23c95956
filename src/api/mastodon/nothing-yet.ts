import { Hono } from 'hono'
import { allowScope, type Env, requireScope } from '../bearer.ts'

/**
 * Lists that apps ask for of themselves and fail without. They are empty because there are none of these things
 * here: each goes from this file when it comes into being. Mounted at `/api`.
 */
export function emptyListRoutes() {
  const routes = new Hono<Env>()
  for (const path of ['/v1/trends/statuses', '/v1/trends/tags', '/v1/trends/links']) {
    routes.get(path, allowScope('read'), (c) => c.json([]))
  }
  const ofPeople = {
    '/v1/filters': 'read:filters',
    '/v2/filters': 'read:filters',
    '/v1/lists': 'read:lists',
    '/v1/followed_tags': 'read:follows',
    '/v1/scheduled_statuses': 'read:statuses',
    '/v2/suggestions': 'read',
  }
  for (const [path, scope] of Object.entries(ofPeople)) {
    routes.get(path, requireScope(scope), (c) => c.json([]))
  }
  return routes
}
