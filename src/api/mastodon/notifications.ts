import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import {
  clearNotifications,
  countUnreadNotifications,
  dismissNotification,
  type NotificationFilter,
} from '#src/db/notifications.ts'
import { readNotification, readNotifications } from '#src/timelines/notifications.ts'
import { type Env, requireScope } from '../bearer.ts'
import { optionalId, query } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { kindsOfTypes, toNotification } from './entities/notification.ts'
import { idParam } from './params.ts'

const typeList = z
  .unknown()
  .optional()
  .transform((value) => (value === undefined ? undefined : [value].flat().map(String)))

const filterQuery = z.object({
  types: typeList,
  exclude_types: typeList,
  account_id: optionalId.catch(undefined),
})

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
    .get('/unread_count', read, async (c) =>
      c.json({ count: await countUnreadNotifications(app.db, c.var.viewer.accountId) }),
    )
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

function readFilter(fields: z.output<typeof filterQuery>): NotificationFilter | 'nothing' {
  const kinds = fields.types && kindsOfTypes(fields.types)
  // An app that asks only for types we do not have gets none, not all.
  if (kinds?.length === 0) return 'nothing'
  return {
    ...(kinds && { kinds }),
    ...(fields.exclude_types && { excludeKinds: kindsOfTypes(fields.exclude_types) }),
    ...(fields.account_id && { fromAccountId: fields.account_id }),
  }
}
