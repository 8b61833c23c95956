import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError } from '#src/base/errors.ts'
import { listScheduled, loadScheduled, reschedule, unschedule } from '#src/notes/schedule.ts'
import { type Env, requireScope } from '../bearer.ts'
import { form, textField } from '../bodies.ts'
import { linkPages, readPage } from '../paging.ts'
import { toScheduledStatus } from './entities/scheduled-status.ts'
import { idParam } from './params.ts'

const scheduleForm = z.object({ scheduled_at: textField })

/** https://docs.joinmastodon.org/methods/scheduled_statuses/, mounted at `/api/v1/scheduled_statuses`. */
export function scheduledStatusRoutes(app: App) {
  const read = requireScope('read:statuses')
  const write = requireScope('write:statuses')
  return new Hono<Env>()
    .get('/', read, async (c) => {
      const views = await listScheduled(app, c.var.viewer.accountId, readPage(c))
      linkPages(
        app,
        c,
        views.map(({ scheduled }) => scheduled.id),
      )
      return c.json(views.map((view) => toScheduledStatus(app, view)))
    })
    .get('/:id', read, async (c) =>
      c.json(toScheduledStatus(app, await loadScheduled(app, c.var.viewer.accountId, idParam(c)))),
    )
    .put('/:id', write, form(scheduleForm), async (c) => {
      const { accountId } = c.var.viewer
      const id = idParam(c)
      const { scheduled_at } = c.req.valid('form')
      // Nothing else can be changed, and where nothing is said it stays.
      const view = scheduled_at
        ? await reschedule(app, accountId, id, momentOf(scheduled_at))
        : await loadScheduled(app, accountId, id)
      return c.json(toScheduledStatus(app, view))
    })
    .delete('/:id', write, async (c) => {
      await unschedule(app, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
}

/**
 * The moment an app writes, at the meridian of Greenwich unless it says where.
 * @throws AppError invalid
 */
export function momentOf(text: string): Date {
  const hasZone = /(?:z|utc|gmt|[+-]\d{2}:?\d{2})$/i.test(text.trim())
  const moment = new Date(hasZone ? text.trim() : `${text.trim()}Z`)
  const year = moment.getUTCFullYear()
  if (Number.isNaN(year) || year > 9_999) {
    throw new AppError('invalid', 'Validation failed: Scheduled at is invalid')
  }
  return moment
}
