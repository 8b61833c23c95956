import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { readBookmarks } from '#src/timelines/read.ts'
import { type Env, requireScope } from '../bearer.ts'
import { readPage } from '../paging.ts'
import { statusPage } from './params.ts'

/** https://docs.joinmastodon.org/methods/bookmarks/, mounted at `/api/v1/bookmarks`. */
export function bookmarkRoutes(app: App) {
  return new Hono<Env>().get('/', requireScope('read:bookmarks'), async (c) =>
    statusPage(app, c, await readBookmarks(app, c.var.viewer.accountId, readPage(c))),
  )
}
