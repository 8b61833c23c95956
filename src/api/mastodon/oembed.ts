import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { notFound } from '#src/base/errors.ts'
import { findVisibleNoteByUrl } from '#src/db/notes.ts'
import { isForEveryone } from '#src/db/visibility.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { clamped, query, textField } from '../bodies.ts'
import { toOembed } from './entities/oembed.ts'

const oembedQuery = z.object({
  url: textField,
  maxwidth: clamped(1, 10_000, 400),
  maxheight: clamped(0, 10_000, 0),
})

/** Public notes of ours for other pages: https://docs.joinmastodon.org/methods/oembed/, mounted at `/api/oembed`. */
export function oembedRoutes(app: App) {
  return new Hono().get('/', query(oembedQuery), async (c) => {
    const { url = '', maxwidth, maxheight } = c.req.valid('query')
    const note = await findVisibleNoteByUrl(app.db, url, null)
    if (!note?.is_local || note.boost_of_id !== null || !isForEveryone(note)) throw notFound()
    const view = await loadNoteView(app.db, note.id, null)
    return c.json(toOembed(app, view, { width: maxwidth, height: maxheight || null }))
  })
}
