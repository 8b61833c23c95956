import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import {
  acceptRequests,
  dismissRequests,
  readNotificationRequest,
  readNotificationRequests,
} from '#src/timelines/notification-requests.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, idList } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toNotificationRequest } from './entities/notification-request.ts'
import { idParam } from './params.ts'

const idsForm = z.object({ id: idList() })

/** https://docs.joinmastodon.org/methods/notifications/#get-requests, mounted at `/api/v1/notifications/requests`. */
export function notificationRequestRoutes(app: App) {
  const read = requireScope('read:notifications')
  const write = requireScope('write:notifications')
  return (
    new Hono<Env>()
      .get('/', read, async (c) => {
        const page = readPage(c, { usual: 40, most: 80 })
        const { items, cursors } = await readNotificationRequests(app, c.var.viewer.accountId, page)
        linkPages(app, c, cursors)
        return c.json(items.map((view) => toNotificationRequest(app, view)))
      })
      // What is accepted is let through at once: there is never anything to wait for.
      .get('/merged', read, (c) => c.json({ merged: true }))
      .post('/accept', write, form(idsForm), async (c) => {
        await acceptRequests(app, c.var.viewer.accountId, c.req.valid('form').id)
        return c.json({})
      })
      .post('/dismiss', write, form(idsForm), async (c) => {
        await dismissRequests(app, c.var.viewer.accountId, c.req.valid('form').id)
        return c.json({})
      })
      .get('/:id', read, async (c) => {
        const view = await readNotificationRequest(app, c.var.viewer.accountId, idParam(c))
        return c.json(toNotificationRequest(app, view))
      })
      .post('/:id/accept', write, async (c) => {
        if ((await acceptRequests(app, c.var.viewer.accountId, [idParam(c)])) === 0) throw notFound()
        return c.json({})
      })
      .post('/:id/dismiss', write, async (c) => {
        if ((await dismissRequests(app, c.var.viewer.accountId, [idParam(c)])) === 0) throw notFound()
        return c.json({})
      })
  )
}
