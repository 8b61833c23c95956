import { type Context, Hono } from 'hono'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { type Lineage, readLineage } from '#src/timelines/lineage.ts'
import { allowScope, type Env } from '../bearer.ts'
import { isId } from '../bodies.ts'
import { toRemixItem } from '../mastodon/entities/status.ts'
import { linkPages, readPage } from '../paging.ts'

/** What we know of notes beyond the Mastodon API; mounted at `/api/pinxit/v1/statuses`. */
export function statusRoutes(app: App) {
  return new Hono<Env>({ strict: false }).get('/:id/lineage', allowScope('read:statuses'), async (c) => {
    const page = readPage(c, { usual: 40, most: 40 })
    const lineage = await readLineage(app, c.var.viewer?.accountId ?? null, noteIdOf(c), page)
    linkPages(app, c, lineage.remixes.cursors)
    return c.json(toLineage(app, lineage))
  })
}

function toLineage(app: App, { ancestors, remixes, remixCount }: Lineage) {
  return {
    ancestors: ancestors.map((ancestor) => toRemixItem(app, ancestor)),
    remixes: remixes.items.map((view) => toRemixItem(app, { uri: view.note.uri, state: 'available', view })),
    remix_count: remixCount,
  }
}

function noteIdOf(c: Context): string {
  const id = c.req.param('id')
  if (!isId(id)) throw notFound()
  return id
}
