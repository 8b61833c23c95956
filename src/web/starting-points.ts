import { notFound } from '#src/base/errors.ts'
import { findQuotableNote } from '#src/db/quotes.ts'
import { loadNoteView } from '#src/notes/view.ts'
import { getRemixable } from '#src/remixes/parent.ts'
import type { Draft } from './drafts.ts'
import { narrower } from './replies.ts'
import { isId, type PageContext, type Viewer } from './session.ts'

/**
 * What a new draft begins with when it quotes a note or paints from its picture, of whose prompt it starts if that is
 * shared.
 * @throws AppError notFound, invalid for what the viewer may not quote or remix
 */
export async function startingPoint(
  c: PageContext,
  viewer: Viewer,
  visibility: Draft['visibility'],
): Promise<Partial<Draft>> {
  const { db } = c.var.visit.app
  const [quoteOf, remixOf] = [c.req.query('quote'), c.req.query('remix')]
  if (isId(quoteOf)) {
    const quoted = await findQuotableNote(db, quoteOf, viewer.account.id)
    if (!quoted) throw notFound()
    return { quoteOf: quoted.id, visibility: narrower(visibility, quoted.visibility) }
  }
  if (!isId(remixOf)) return {}
  const parent = await getRemixable(db, viewer.account.id, remixOf)
  const { note, media } = await loadNoteView(db, parent.id, viewer.account.id)
  const prompt = media.find((one) => one.prompt !== null)?.prompt
  const isShared = note.prompt_visibility === 'public' && prompt
  return { remixOf: note.id, ...(isShared && { prompt }) }
}
