import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { listMarkers, type MarkedTimeline, saveMarkers } from '#src/db/markers.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, idField, query } from '../bodies.ts'
import { toMarkers } from './entities/marker.ts'

const timelines: readonly MarkedTimeline[] = ['home', 'notifications']

const markersQuery = z.object({
  timeline: z
    .unknown()
    .optional()
    .transform((value) => {
      const wanted = [value].flat().map(String)
      return timelines.filter((timeline) => wanted.includes(timeline))
    }),
})

const position = z.object({ last_read_id: idField }).optional()
const markersForm = z.object({ home: position, notifications: position })

/** https://docs.joinmastodon.org/methods/markers/, mounted at `/api/v1/markers`. */
export function markerRoutes(app: App) {
  return new Hono<Env>()
    .get('/', requireScope('read:statuses'), query(markersQuery), async (c) => {
      const { timeline } = c.req.valid('query')
      return c.json(toMarkers(await listMarkers(app.db, c.var.viewer.accountId, timeline)))
    })
    .post('/', requireScope('write:statuses'), form(markersForm), async (c) => {
      const fields = c.req.valid('form')
      const markers = timelines.flatMap((timeline) => {
        const lastReadId = fields[timeline]?.last_read_id
        return lastReadId === undefined ? [] : [{ timeline, lastReadId }]
      })
      return c.json(toMarkers(await saveMarkers(app.db, c.var.viewer.accountId, markers)))
    })
}
