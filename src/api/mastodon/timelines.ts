import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { answersForStrangers } from '#src/base/answers-for-strangers.ts'
import type { PublicOptions } from '#src/db/timelines.ts'
import { readHome, readPublic, readTag } from '#src/timelines/read.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { flag, query } from '../bodies.ts'
import { readPage } from '../paging.ts'
import { statusPage, viewerIdOf } from './params.ts'

const publicQuery = z.object({ local: flag, remote: flag, only_media: flag }).transform(
  ({ local, remote, only_media }): PublicOptions => ({
    origin: local ? 'local' : remote ? 'remote' : 'all',
    onlyMedia: only_media,
  }),
)

const isStranger = (c: Context<Env>): boolean => !c.var.token && !c.var.viewer

/** What strangers get may be kept by whoever asks again whether it is still so. */
const mayBeKept: MiddlewareHandler<Env> = async (c, next) => {
  if (isStranger(c)) {
    c.header('cache-control', 'no-cache')
    c.header('vary', 'authorization')
  }
  await next()
}

/** https://docs.joinmastodon.org/methods/timelines/, mounted at `/api/v1/timelines`. */
export function timelineRoutes(app: App) {
  const read = allowScope('read:statuses')
  const strangers = [
    mayBeKept,
    answersForStrangers<Env>(app, (c) => (isStranger(c) ? c.req.url : undefined)),
  ] as const
  return new Hono<Env>()
    .get('/home', requireScope('read:statuses'), async (c) =>
      statusPage(app, c, await readHome(app, c.var.viewer.accountId, readPage(c))),
    )
    .get('/public', read, ...strangers, query(publicQuery), async (c) =>
      statusPage(app, c, await readPublic(app, viewerIdOf(c), readPage(c), c.req.valid('query'))),
    )
    .get('/tag/:tag', read, ...strangers, query(publicQuery), async (c) => {
      const feed = { ...c.req.valid('query'), tag: c.req.param('tag') }
      return statusPage(app, c, await readTag(app, viewerIdOf(c), readPage(c), feed))
    })
}
