import { type Context, Hono } from 'hono'
import type { App } from '#src/app.ts'
import { removeUnstorable } from '#src/base/html.ts'
import { listCurrentAnnouncements } from '#src/db/announcements.ts'
import {
  markAnnouncementRead,
  reactToAnnouncement,
  unreactToAnnouncement,
} from '#src/policies/announcements.ts'
import { type Env, requireScope } from '../bearer.ts'
import { toAnnouncement } from './entities/announcement.ts'
import { idParam } from './params.ts'

/** https://docs.joinmastodon.org/methods/announcements/, mounted at `/api/v1/announcements`. */
export function announcementRoutes(app: App) {
  const react = requireScope('write:favourites')
  return new Hono<Env>()
    .get('/', requireScope('read'), async (c) => {
      const announcements = await listCurrentAnnouncements(app.db, c.var.viewer.accountId, app.clock.now())
      return c.json(announcements.map((one) => toAnnouncement(app, one)))
    })
    .post('/:id/dismiss', requireScope('write:accounts'), async (c) => {
      await markAnnouncementRead(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
    .put('/:id/reactions/:name', react, async (c) => {
      await reactToAnnouncement(app, c.var.viewer.accountId, reactionIn(c))
      return c.json({})
    })
    .delete('/:id/reactions/:name', react, async (c) => {
      await unreactToAnnouncement(app, c.var.viewer.accountId, reactionIn(c))
      return c.json({})
    })
}

const reactionIn = (c: Context) => ({ id: idParam(c), typed: removeUnstorable(c.req.param('name') ?? '') })
