import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { readTrendingLinks, readTrendingNotes, readTrendingTags } from '#src/timelines/trends.ts'
import { allowScope, type Env } from '../bearer.ts'
import { clamped, query } from '../bodies.ts'
import { linkOffsets } from '../paging.ts'
import { toPreviewCard } from './entities/preview-card.ts'
import { toStatus } from './entities/status.ts'
import { viewerIdOf } from './params.ts'
import { presentTags } from './tags.ts'

const part = (usual: number, most: number) =>
  query(z.object({ limit: clamped(1, most, usual), offset: clamped(0, 10_000, 0) }))

/** https://docs.joinmastodon.org/methods/trends/, mounted at `/api/v1/trends`. */
export function trendRoutes(app: App) {
  const page = <T>(c: Context, asked: { limit: number; offset: number }, items: T[]) => {
    linkOffsets(app, c, { ...asked, count: items.length })
    return c.json(items)
  }
  return new Hono<Env>()
    .get('/tags', allowScope('read'), part(10, 20), async (c) => {
      const asked = c.req.valid('query')
      const trends = await readTrendingTags(app, asked)
      const tags = await presentTags(
        app,
        viewerIdOf(c),
        trends.map(({ subject }) => subject),
      )
      return page(
        c,
        asked,
        tags.map((tag, index) => ({ ...tag, history: trends[index]?.history ?? tag.history })),
      )
    })
    .get('/links', allowScope('read'), part(10, 20), async (c) => {
      const asked = c.req.valid('query')
      const trends = await readTrendingLinks(app, asked)
      return page(
        c,
        asked,
        trends.map(({ subject, history }) => ({ ...toPreviewCard(app, subject), history })),
      )
    })
    .get('/statuses', allowScope('read'), part(20, 40), async (c) => {
      const asked = c.req.valid('query')
      const views = await readTrendingNotes(app, viewerIdOf(c), asked)
      return page(
        c,
        asked,
        views.map((view) => toStatus(app, view)),
      )
    })
}
