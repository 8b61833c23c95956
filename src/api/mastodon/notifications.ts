import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { countUnreadNotifications } from '#src/db/notification-lists.ts'
import { clearNotifications, dismissNotification } from '#src/db/notifications.ts'
import { readNotification, readNotifications } from '#src/timelines/notifications.ts'
import { type Env, requireScope } from '../bearer.ts'
import { query } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toNotification } from './entities/notification.ts'
import { filterQuery, readFilter, unreadQuery } from './notification-filter.ts'
import { notificationRequestRoutes } from './notification-requests.ts'
import { idParam } from './params.ts'

/** https://docs.joinmastodon.org/methods/notifications/, mounted at `/api/v1/notifications`. */
export function notificationRoutes(app: App) {
  const read = requireScope('read:notifications')
  const write = requireScope('write:notifications')
  return new Hono<Env>()
    .get('/', read, query(filterQuery), async (c) => {
      const filter = readFilter(c.req.valid('query'))
      if (filter === 'nothing') return c.json([])
      const page = readPage(c, { usual: 40, most: 80 })
      const { items, cursors } = await readNotifications(app, c.var.viewer.accountId, page, filter)
      linkPages(app, c, cursors)
      return c.json(items.map((view) => toNotification(app, view)))
    })
    .get('/unread_count', read, query(unreadQuery), async (c) => {
      const { limit, ...fields } = c.req.valid('query')
      const filter = readFilter(fields)
      if (filter === 'nothing') return c.json({ count: 0 })
      const { accountId } = c.var.viewer
      return c.json({ count: await countUnreadNotifications(app.db, accountId, { limit, filter }) })
    })
    .route('/requests', notificationRequestRoutes(app))
    .get('/:id', read, async (c) =>
      c.json(toNotification(app, await readNotification(app, c.var.viewer.accountId, idParam(c)))),
    )
    .post('/clear', write, async (c) => {
      await clearNotifications(app.db, c.var.viewer.accountId)
      return c.json({})
    })
    .post('/:id/dismiss', write, async (c) => {
      const { notification } = await readNotification(app, c.var.viewer.accountId, idParam(c))
      await dismissNotification(app.db, notification.account_id, notification.id)
      return c.json({})
    })
}
