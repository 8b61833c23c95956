import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { AppFederation } from '#federation/index.ts'
import { addressOf } from './api/bearer.ts'
import { openToWebApps } from './api/cors.ts'
import { apiRoutes } from './api/routes.ts'
import type { Streaming } from './api/streaming/streaming.ts'
import type { App } from './app.ts'
import { healthRoutes, measure, type Readiness } from './health.ts'
import { proxyRoutes } from './media/proxy.ts'
import { mediaResponse } from './media/serve.ts'
import { webRoutes } from './web/routes.tsx'

type Parts = { federation: AppFederation; readiness: Readiness; streaming: Streaming }

/** Everything this server answers over HTTP, in the order in which it is asked. */
export function createRoutes(app: App, { federation, readiness, streaming }: Parts) {
  // Not strict: apps put slashes at the end of the API's paths, and a route mounted here is matched by this router.
  return (
    new Hono<{ Bindings: HttpBindings }>({ strict: false })
      .use(measure(app))
      .route('/', healthRoutes(app, readiness))
      // Web apps look people and servers up from their own origins, and ask beforehand whether they may.
      .use('/.well-known/*', openToWebApps())
      .use('/nodeinfo/*', openToWebApps())
      .use(async (c, next) => {
        const connection = { readAddress: () => addressOf(app, c), incoming: c.env?.incoming }
        return (await federation.fetch(c.req.raw, connection)) ?? next()
      })
      .get('/media/*', (c) => mediaResponse(app.storage, c.req.path.slice('/media/'.length), c.req.raw))
      .route('/proxy', proxyRoutes(app))
      .route('/', apiRoutes(app, streaming))
      .route('/', webRoutes(app))
  )
}
