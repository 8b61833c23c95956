import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { capabilitiesOf } from '#src/studio/capabilities.ts'
import { requireScope } from '../bearer.ts'
import { problemHandler } from '../errors.ts'
import { createApiFrame } from '../frame.ts'
import { toCapabilities } from './entities/capabilities.ts'
import { generationRoutes } from './generations.ts'
import { statusRoutes } from './statuses.ts'

/** Our own endpoints, for a token or a browser's session; mounted at `/api/pinxit/v1`. */
export function pinxitRoutes(app: App) {
  return createApiFrame(app, { errors: problemHandler, allowSession: true })
    .get('/capabilities', requireScope('read', 'write:media'), async (c) =>
      c.json(toCapabilities(await capabilitiesOf(app, c.var.viewer))),
    )
    .route('/generations', generationRoutes(app))
    .route('/statuses', statusRoutes(app))
    .all('*', () => {
      throw notFound()
    })
}
