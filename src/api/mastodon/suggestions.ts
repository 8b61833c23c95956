import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '#src/app.ts'
import { listSuggestions } from '#src/db/discovery.ts'
import { insertDismissal } from '#src/db/personal-marks.ts'
import { type Env, requireScope } from '../bearer.ts'
import { clamped, query } from '../bodies.ts'
import { toAccount } from './entities/account.ts'
import { toSuggestion } from './entities/suggestion.ts'
import { idParam } from './params.ts'

const suggestionsQuery = z.object({ limit: clamped(1, 80, 40) })
const read = requireScope('read:accounts')

/** https://docs.joinmastodon.org/methods/suggestions/, mounted at `/api/v1/suggestions`. */
export function suggestionRoutes(app: App) {
  return new Hono<Env>()
    .get('/', read, query(suggestionsQuery), async (c) => {
      const { limit } = c.req.valid('query')
      const suggestions = await listSuggestions(app.db, c.var.viewer.accountId, limit)
      return c.json(suggestions.map((account) => toAccount(app, account)))
    })
    .delete('/:id', requireScope('write:accounts'), async (c) => {
      await insertDismissal(app.db, c.var.viewer.accountId, idParam(c))
      return c.json({})
    })
}

/** The same people with why they are suggested, mounted at `/api/v2/suggestions`. */
export function suggestionV2Routes(app: App) {
  return new Hono<Env>().get('/', read, query(suggestionsQuery), async (c) => {
    const { limit } = c.req.valid('query')
    const suggestions = await listSuggestions(app.db, c.var.viewer.accountId, limit)
    return c.json(suggestions.map((suggestion) => toSuggestion(app, suggestion)))
  })
}
