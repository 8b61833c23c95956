import { Hono } from 'hono'
import type { App } from '#src/app.ts'
import { readLikes } from '#src/timelines/read.ts'
import { type Env, requireScope } from '../bearer.ts'
import { readPage } from '../paging.ts'
import { statusPage } from './params.ts'

/** https://docs.joinmastodon.org/methods/favourites/, mounted at `/api/v1/favourites`. */
export function favouriteRoutes(app: App) {
  return new Hono<Env>().get('/', requireScope('read:favourites'), async (c) =>
    statusPage(app, c, await readLikes(app, c.var.viewer.accountId, readPage(c))),
  )
}
