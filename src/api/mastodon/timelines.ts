import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { answersForStrangers } from '#src/base/answers-for-strangers.ts'
import type { PublicOptions } from '#src/db/timelines.ts'
import { readDirect, readHome, readLinking, readList, readPublic, readTag } from '#src/timelines/read.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { flag, query, textField, textList } from '../bodies.ts'
import { readPage } from '../paging.ts'
import { idParam, statusPage, viewerIdOf } from './params.ts'

// Mastodon's.
const mostTags = 4
const tags = textList(mostTags)

const publicFields = z.object({ local: flag, remote: flag, only_media: flag })
const tagFields = publicFields.extend({ any: tags, all: tags, none: tags })

const optionsFrom = ({ local, remote, only_media }: z.output<typeof publicFields>): PublicOptions => ({
  origin: local ? 'local' : remote ? 'remote' : 'all',
  onlyMedia: only_media,
})

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
    .get('/direct', requireScope('read:statuses'), async (c) =>
      statusPage(app, c, await readDirect(app, c.var.viewer.accountId, readPage(c))),
    )
    .get('/public', read, ...strangers, query(publicFields), async (c) => {
      const options = optionsFrom(c.req.valid('query'))
      return statusPage(app, c, await readPublic(app, viewerIdOf(c), readPage(c), options))
    })
    .get('/link', read, query(z.object({ url: textField })), async (c) => {
      const { url = '' } = c.req.valid('query')
      return statusPage(app, c, await readLinking(app, viewerIdOf(c), readPage(c), url))
    })
    .get('/list/:id', requireScope('read:lists'), async (c) =>
      statusPage(app, c, await readList(app, c.var.viewer.accountId, idParam(c), readPage(c))),
    )
    .get('/tag/:tag', read, ...strangers, query(tagFields), async (c) => {
      const { any, all, none, ...fields } = c.req.valid('query')
      const feed = { ...optionsFrom(fields), any, all, none, tag: c.req.param('tag') }
      return statusPage(app, c, await readTag(app, viewerIdOf(c), readPage(c), feed))
    })
}
