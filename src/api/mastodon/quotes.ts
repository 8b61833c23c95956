import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { AppError, notFound } from '#src/base/errors.ts'
import { getVisibleOriginal } from '#src/db/notes.ts'
import { listQuoteIds } from '#src/db/quotes.ts'
import type { QuotePolicy } from '#src/db/tables.ts'
import { changeQuotePolicy, revokeQuote } from '#src/notes/quote.ts'
import { loadNoteViews } from '#src/notes/view.ts'
import { allowScope, type Env, requireScope } from '../bearer.ts'
import { form, isId, textField } from '../bodies.ts'
import { readPage } from '../paging.ts'
import { fromQuotePolicy } from './entities/quote.ts'
import { toStatus } from './entities/status.ts'
import { idParam, statusPage, viewerIdOf } from './params.ts'

const policyForm = z.object({ quote_approval_policy: textField })

/** The part of https://docs.joinmastodon.org/methods/statuses/ that is about quotes. */
export function quoteRoutes(app: App) {
  const write = requireScope('write:statuses')
  return new Hono<Env>()
    .get('/:id/quotes', allowScope('read:statuses'), async (c) => {
      const note = await getVisibleOriginal(app.db, idParam(c), viewerIdOf(c))
      const cursors = await listQuoteIds(app.db, note.id, viewerIdOf(c), readPage(c))
      const items = await loadNoteViews(app.db, cursors, viewerIdOf(c))
      return statusPage(app, c, { items, cursors })
    })
    .post('/:id/quotes/:quoting/revoke', write, async (c) => {
      const quotingId = c.req.param('quoting')
      if (!isId(quotingId)) throw notFound()
      return c.json(toStatus(app, await revokeQuote(app, c.var.viewer.accountId, idParam(c), quotingId)))
    })
    .put('/:id/interaction_policy', write, form(policyForm), async (c) => {
      const policy = quotePolicyOf(c.req.valid('form').quote_approval_policy)
      return c.json(toStatus(app, await changeQuotePolicy(app, c.var.viewer.accountId, idParam(c), policy)))
    })
}

/** Undefined where none is given. Throws AppError invalid for an unknown one. */
export function quotePolicyOf(name: string | undefined): QuotePolicy | undefined {
  if (!name) return undefined
  const policy = fromQuotePolicy(name)
  if (!policy) {
    throw new AppError('invalid', 'Validation failed: Quote approval policy is not included in the list')
  }
  return policy
}
